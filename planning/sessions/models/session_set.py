"""QuerySet of sessions, and the states of a session."""

import datetime as dt
from functools import cache

from django.db import models
from django.db.models import Count, Exists, OuterRef, Q
from django.db.models.functions import Coalesce, TruncDate

from clinic.models import LockingQuerySet, User
from clinic.records.counts import ids_of
from clinic.records.dates import start_of
from clinic.records.text import counted
from clinic.records.together import put_related
from planning.sessions.models.corrections import Amendment, ErrorMark
from planning.sessions.models.injection import Injection
from planning.sessions.models.lot import SignedLot
from planning.sessions.models.review import ReviewRequest
from planning.sessions.models.vial import Vial


class SessionState(models.TextChoices):
    """Derived from stored facts, never stored."""

    PLANNED = "planned", "Planned"
    GIVEN = "given", "Given, not signed"
    SIGNED = "signed", "Signed"
    AMENDED = "amended", "Signed, amended"
    BEING_AMENDED = "being_amended", "Being amended"
    NOT_DONE = "not_done", "Not done"
    ENTERED_IN_ERROR = "entered_in_error", "Entered in error"


FACTS = (
    "has_row", "has_given_dose", "has_vial", "has_open_amendment", "has_signed_amendment", "has_error_mark",
    "has_open_review",
)  # fmt: skip


# Built once: each statement resolves a copy of them.


@cache
def _has_given_dose():
    return Exists(Injection.objects.active().filter(session=OuterRef("pk")).exclude(given_dose=""))


@cache
def _has_vial():
    return Exists(Vial.objects.filter(session=OuterRef("pk")))


@cache
def _has_signed_amendment():
    return Exists(Amendment.objects.signed().filter(session=OuterRef("pk")))


@cache
def _marks():
    return {
        "has_open_amendment": Exists(Amendment.objects.open().filter(session=OuterRef("pk"))),
        "has_error_mark": Exists(ErrorMark.objects.active().filter(session=OuterRef("pk"))),
        "has_open_review": Exists(ReviewRequest.objects.open().filter(session=OuterRef("pk"))),
    }


def person_of(patient):
    return Coalesce(f"{patient}__same_as", patient)


def reads_of_list(rows, *values):
    """What read_together() reads for sessions_of_list(); the list of the sessions `rows(*values)`."""
    return tuple((read, rows, *values) for read in (_sessions, _records, _rows, _vials))


def sessions_of_list(sessions, records, rows, vials):
    """As as_list() returns them. A signed session shows its record, any other one its rows."""
    put_related([session for session in sessions if session.is_signed], "records", records)
    open_sessions = [session for session in sessions if not session.is_signed]
    put_related(open_sessions, "injections", rows)
    put_related(open_sessions, "vials", vials)
    return sessions


def _sessions(rows, *values):
    return rows(*values).for_list()


def _records(rows, *values):
    sessions = rows(*values)
    records = sessions.model._meta.get_field("records").related_model.objects
    return records.filter(session__in=sessions.values("pk"), session__signed_at__isnull=False).order_by("pk")


def _rows(rows, *values):
    return Injection.objects.active().for_texts().filter(_open_sessions(rows(*values)))


def _vials(rows, *values):
    return Vial.objects.filter(_open_sessions(rows(*values))).order_by("pk")


def _open_sessions(sessions):
    return Q(session__in=sessions.values("pk"), session__signed_at=None)


class SessionQuerySet(LockingQuerySet):
    def with_facts(self):
        return self._with_marks().annotate(
            has_signed_amendment=_has_signed_amendment(),
            has_given_dose=_has_given_dose(),
            has_vial=_has_vial(),
        )

    def with_obstacles(self):
        """With the facts that change_obstacle() needs."""
        return self._with_marks().select_related("visit")

    def _with_marks(self):
        return self.annotate(**_marks())

    def for_page(self):
        return self.with_facts().select_related(
            "visit__patient", "visit__clinician", "product", "operator", "recorder", "consent"
        )

    def for_history(self):
        return (
            self.with_facts()
            .select_related("product", "visit")
            .prefetch_related("records", models.Prefetch("injections", Injection.objects.active().for_history()))
            .order_by("pk")
        )

    def for_list(self):
        return self.with_facts().select_related("product", "visit")

    def as_list(self):
        """With what muscles_text() and similar methods need, and nothing else of the rows: two to four statements.

        See reads_of_list() for one.
        """
        sessions = list(self.for_list())
        # A signed session shows its record, any other one its rows.
        models.prefetch_related_objects([session for session in sessions if session.is_signed], "records")
        models.prefetch_related_objects(
            [session for session in sessions if not session.is_signed],
            models.Prefetch("injections", Injection.objects.active().for_texts()),
            "vials",
        )
        return sessions

    def active(self):
        return self.exclude(_marks()["has_error_mark"])

    def signed(self):
        return self.filter(signed_at__isnull=False)

    def open(self):
        return self.filter(signed_at=None, not_done_at=None)

    def other_open(self, visit, session):
        return self.open().active().filter(visit=visit).exclude(pk=session)

    def given_not_signed(self):
        given = Q(_has_given_dose()) | Q(_has_vial()) | Q(given_on__isnull=False)
        return self.open().active().filter(given)

    def awaits_signature(self, visit):
        return self.given_not_signed().filter(visit=visit).exists()

    def in_state(self, state):
        """Sessions in that state; by stored columns, so that an index is used."""
        in_error = ErrorMark.objects.active().values("session")
        if state == SessionState.ENTERED_IN_ERROR:
            return self.filter(pk__in=in_error)
        given = self.model.objects.given_not_signed().values("pk")
        opened = Amendment.objects.open().order_by().values("session")
        amended = Amendment.objects.signed().order_by().values("session")
        return {
            SessionState.PLANNED: self.open().exclude(pk__in=given),
            SessionState.GIVEN: self.filter(pk__in=given),
            SessionState.SIGNED: self.signed().exclude(pk__in=opened).exclude(pk__in=amended),
            SessionState.AMENDED: self.filter(pk__in=amended).exclude(pk__in=opened),
            SessionState.BEING_AMENDED: self.filter(pk__in=opened),
            SessionState.NOT_DONE: self.exclude(not_done_at=None).filter(signed_at=None),
        }[SessionState(state)].exclude(pk__in=in_error)

    def counted(self):
        return self.signed().active()

    def with_given_day(self):
        return self.annotate(given_day=Coalesce("given_on", TruncDate("visit__starts_at")))

    def given_between(self, first, last):
        since, until = start_of(first), start_of(last + dt.timedelta(days=1))
        return self.filter(pk__in=ids_of(self.model.objects.given_in, first, last, since, until))

    def given_in(self, first, last, since, until):
        """On these dates, or at a visit between these times. One list of ids, so that indexes find both."""
        by_visit = self.filter(given_on=None, visit__starts_at__gte=since, visit__starts_at__lt=until)
        by_day = self.filter(given_on__gte=first, given_on__lte=last)
        return by_visit.values("pk").union(by_day.values("pk"))

    def that_received(self, spellings):
        signed = SignedLot.objects.filter(lot_number__in=spellings).values("record__session")
        vials = Vial.objects.with_lots(spellings).order_by().values("session")
        return self.filter(pk__in=signed.union(vials)) if spellings else self.none()

    def how_many(self):
        found = self.aggregate(sessions=Count("pk"), people=Count(person_of("visit__patient"), distinct=True))
        return found | {
            "sessions_text": counted(found["sessions"], "session"),
            "people_text": counted(found["people"], "patient"),
        }

    def to_sign_by(self, user):
        """Given and unsigned sessions of this signer, and those whose operator and visit's clinician cannot sign.

        Likewise those that are ready for review. Also signed sessions with an amendment that this signer opened.
        """
        waiting = ids_of(self.model.objects.waiting_for, getattr(user, "pk", user))
        return self.filter(pk__in=waiting).active().order_by("visit__starts_at", "pk")

    def waiting_for(self, user):
        """Of these, `to_sign_by()` leaves out those that were entered in error."""
        signers = User.objects.signers().values("pk")
        theirs = (
            Q(operator=user)
            | Q(visit__clinician=user)
            | (~Q(visit__clinician__in=signers) & (Q(operator=None) | ~Q(operator__in=signers)))
        )
        given = self.given_not_signed().filter(theirs)
        ready = self.filter(theirs, pk__in=ReviewRequest.objects.open().order_by().values("session"))
        opened = Amendment.objects.open().filter(opened_by=user)
        # One list of ids: PostgreSQL reads the whole table if two lists are joined by OR.
        return given.values("pk").union(ready.values("pk"), opened.order_by().values("session"))
