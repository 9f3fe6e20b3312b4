"""Checks of the environment before Collum starts, above all in production."""

from enum import Enum

from django.core.exceptions import ImproperlyConfigured

DEVELOPMENT_SECRET = "development-only-secret-that-production-refuses"  # noqa: S105
SHORTEST_SECRET = 50
FEWEST_DIFFERENT_CHARACTERS = 10


class Environment(Enum):
    DEVELOPMENT = "development"
    PRODUCTION = "production"

    @classmethod
    def _missing_(cls, value):
        raise ImproperlyConfigured(f"COLLUM_ENV is “{value}”; it must be “development” or “production”.")


def whole_number(name, text):
    """A positive whole number. Raises ImproperlyConfigured with the name of the setting if it is not one."""
    if not (text.isascii() and text.isdecimal() and int(text) > 0):
        raise ImproperlyConfigured(f"{name} is “{text}”; it must be a whole number above 0.")
    return int(text)


def refuse_unsafe(*, secret_key, debug, allowed_hosts, database):
    """Raises ImproperlyConfigured with the name of the setting if production would not be safe."""
    if not secret_key:
        raise ImproperlyConfigured("SECRET_KEY is missing. Set it to a long random string.")
    weak = len(secret_key) < SHORTEST_SECRET or len(set(secret_key)) < FEWEST_DIFFERENT_CHARACTERS
    if weak or secret_key == DEVELOPMENT_SECRET or secret_key.startswith("django-insecure"):
        raise ImproperlyConfigured(
            f"SECRET_KEY is weak. Set it to a random string of at least {SHORTEST_SECRET} characters."
        )
    if debug:
        raise ImproperlyConfigured("DEBUG is on. Switch it off in production: its error pages would show patients.")
    if not allowed_hosts:
        raise ImproperlyConfigured("ALLOWED_HOSTS is missing. Name the hosts that serve Collum.")
    if any(host.strip() in {"*", "."} for host in allowed_hosts):
        raise ImproperlyConfigured("ALLOWED_HOSTS contains “*”. Name the hosts that serve Collum.")
    if database.get("ENGINE") != "django.db.backends.postgresql":
        raise ImproperlyConfigured("DATABASE_URL must name a PostgreSQL database in production.")
