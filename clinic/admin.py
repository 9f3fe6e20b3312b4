"""Django looks here for the admin classes."""

from clinic.accounts import admin  # noqa: F401
