"""Checks of the environment before Collum starts, above all in production.

Each raises ImproperlyConfigured with the name of the setting, and without its value if that contains a password.
"""

import base64
import binascii
import ipaddress
import itertools
import logging
import re
from enum import Enum

import environ
from django.core.exceptions import ImproperlyConfigured

DEVELOPMENT_SECRET = "development-only-secret-that-production-refuses"  # noqa: S105
# Base64 of a text of 32 bytes, so that secret scanners and people recognise it.
DEVELOPMENT_FACTOR_KEY = "ZGV2ZWxvcG1lbnQtb25seS1zZWNvbmQtZmFjdG9yLWs="
KEY_BYTES = 32
DEVELOPMENT_AUDIT_KEYS = "development:development-only-audit-key-that-production-refuses"
SHORTEST_SECRET = 50
FEWEST_DIFFERENT_PAIRS = 30  # of neighbouring characters; a repeated text has few
TLS_MODES = {"require", "verify-ca", "verify-full"}  # the others of PostgreSQL’s client go on in clear
HOST_NAME = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*", re.IGNORECASE)


class Environment(Enum):
    DEVELOPMENT = "development"
    PRODUCTION = "production"

    @classmethod
    def _missing_(cls, value):
        raise ImproperlyConfigured(f"COLLUM_ENV is “{value}”; it must be “development” or “production”.")


class SecondFactor(Enum):
    OFFERED = "offered"
    REQUIRED = "required"

    @classmethod
    def _missing_(cls, value):
        raise ImproperlyConfigured(f"SECOND_FACTOR is “{value}”; it must be “required” or “offered”.")


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


def audit_keys(text):
    """The keys of the audit trail by id, from “id:secret,id:secret”. The first is for new MACs, the others verify."""
    keys = {}
    for part in filter(None, map(str.strip, text.split(","))):
        name, _, secret = part.partition(":")
        if not re.fullmatch(r"[A-Za-z0-9-]{1,20}", name) or not secret:
            raise ImproperlyConfigured("AUDIT_KEYS cannot be read. Write it as id:secret, or id:secret,id:secret.")
        if name in keys:
            raise ImproperlyConfigured(f"AUDIT_KEYS contains the id “{name}” twice. Give each key an id of its own.")
        keys[name] = secret.encode()
    return keys


def email(url):
    try:
        return environ.Env.email_url_config(url)
    except (ImproperlyConfigured, ValueError) as error:
        raise ImproperlyConfigured(
            "EMAIL_URL cannot be read. Write it as smtp+tls://user:password@host:587."
        ) from error


def refuse_unsafe(
    *, is_production, is_named, secret_key, factor_keys, audit_keys, debug, allowed_hosts, database, without_tls
):
    """`is_named`: whether COLLUM_ENV is set. Without it, Collum serves only this machine."""
    _refuse_hosts(allowed_hosts)
    _refuse_unreadable_keys(factor_keys)
    if not is_production:
        others = [host for host in allowed_hosts if not _is_this_machine(host)]
        if others and not is_named:
            raise ImproperlyConfigured(
                f"COLLUM_ENV is missing, and ALLOWED_HOSTS contains “{others[0]}”. Set COLLUM_ENV to “production”."
            )
        if others:
            _refuse_weak_secrets(secret_key, factor_keys, audit_keys)
        return
    if debug:
        raise ImproperlyConfigured("DEBUG is on. Switch it off in production: its error pages would show patients.")
    _refuse_weak_secrets(secret_key, factor_keys, audit_keys)
    if not allowed_hosts:
        raise ImproperlyConfigured("ALLOWED_HOSTS is missing. Name the hosts that serve Collum.")
    if database.get("ENGINE") != "django.db.backends.postgresql":
        raise ImproperlyConfigured("DATABASE_URL must name a PostgreSQL database in production.")
    if not without_tls:
        _refuse_database_without_tls(database)


def _refuse_database_without_tls(database):
    """A database on another machine: who can read its network would see and change everything."""
    options = database.get("OPTIONS", {})
    named = ",".join([database.get("HOST") or options.get("host", ""), options.get("hostaddr", "")])
    others = [host for host in named.split(",") if host and not host.startswith("/") and not _is_this_machine(host)]
    if others and options.get("sslmode") not in TLS_MODES:
        raise ImproperlyConfigured(
            f"DATABASE_URL names the host “{others[0]}” without demanding TLS. Add ?sslmode=verify-full to it, with "
            "the certificate of its authority in sslrootcert. If that network needs no TLS, set "
            "DATABASE_WITHOUT_TLS=true."
        )


def _refuse_weak(name, secret):
    if not secret:
        raise ImproperlyConfigured(f"{name} is missing. Set it to a long random string.")
    pairs = set(itertools.pairwise(secret))
    weak = len(secret) < SHORTEST_SECRET or len(pairs) < FEWEST_DIFFERENT_PAIRS
    if weak or secret == DEVELOPMENT_SECRET or secret.startswith("django-insecure"):
        raise ImproperlyConfigured(
            f"{name} is weak. Set it to a random string of at least {SHORTEST_SECRET} characters."
        )


def _refuse_weak_secrets(secret_key, factor_keys, audit_keys):
    _refuse_weak("SECRET_KEY", secret_key)
    _refuse_known_keys(factor_keys)
    _refuse_weak_audit_keys(audit_keys)


def _refuse_unreadable_keys(keys):
    for number, key in enumerate(keys, start=1):
        try:
            decoded = base64.b64decode(key.encode().translate(bytes.maketrans(b"-_", b"+/")), validate=True)
        except (binascii.Error, UnicodeEncodeError):
            decoded = b""
        if len(decoded) != KEY_BYTES:
            raise ImproperlyConfigured(
                f"SECOND_FACTOR_KEYS: key {number} is not {KEY_BYTES} random bytes in Base64. "
                f"Create one with: openssl rand -base64 {KEY_BYTES}"
            )


def _refuse_known_keys(keys):
    if not keys:
        raise ImproperlyConfigured(
            f"SECOND_FACTOR_KEYS is missing. Set it to a key from: openssl rand -base64 {KEY_BYTES}"
        )
    if DEVELOPMENT_FACTOR_KEY in keys:
        raise ImproperlyConfigured("SECOND_FACTOR_KEYS contains the published key of the development. Replace it.")


def _refuse_weak_audit_keys(keys):
    if not keys:
        raise ImproperlyConfigured("AUDIT_KEYS is missing. Set it to an id and a long random string: 2026:….")
    if DEVELOPMENT_AUDIT_KEYS.partition(":")[2].encode() in keys.values():
        raise ImproperlyConfigured("AUDIT_KEYS contains the key for development, which is published.")
    for secret in keys.values():
        _refuse_weak("AUDIT_KEYS", secret.decode())


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


def cookie_names(*, is_production, prefix):
    """Browsers take a cookie with such a name only over TLS, and with __Host- only from this very host."""
    bound = ("__Secure-" if prefix else "__Host-") if is_production else ""
    return f"{bound}sessionid", f"{bound}csrftoken"


def not_redirected(*, prefix):
    """Paths that are not redirected to TLS: probes do not need it, and TlsMiddleware rejects programs."""
    return [rf"^{re.escape(prefix.lstrip('/'))}/?(healthz$|readyz$|api/|calendar/[^/]+\.ics$)"]


def add_headers_to_static_file(headers, path, url):
    """A static file that is opened by itself runs no script and is in no frame."""
    headers["Content-Security-Policy"] = "script-src 'none'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
