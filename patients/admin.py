"""Django looks here for the admin classes."""

from patients.diary import admin  # noqa: F401
