"""Database guards: that data left Collum stays recorded."""

from clinic.records.triggers import append_only

GUARDS = append_only("planning_dataexport")
