"""Sessions and events that the tests of the overview count."""

import datetime as dt

from planning.course.actions.course import record_event
from planning.reports.overview_figures import Span, overview_of
from tests import builders

TODAY = dt.date(2026, 11, 20)


def of(months=12, last=TODAY):
    return overview_of(Span(months, last))


def a_signed_session(*, by, day, patient=None, **time):
    visit = builders.a_visit(clinician=by, patient=patient, day=day, **time)
    return builders.a_signed_session(by=by, visit=visit)


def an_event(session, *, by, kind="dysphagia", **details):
    return record_event(session=session, by=by, kind=kind, **details)
