"""What the database role of the server may do. In production, it owns neither tables nor triggers.

Otherwise the same password that serves pages could remove a trigger, and change what is only added to.
"""

from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from clinic.records import triggers

HINT = (
    "Let deploy/postgresql-roles.sql create the roles. Run “manage.py migrate” as collum_owner, and Collum as "
    "collum_app."
)

_ROLE = """
    SELECT rolsuper, rolcreaterole, rolbypassrls, has_schema_privilege(current_schema(), 'CREATE'), rolreplication
    FROM pg_roles WHERE rolname = current_user
"""
_OWNED = """
    SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')
    AND pg_has_role(relowner, 'MEMBER') ORDER BY relname
"""
_PRIVILEGES = """
    SELECT relname, privilege FROM pg_class, unnest(ARRAY['TRUNCATE', 'TRIGGER', 'UPDATE', 'DELETE']) AS privilege
    WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')
    AND (privilege IN ('TRUNCATE', 'TRIGGER') OR relname = ANY(%s)) AND has_table_privilege(oid, privilege)
    ORDER BY relname, privilege
"""
_OTHER_GRANTEES = """
    SELECT DISTINCT relname, COALESCE(rolname, 'PUBLIC') FROM pg_class, aclexplode(relacl) AS granted
    LEFT JOIN pg_roles ON pg_roles.oid = granted.grantee
    WHERE relnamespace = current_schema()::regnamespace AND relname = ANY(%s) AND granted.grantee <> relowner
    AND privilege_type IN ('UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER')
"""


def excessive():
    """What the current role may do and should not, each as a message."""
    if connection.vendor != "postgresql":
        return []
    names = ("is a superuser", "can create roles", "bypasses row security", "can create tables", "can replicate")
    with connection.cursor() as cursor:
        cursor.execute(_ROLE)
        found = [name for name, is_so in zip(names, cursor.fetchone(), strict=True) if is_so]
        cursor.execute(_OWNED)
        if owned := [name for (name,) in cursor.fetchall()]:
            found.append(f"owns {_named(owned)}")
        cursor.execute(_PRIVILEGES, [triggers.append_only_tables()])
        if granted := [f"{privilege} on {name}" for name, privilege in cursor.fetchall()]:
            found.append(f"has {_named(granted)}")
    return found


def _named(names):
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def excess_text():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        (role,) = cursor.fetchone()
    return f"The database role {role} has too many privileges: it {', '.join(excessive())}."


def refuse_excessive_privileges():
    """Raises ImproperlyConfigured in production. A role that can change the audit trail is no role for a server."""
    if settings.PRODUCTION and not settings.TRUST_DATABASE_ROLE and excessive():
        raise ImproperlyConfigured(f"{excess_text()} {HINT}")


@checks.register(checks.Tags.database)
def role_has_few_privileges(app_configs, databases=None, **kwargs):
    if not (databases and settings.PRODUCTION and excessive()):
        return []
    return [checks.Warning(excess_text(), hint=f"{HINT} For migrations, this is as it should be.", id="clinic.W002")]


def withdraw_after_migrate(sender, **kwargs):
    """From every role but the owner: the privilege to change what is only added to. New tables got it by default."""
    if connection.vendor != "postgresql":
        return
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute(_OTHER_GRANTEES, [triggers.append_only_tables()])
        for table, role in cursor.fetchall():
            grantee = role if role == "PUBLIC" else quote(role)
            cursor.execute(f"REVOKE UPDATE, DELETE, TRUNCATE, TRIGGER ON {quote(table)} FROM {grantee}")
