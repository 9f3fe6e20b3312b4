"""Checks of the environment before Collum starts, above all in production.

Each raises ImproperlyConfigured with the name of the setting, and without its value if that contains a password.
"""

import ipaddress
import itertools
import logging
import re
import warnings
from enum import Enum

import environ
from django.core.exceptions import ImproperlyConfigured

DEVELOPMENT_SECRET = "development-only-secret-that-production-refuses"  # noqa: S105
SHORTEST_SECRET = 50
FEWEST_DIFFERENT_PAIRS = 30  # of neighbouring characters; a repeated text has few
DATABASES = {"django.db.backends.postgresql", "django.db.backends.sqlite3"}
HOST_NAME = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*", re.IGNORECASE)


class Environment(Enum):
    DEVELOPMENT = "development"
    PRODUCTION = "production"

    @classmethod
    def _missing_(cls, value):
        raise ImproperlyConfigured(f"COLLUM_ENV is “{value}”; it must be “development” or “production”.")


def whole_number(name, text):
    if not (text.isascii() and text.isdecimal() and int(text) > 0):
        raise ImproperlyConfigured(f"{name} is “{text}”; it must be a whole number above 0.")
    return int(text)


def yes_or_no(name, text):
    if text.lower() not in ("true", "false"):
        raise ImproperlyConfigured(f"{name} is “{text}”; it must be “true” or “false”.")
    return text.lower() == "true"


def log_level(text):
    if text not in logging.getLevelNamesMapping():
        raise ImproperlyConfigured(f"LOG_LEVEL is “{text}”; it must be DEBUG, INFO, WARNING or ERROR.")
    return text


def path_prefix(text):
    """“/collum” if Collum is at https://host/collum/, otherwise empty."""
    if text and not re.fullmatch(r"(/[A-Za-z0-9._~-]+)+", text):
        raise ImproperlyConfigured(f"SCRIPT_NAME is “{text}”; it must begin with “/” and not end with it: /collum.")
    return text


def database(url):
    with warnings.catch_warnings(action="ignore"):
        try:
            config = environ.Env.db_url_config(url)
        except ValueError:
            config = {}
    if config.get("ENGINE") not in DATABASES or not config.get("NAME"):
        raise ImproperlyConfigured(
            "DATABASE_URL cannot be read. Write it as postgres://user:password@host:5432/name or sqlite:////path/file."
        )
    return config


def email(url):
    try:
        return environ.Env.email_url_config(url)
    except (ImproperlyConfigured, ValueError) as error:
        raise ImproperlyConfigured(
            "EMAIL_URL cannot be read. Write it as smtp+tls://user:password@host:587."
        ) from error


def refuse_unsafe(*, is_production, is_named, secret_key, debug, allowed_hosts, database):
    """`is_named`: whether COLLUM_ENV is set. Without it, Collum serves only this machine."""
    _refuse_hosts(allowed_hosts)
    if not is_production:
        others = [host for host in allowed_hosts if not _is_this_machine(host)]
        if others and not is_named:
            raise ImproperlyConfigured(
                f"COLLUM_ENV is missing, and ALLOWED_HOSTS contains “{others[0]}”. Set COLLUM_ENV to “production”."
            )
        if others:
            _refuse_weak(secret_key)
        return
    if debug:
        raise ImproperlyConfigured("DEBUG is on. Switch it off in production: its error pages would show patients.")
    _refuse_weak(secret_key)
    if not allowed_hosts:
        raise ImproperlyConfigured("ALLOWED_HOSTS is missing. Name the hosts that serve Collum.")
    if database.get("ENGINE") != "django.db.backends.postgresql":
        raise ImproperlyConfigured("DATABASE_URL must name a PostgreSQL database in production.")


def _refuse_weak(secret_key):
    if not secret_key:
        raise ImproperlyConfigured("SECRET_KEY is missing. Set it to a long random string.")
    pairs = set(itertools.pairwise(secret_key))
    weak = len(secret_key) < SHORTEST_SECRET or len(pairs) < FEWEST_DIFFERENT_PAIRS
    if weak or secret_key == DEVELOPMENT_SECRET or secret_key.startswith("django-insecure"):
        raise ImproperlyConfigured(
            f"SECRET_KEY is weak. Set it to a random string of at least {SHORTEST_SECRET} characters."
        )


def _refuse_hosts(hosts):
    for host in hosts:
        if host in {"*", "."}:
            raise ImproperlyConfigured(f"ALLOWED_HOSTS contains “{host}”. Name the hosts that serve Collum.")
        if not _is_host(host):
            raise ImproperlyConfigured(f"ALLOWED_HOSTS contains “{host}”, which is not the name of a host.")


def _is_host(host):
    if _address(host) is not None:
        return True
    name = host.removeprefix(".")
    if not HOST_NAME.fullmatch(name) or name.rpartition(".")[2].isdecimal():
        return False
    # “.example” would allow every host of a whole top-level domain.
    return not host.startswith(".") or "." in name


def _is_this_machine(host):
    address = _address(host)
    if address is not None:
        return address.is_loopback
    return host == "localhost" or host.endswith(".localhost")


def _address(host):
    try:
        return ipaddress.ip_address(host.removeprefix("[").removesuffix("]"))
    except ValueError:
        return None


def time_limits(options):
    """Options of a PostgreSQL connection: a lost host or a lock ends a request soon. `options` of the URL win."""
    limits = {
        "connect_timeout": 5,
        "keepalives_idle": 10,
        "keepalives_interval": 3,
        "keepalives_count": 3,
        "tcp_user_timeout": 10_000,  # milliseconds
    }
    return {**limits, **options, "options": f"-c lock_timeout=10s {options.get('options', '')}".strip()}
