"""DATABASE_URL and REPLICA_URL: one host, or those of a cluster, of which one takes writes at a time."""

import re
import warnings
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

ENGINES = {"django.db.backends.postgresql", "django.db.backends.sqlite3"}
POSTGRESQL = "clinic.records.postgresql"


def database(url, *, name="DATABASE_URL", role="read-write"):
    """`role`: what libpq must find at one of several hosts."""
    with warnings.catch_warnings(action="ignore"):
        try:
            config = environ.Env.db_url_config(readable(url))
        except ValueError:
            config = {}
    if config.get("ENGINE") not in ENGINES or not config.get("NAME"):
        raise ImproperlyConfigured(
            f"{name} cannot be read. Write it as postgres://user:password@host:5432/name or sqlite:////path/file."
        )
    if "," in config.get("HOST", ""):
        _refuse_unclear_hosts(url, config, name, role)
        config["HOST"] = re.sub(r"[\[\]]", "", config["HOST"])  # of IPv6 addresses
    return config


def readable(url):
    """For urlsplit, which refuses an IPv6 address in brackets that follows another host (Python 3.11.12 and newer)."""
    before, hosts, after = re.fullmatch(r"(\w*:?//(?:[^/?]*@)?)?([^/?]*)(.*)", url, re.DOTALL).groups("")
    return before + (hosts.replace("[", "%5B").replace("]", "%5D") if "," in hosts else hosts) + after


def _refuse_unclear_hosts(url, config, name, role):
    hosts = urlsplit(readable(url)).netloc.rpartition("@")[2].split(",")
    if len({bool(re.search(r":\d+$", host)) for host in hosts}) > 1:
        raise ImproperlyConfigured(f"{name} names a port for some hosts only. Name it for each of them, or for none.")
    if config.get("OPTIONS", {}).get("target_session_attrs") != role:
        raise ImproperlyConfigured(f"{name} names several hosts. Add ?target_session_attrs={role} to it.")


def postgresql(config):
    """As Django needs it: no host, lock or statement makes a request wait for long. Options of the URL win."""
    several = "," in config.get("HOST", "")
    limits = {
        "connect_timeout": 2 if several else 5,  # for each host
        "keepalives_idle": 2 if several else 10,
        "keepalives_interval": 1 if several else 3,
        "keepalives_count": 2 if several else 3,
        "tcp_user_timeout": 3_000 if several else 10_000,  # milliseconds
    }
    options = config.get("OPTIONS", {})
    lock = f"-c lock_timeout={5 if several else 10}s"
    return {
        **config,
        "ENGINE": POSTGRESQL,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        # A cursor of the server belongs to one session of it. PgBouncer gives each transaction another one.
        "DISABLE_SERVER_SIDE_CURSORS": True,
        "OPTIONS": {**limits, **options, "options": f"{lock} {options.get('options', '')}".strip()},
    }
