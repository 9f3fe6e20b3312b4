"""Django looks here for what the admin site shows."""

from clinic.accounts import admin  # noqa: F401
