"""Django looks here for the admin classes."""

from planning.catalogue import admin  # noqa: F401
