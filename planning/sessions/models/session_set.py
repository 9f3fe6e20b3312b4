"""QuerySet of sessions, and the states of a session."""

import datetime as dt

from django.db import models
from django.db.models import Count, Exists, OuterRef, Q
from django.db.models.functions import Coalesce, TruncDate

from clinic.models import LockingQuerySet, User
from clinic.records.dates import start_of
from clinic.records.text import counted
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


def _has_given_dose():
    return Exists(Injection.objects.active().filter(session=OuterRef("pk")).exclude(given_dose=""))


def _has_vial():
    return Exists(Vial.objects.filter(session=OuterRef("pk")))


def person_of(patient):
    return Coalesce(f"{patient}__same_as", patient)


class SessionQuerySet(LockingQuerySet):
    def with_facts(self):
        return self._with_marks().annotate(
            has_signed_amendment=Exists(Amendment.objects.signed().filter(session=OuterRef("pk"))),
            has_given_dose=_has_given_dose(),
            has_vial=_has_vial(),
        )

    def with_obstacles(self):
        """With the facts that change_obstacle() needs."""
        return self._with_marks().select_related("visit")

    def _with_marks(self):
        return self.annotate(
            has_open_amendment=Exists(Amendment.objects.open().filter(session=OuterRef("pk"))),
            has_error_mark=Exists(ErrorMark.objects.active().filter(session=OuterRef("pk"))),
            has_open_review=Exists(ReviewRequest.objects.open().filter(session=OuterRef("pk"))),
        )

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

    def active(self):
        return self.exclude(Exists(ErrorMark.objects.active().filter(session=OuterRef("pk"))))

    def signed(self):
        return self.filter(signed_at__isnull=False)

    def open(self):
        return self.filter(signed_at=None, not_done_at=None)

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
        until = start_of(last + dt.timedelta(days=1))
        by_visit = self.model.objects.filter(
            given_on=None, visit__starts_at__gte=start_of(first), visit__starts_at__lt=until
        )
        by_day = self.model.objects.filter(given_on__gte=first, given_on__lte=last)
        return self.filter(pk__in=by_visit.values("pk").union(by_day.values("pk")))

    def that_received(self, spellings):
        signed = SignedLot.objects.filter(lot_number__in=spellings).values("record__session")
        vials = Vial.objects.with_lots(spellings).order_by().values("session")
        return self.filter(pk__in=signed.union(vials)) if spellings else self.none()

    def how_many(self):
        found = self.aggregate(sessions=Count("pk"), people=Count(person_of("visit__patient"), distinct=True))
        return found | {
            "sessions_in_words": counted(found["sessions"], "session"),
            "people_in_words": counted(found["people"], "patient"),
        }

    def to_sign_by(self, user):
        """Given and unsigned sessions of this signer, and those whose operator and visit's clinician cannot sign.

        Likewise those that are ready for review. Also signed sessions with an amendment that this signer opened.
        """
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
        waiting = given.values("pk").union(ready.values("pk"), opened.order_by().values("session"))
        return self.filter(pk__in=waiting).active().order_by("visit__starts_at", "pk")
