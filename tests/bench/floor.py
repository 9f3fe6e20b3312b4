"""Bare views to compare the pages with.

/floor/… does by hand what each page must do: it reads the login with its user, roles and clinic in one statement and
the page's rows in another, writes as many bytes as the page, escaped, and inserts the audit entry with its patients.

/floor/save/ does what saving a row of a session must do: it locks and reads the row, updates it, and inserts the audit
entry with its patient, in one transaction.

/bare/… is what the pages were compared with before: one statement, and its rows as the least HTML that shows them.
"""

import uuid
from html import escape
from itertools import chain, repeat

from django.conf import settings
from django.db import connection, transaction
from django.http import HttpResponse
from django.urls import path
from django.utils import timezone
from django.utils.html import escape as escape_by_django

from clinic.accounts.hashed_sessions import stored_key
from tests.bench.statements import STATEMENTS, WITHOUT_PATIENTS

LOGIN = """
    SELECT s.session_data, u.*, c.*, array(SELECT g.name FROM clinic_user_groups m
    JOIN auth_group g ON g.id = m.group_id WHERE m.user_id = u.id)
    FROM django_session s JOIN clinic_user u ON u.id = %s JOIN clinic_clinic c ON c.id = 1
    WHERE s.session_key = %s AND s.expire_date > %s
"""
AUDIT = """
    WITH entry AS (
        INSERT INTO clinic_auditentry (at, actor_id, roles, action, object_type, object_id, outcome, route, request_id,
            nonce, seal_digits, mac)
        VALUES (%s, %s, %s, 'read', '', NULL, 'done', %s, %s, gen_random_uuid(), '', '') RETURNING id
    )
    INSERT INTO clinic_auditedpatient (entry_id, patient_id)
    SELECT entry.id, patient FROM entry, unnest(%s::bigint[]) AS patient
"""
LOCK = """
    SELECT v.patient_id, i.* FROM planning_injection i JOIN planning_injectionsession s ON s.id = i.session_id
    JOIN patients_visit v ON v.id = s.visit_id WHERE i.id = %s FOR NO KEY UPDATE OF i
"""
UPDATE = "UPDATE planning_injection SET note = %s WHERE id = %s"
BEGINS = "<!doctype html><title>floor</title><table>"


def floor(request, name):
    parameters = request.GET.dict()
    user, size = parameters.pop("user"), int(parameters.pop("bytes"))
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(LOGIN, [user, stored_key(request.COOKIES[settings.SESSION_COOKIE_NAME]), now])
        roles = cursor.fetchone()[-1]
        cursor.execute(STATEMENTS[name], parameters)
        rows = cursor.fetchall()
        if name not in WITHOUT_PATIENTS:
            patients = list({row[0] for row in rows})
            cursor.execute(AUDIT, [now, user, ", ".join(roles), f"floor:{name}", uuid.uuid4().hex, patients])
    return HttpResponse(page_of(rows, size))


def save(request):
    user, row, size = (int(request.GET[name]) for name in ("user", "row", "bytes"))
    now, request_id = timezone.now(), uuid.uuid4().hex
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(LOCK, [row])
        rows = cursor.fetchall()
        cursor.execute(UPDATE, [f"note {request_id[:4]}", row])
        cursor.execute(AUDIT, [now, user, "neurologist", "floor:save", request_id, [rows[0][0]]])
    return HttpResponse(page_of(rows, size))


def page_of(rows, size):
    """All rows, and again from the first one, until the page has its size. Each cell is escaped each time."""
    lines, length = [BEGINS], len(BEGINS)
    for row in chain(rows, chain.from_iterable(repeat(rows or [("No rows",)]))):
        if length >= size and len(lines) > len(rows):
            break
        lines.append("<tr>" + "".join([f"<td>{'' if cell is None else escape(str(cell))}" for cell in row]))
        length += len(lines[-1])
    return "".join(lines).encode()


def bare(request, name):
    with connection.cursor() as cursor:
        cursor.execute(STATEMENTS[name], request.GET.dict())
        rows = cursor.fetchall()
    lines = "".join(f"<tr>{''.join(f'<td>{escape_by_django(cell)}' for cell in row)}" for row in rows)
    return HttpResponse(f"<!doctype html><title>{name}</title><table>{lines}</table>")


urlpatterns = [
    path("floor/save/", save),
    path("floor/<slug:name>/", floor),
    path("bare/<slug:name>/", bare),
]
