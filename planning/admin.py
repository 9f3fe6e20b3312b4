"""Django looks here for the admin classes."""

from planning.catalogue import admin as catalogue  # noqa: F401
from planning.letters import admin as letters  # noqa: F401
