"""The project package."""

from clinic.records import sqlite

# Before Django imports its database backend.
sqlite.replace_unsafe()
