"""The latest signed record of each session that counts, and rows read through the connection of a snapshot."""

import json

from django.db.models import Exists, OuterRef
from django.db.models.functions import Coalesce

from planning.sessions.models.session import InjectionSession
from planning.signing.models.signed_record import SignedRecord


def read(rows, connection):
    """The rows of a values_list(), read in portions. The connection of a snapshot has no alias for using()."""
    return rows.query.get_compiler(connection=connection).results_iter(chunked_fetch=True)


def person_of(path=""):
    """The record that leads those of one person; `path` leads to the patient."""
    return Coalesce(f"{path}same_as_id", f"{path}pk")


def latest_records(connection, patients=None):
    """(record number, content, id of the person): without sessions that are marked as entered in error.

    `patients` are ids; of all, if it is None.
    """
    later = SignedRecord.objects.filter(session=OuterRef("session"), number__gt=OuterRef("number"))
    records = SignedRecord.objects.filter(~Exists(later), session__in=InjectionSession.objects.counted())
    if patients is not None:
        records = records.filter(session__visit__patient__in=patients)
    rows = records.annotate(person=person_of("session__visit__patient__")).order_by("pk")
    for number, text, person in read(rows.values_list("number", "content_text", "person"), connection):
        yield number, json.loads(text), person
