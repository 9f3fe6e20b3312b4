"""Builders that read aloud; each makes what it needs by the actions that the app itself uses."""

from tests.builders.of_people import *  # noqa: F403
from tests.builders.of_records import *  # noqa: F403
