"""The injection session: what is planned and what was given, row by row."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from clinic.models import Versioned, not_in_the_future
from clinic.records.date_fields import TypedDate
from clinic.records.dates import format_date
from clinic.records.text import Line, Lines
from patients.models import Visit, VisitState
from planning.catalogue.models.product import Product
from planning.sessions.content import content_of
from planning.sessions.content_facts import differs
from planning.sessions.models.consent import Consent
from planning.sessions.models.session_set import FACTS, SessionQuerySet, SessionState


class InjectionSession(Versioned):
    """Toxin injected, or to be injected, at a visit, with one product."""

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="sessions")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, null=True, blank=True, related_name="sessions")
    operator = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="sessions_operated",
        help_text="Who injected.",
    )  # fmt: skip
    recorder = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    recording_since = models.DateTimeField(null=True, editable=False)
    given_on = TypedDate(null=True, blank=True, validators=[not_in_the_future])
    consent = models.ForeignKey(Consent, on_delete=models.PROTECT, null=True, blank=True, related_name="sessions")
    complications = Lines("complications during the session", max_length=2000, blank=True)
    notes = Lines(max_length=4000, blank=True)
    planned_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, editable=False, related_name="+")
    signed_at = models.DateTimeField(null=True, editable=False, help_text="When its first record was signed.")
    not_done_at = models.DateTimeField(null=True, editable=False)
    not_done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    # The visit's state and its reason, which takes up to 300.
    not_done_reason = Line(max_length=340, blank=True, editable=False)
    # It ended because its visit was cancelled or missed, and returns if the visit is restored.
    cancelled_with_visit = models.BooleanField(default=False, editable=False)

    objects = SessionQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["visit"], condition=Q(signed_at=None, not_done_at=None), name="planning_session_open"),
            models.Index(fields=["given_on"], condition=Q(given_on__isnull=False), name="planning_session_by_given_on"),
        ]
        constraints = [
            models.CheckConstraint(
                name="planning_session_not_done_at_by_and_why_together",
                condition=Q(not_done_at=None, not_done_by=None, not_done_reason="")
                | (Q(not_done_at__isnull=False, not_done_by__isnull=False) & ~Q(not_done_reason="")),
            ),
            models.CheckConstraint(
                name="planning_session_cancelled_with_its_visit_is_not_done",
                condition=Q(cancelled_with_visit=False) | Q(not_done_at__isnull=False),
            ),
            models.CheckConstraint(
                name="planning_session_recording_has_a_recorder",
                condition=Q(recording_since=None) | Q(recorder__isnull=False),
            ),
        ]

    def __str__(self):
        return f"session {self.pk} of {self.visit}"

    def get_working_url(self):
        if self.is_being_amended:
            return f"{self.get_absolute_url()}amendment/"
        return self.get_absolute_url()

    @property
    def patient(self):
        return self.visit.patient

    @property
    def day_given(self):
        """The date of the injections: the visit's date unless changed."""
        return self.given_on or self.visit.day

    @property
    def is_recording(self):
        return self.recording_since is not None

    # with_facts() annotates these for a list; for a single session each is queried when needed.

    def refresh_from_db(self, *args, **kwargs):
        for name in (*FACTS, "known_amendment", "has_other_open"):
            self.__dict__.pop(name, None)
        super().refresh_from_db(*args, **kwargs)

    def _fact(self, name, ask):
        if name not in self.__dict__:
            return ask()
        return self.__dict__[name]

    def note_rows(self, rows, vials):
        """Use these loaded rows and vials for its facts instead of querying the database."""
        self.has_row, self.has_vial = bool(rows), bool(vials)
        self.has_given_dose = any(row.given_dose for row in rows)

    @property
    def is_signed(self):
        return self.signed_at is not None

    @property
    def is_given(self):
        return (
            self.given_on is not None
            or self._fact("has_vial", lambda: self.vials.exists())
            or self._fact("has_given_dose", lambda: self.injections.active().exclude(given_dose="").exists())
        )

    @property
    def is_being_amended(self):
        return self._fact("has_open_amendment", lambda: self.amendments.open().exists())

    @property
    def was_amended(self):
        return self._fact("has_signed_amendment", lambda: self.amendments.signed().exists())

    @property
    def is_ready_for_review(self):
        return self._fact("has_open_review", lambda: self.reviews.open().exists())

    @property
    def is_in_error(self):
        return self._fact("has_error_mark", lambda: self.error_marks.active().exists())

    @property
    def counts(self):
        return self.is_signed and not self.is_in_error

    @property
    def state(self):
        if self.is_in_error:
            return SessionState.ENTERED_IN_ERROR
        if self.is_signed:
            return self._state_of_records()
        if self.not_done_at is not None:
            return SessionState.NOT_DONE
        return SessionState.GIVEN if self.is_given else SessionState.PLANNED

    def _state_of_records(self):
        if self.is_being_amended:
            return SessionState.BEING_AMENDED
        return SessionState.AMENDED if self.was_amended else SessionState.SIGNED

    def note_signed(self, timestamp):
        """Note that a record is being signed. It increases the version, so that pages opened earlier become stale."""
        self.signed_at = self.signed_at or timestamp
        self.version += 1
        InjectionSession.objects.filter(pk=self.pk).update(signed_at=self.signed_at, version=self.version)

    def change_obstacle(self):
        if self.is_in_error:
            return f"This session is marked as entered in error: {self.error_mark().reason}"
        if self.is_being_amended:
            return None
        if self.is_signed:
            return "This session is signed. Its record is read-only."
        if self.not_done_at is not None:
            return f"This session was not done: {self.not_done_reason}"
        if not self.visit.is_active:
            return f"The visit is {self.visit.get_state_display().lower()}."
        return None

    def recording_obstacle(self):
        if self.product is None:
            return "Choose the product first."
        if self.visit.day > timezone.localdate():
            return f"The visit is on {format_date(self.visit.day)}. What was given can be recorded from that day on."
        return None

    def plan_obstacle(self):
        if self.is_signed:
            return "This session is signed. Print its record."
        return self.change_obstacle()

    def not_done_obstacle(self):
        if self.is_signed:
            return "This session is signed: something was given."
        if self.is_given:
            return "Something given is recorded here. If it was typed by mistake, mark the session as entered in error."
        return None

    def not_done_undo_obstacle(self):
        if self.not_done_at is None:
            return "This session is not marked as not done."
        if self.is_in_error:
            return "This session is marked as entered in error. Undo that first."
        if not self.visit.has_not_ended:
            return f"The visit is {self.visit.get_state_display().lower()}, so its sessions cannot be restored."
        return None

    def amending_obstacle(self):
        if not self.is_signed:
            return "This session is not signed yet. Change it directly."
        if self.is_in_error:
            return "This session is marked as entered in error. Undo that first."
        if self.is_being_amended:
            return "An amendment is already open. Sign or discard it first."
        return None

    def signing_obstacle(self):
        return next((message for message, _ in self.signing_obstacles()), None)

    def can_finish_visit(self):
        """Whether its first signature can also finish the visit: the patient is here, and no other session is open."""
        if self.is_signed or self.visit.state_obstacle(VisitState.FINISHED):
            return False
        return not self._fact("has_other_open", InjectionSession.objects.other_open(self.visit_id, self.pk).exists)

    def signing_obstacles(self):
        """Each reason why it cannot be signed, with the name of what the user can fill in for it."""
        if obstacle := self.change_obstacle():
            yield obstacle, ""
        elif obstacle := self.recording_obstacle():
            yield obstacle, "product" if self.product is None else ""
        elif not self.is_recording:
            yield "Record what was given first.", "recording"
        else:
            yield from self._obstacles_of_recorded()

    def _obstacles_of_recorded(self):
        if not self._fact("has_row", lambda: self.injections.active().exists()):
            yield "There is no injection to sign. Add a muscle first.", "row"
        if self.operator_id is None:
            yield "Select who injected.", "operator"
        if self.consent and (problem := self.consent.selection_problem(self.visit.patient)):
            yield f"Select another consent, or none. The selected one ({self.consent}) {problem}", "consent"
        if self.day_given > timezone.localdate():
            yield "The date of the injections is in the future.", "given_on"
        if (amendment := self.open_amendment()) and not differs(amendment.record.content, self.content()):
            yield f"This amendment does not differ from record {amendment.record.number} yet.", ""

    def _last_record(self):
        return list(self.records.all())[-1] if self.is_signed else None

    def brand_text(self):
        """The product's brand name, or the signed name; needs as_list() or for_history() in a list."""
        if record := self._last_record():
            return record.content["product"]["brand_name"]
        return self.product.brand_name if self.product else ""

    def product_text(self):
        """The brand name that matches the current rows: as signed, or of the product while the rows are open."""
        if self.is_signed and not self.is_being_amended:
            return self.brand_text()
        return self.product.brand_name if self.product else ""

    def unit_text(self):
        return self.product.unit_label if self.product else ""

    def muscle_names_as_signed(self):
        """The names in its record by muscle id; {} while the rows are open. Needs its records in a list."""
        if not self.is_signed or self.is_being_amended:
            return {}
        muscles = (row["muscle"] for row in self._last_record().content["injections"])
        return {muscle["id"]: muscle["name"] for muscle in muscles}

    def muscles_text(self):
        """Muscles and sides, as in the record if it is signed; needs as_list() or for_history() in a list."""
        if record := self._last_record():
            rows = [(row["muscle"]["name"], row["side"], row["not_given"]) for row in record.content["injections"]]
        else:
            rows = [(row.muscle.name, row.side, row.not_given) for row in self.injections.all() if not row.removed_at]
        return " · ".join(f"{name} {side}{' (not given)' if not_given else ''}" for name, side, not_given in rows)

    def lot_numbers(self):
        """Lot numbers, as in the record if it is signed; needs as_list() in a list."""
        if record := self._last_record():
            lots = [vial["lot_number"] for vial in record.content["vials"]]
        else:
            lots = [vial.lot_number for vial in self.vials.all()]
        return [lot for lot in dict.fromkeys(lots) if lot]

    def content(self):
        return content_of(self)

    def record(self):
        """The latest signed record; None before the first."""
        return self.records.order_by("-number").first()

    def open_amendment(self):
        if not self._fact("has_open_amendment", lambda: True):
            return None
        return self._fact("known_amendment", self.amendments.open().select_related("record", "opened_by").first)

    def error_mark(self):
        if not self._fact("has_error_mark", lambda: True):
            return None
        return self.error_marks.active().select_related("marked_by").first()
