"""How SQLite finds rows by a lot, or by a reference or a date that is empty in almost all rows, after ANALYZE."""

import datetime as dt
import re

import pytest
from django.db import connection

from patients.models import Patient, Visit, VisitState
from planning.models import InjectionSession
from planning.reports.lot_search import look_up
from tests import builders
from tests.planning.reports.recalls import LOT, with_lot

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="plans of SQLite"),
]

MANY, A_MINUTE = 300, dt.timedelta(minutes=1)
QUERIES = {
    "list of visits": lambda: Visit.objects.select_related("moved_to").order_by("starts_at", "pk")[:100],
    "joined records": lambda: Patient.objects.filter(same_as__in=range(100)),
    "sessions given on": lambda: InjectionSession.objects.given_between(builders.today(), builders.today()),
}


def analyze(patient, visit, session, row):
    """Store so many copies of each, in which the reference is empty, and let SQLite count them."""
    days = [visit.starts_at - dt.timedelta(days=number) for number in range(1, MANY + 1)]
    copies(patient, [{"record_number": f"COPY-{number}"} for number in range(MANY)])
    visits = copies(visit, [{"state": VisitState.NO_SHOW, "starts_at": day, "ends_at": day + A_MINUTE} for day in days])
    copies(session, [{"visit_id": each.pk} for each in visits])
    copies(row, [{"removed_at": day} for day in days])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def copies(row, changes):
    fields = [field for field in row._meta.concrete_fields if not (field.primary_key or field.generated)]
    values = {field.attname: getattr(row, field.attname) for field in fields}
    return type(row)._base_manager.bulk_create([type(row)(**{**values, **changed}) for changed in changes])


def test_empty_references_are_found_by_an_index(neurologist):
    session = builders.a_planned_session(by=neurologist)
    analyze(session.visit.patient, session.visit, session, session.injections.first())
    plans = {name: query().explain() for name, query in QUERIES.items()}
    assert {name: plan for name, plan in plans.items() if re.search(r"SCAN \S+( LEFT-JOIN)?$", plan, re.M)} == {}


def test_lots_are_found_by_their_indexes(neurologist):
    with_lot(by=neurologist, signed=True)
    plan = InjectionSession.objects.that_received(look_up(LOT).exact).explain()
    assert "planning_signedlot_by_lot" in plan
    assert "planning_vial_by_lot" in plan
