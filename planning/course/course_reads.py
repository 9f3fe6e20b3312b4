"""What pages read together: assessments with all they contain, and a session with its patient."""

from clinic.records.together import put_related
from patients.people.opened_patient import read_or_404
from planning.course.models.findings import PostureFinding, SymptomFinding
from planning.course.models.score import Score
from planning.sessions.models.injection import Injection
from planning.sessions.models.session import InjectionSession
from planning.signing.models.signed_record import SignedRecord


def given_session_or_404(pk):
    """As for_history(), with its patient."""
    session, records, rows = read_or_404(_session, "visit__patient", pk, more=((_records, pk), (_rows, pk)))
    put_related([session], "records", records)
    put_related([session], "injections", rows)
    return session


def _session(pk):
    sessions = InjectionSession.objects.filter(pk=pk).for_history().prefetch_related(None)
    return sessions.select_related("product", "visit__patient__same_as")


def _records(session):
    return SignedRecord.objects.filter(session=session)


def _rows(session):
    return Injection.objects.active().for_history().filter(session=session)


def reads_of_assessments(rows, *values):
    """What read_together() reads for assessments_for_page(); the assessments `rows(*values)`."""
    return tuple((read, rows, *values) for read in (_assessments, scores_of, postures_of, symptoms_of))


def assessments_for_page(assessments, scores, postures, symptoms):
    """As for_page() loads them."""
    for name, related in (("scores", scores), ("postures", postures), ("symptoms", symptoms)):
        put_related(assessments, name, related)
    return assessments


def _assessments(rows, *values):
    return rows(*values).select_related("visit", "recorded_by", "unchanged_since__visit")


def scores_of(rows, *values):
    return Score.objects.filter(assessment__in=rows(*values).values("pk")).in_order()


def postures_of(rows, *values):
    return PostureFinding.objects.filter(assessment__in=rows(*values).values("pk")).order_by("pk")


def symptoms_of(rows, *values):
    return SymptomFinding.objects.filter(assessment__in=rows(*values).values("pk")).order_by("pk")
