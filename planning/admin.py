"""Django looks here for what the admin site shows."""

from planning.catalogue import admin  # noqa: F401
