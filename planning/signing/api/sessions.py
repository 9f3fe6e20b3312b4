"""Injection sessions for programs: planned, recorded, signed, amended, ended."""

from django.core.exceptions import ValidationError as ModelError
from django.db.models import Prefetch
from rest_framework import serializers
from rest_framework.decorators import action as operation

from clinic.accounts.lockout import password_is_right
from clinic.accounts.permissions import Permission, require_person
from clinic.api.fields import (
    Change,
    IdField,
    LineField,
    LinesField,
    QueryId,
    Sent,
    SentFields,
    Shown,
    TruthField,
    WholeNumberField,
)
from clinic.api.resources import Collection
from clinic.models import Clinic
from clinic.records.numbers import LARGEST_ID
from patients.diary.api.visits import ClinicianField
from patients.front_desk.api.followups import SeeAgainSent, field_of_see_again
from patients.models import Visit, joined_with
from patients.people.api.patients import OfPatientQuery
from planning.catalogue.models.product import Product
from planning.sessions.actions.sessions import (
    FACTS_OF_A_PERSON,
    PERSON_RECORDS,
    PERSON_TYPES_DOSES,
    plan_session,
    revise_session,
)
from planning.sessions.api.rows import InjectionShown, VialShown
from planning.sessions.content import content_from
from planning.sessions.models.consent import Consent
from planning.sessions.models.corrections import Amendment, AmendmentKind, ErrorMark
from planning.sessions.models.injection import Injection
from planning.sessions.models.session import InjectionSession, SessionState
from planning.sessions.models.session_fields import SESSION_FIELDS
from planning.signing.actions import amendments
from planning.signing.actions.amendments import open_amendment
from planning.signing.actions.endings import end_as_not_done, mark_as_error, undo_error_mark
from planning.signing.actions.signing import sign_session
from planning.signing.api.records import RecordResource, RecordShown
from planning.signing.models.signed_record import SignedRecord, digest


class SessionShown(Shown):
    """For a signed session, product and muscles are named as in the signed record."""

    patient = serializers.IntegerField(source="visit.patient_id")
    record_number = serializers.CharField(source="visit.patient.record_number")
    product_name = serializers.CharField(source="product_text")
    unit = serializers.CharField(source="unit_text")
    state = serializers.ChoiceField(SessionState)
    recording = serializers.BooleanField(source="is_recording")
    day_given = serializers.DateField(
        help_text="The date of the injections: `given_on`, or the date of the visit if `given_on` is empty."
    )
    error_mark = serializers.SerializerMethodField(help_text="Send it to undo *entered in error*.")
    error_reason = serializers.SerializerMethodField()
    injections = InjectionShown(many=True)
    vials = VialShown(many=True)
    records = serializers.PrimaryKeyRelatedField(many=True, read_only=True, help_text="Signed records, oldest first.")
    content_hash = serializers.SerializerMethodField()

    class Meta:
        model = InjectionSession
        fields = [
            "id", "visit", "patient", "record_number", "product", "product_name", "unit", "state", "recording",
            *SESSION_FIELDS, "recorder", "not_done_reason", "error_mark", "error_reason", "injections", "vials",
            "records", "content_hash", "version",
        ]  # fmt: skip

    def get_error_mark(self, session) -> int | None:
        mark = _active_mark(session)
        return mark and mark.pk

    def get_error_reason(self, session) -> str:
        mark = _active_mark(session)
        return mark.reason if mark else ""

    def get_content_hash(self, session) -> str:
        """The hash of the signed record or, before signing, of the current content. Send it to sign."""
        if session.is_signed and not session.is_being_amended:
            return list(session.records.all())[-1].content_hash
        amendment = next((each for each in session.amendments.all() if each.is_open), None)
        return digest(
            content_from(
                session,
                clinic=self.context["clinic"],
                amendment=amendment,
                vials=list(session.vials.all()),
                rows=list(session.injections.all()),
            )
        )


def _active_mark(session):
    return next((mark for mark in session.error_marks.all() if mark.undone_at is None), None)


class SessionPlanned(Sent):
    visit = IdField(queryset=Visit.objects.all())
    product = IdField(queryset=Product.objects.all(), required=False, allow_null=True)


class SessionChange(Change, SentFields):
    """`recording` switches between the plan and what was given.

    Changing the product clears doses and vials; send `empties_confirmed` to agree.
    """

    product = IdField(queryset=Product.objects.all(), required=False)
    empties_confirmed = TruthField(required=False)
    recording = TruthField(required=False)
    operator = ClinicianField(required=False, allow_null=True)
    consent = IdField(queryset=Consent.objects.all(), required=False, allow_null=True)

    class Meta:
        model = InjectionSession
        fields = SESSION_FIELDS


class SignSent(Sent):
    password = serializers.CharField(trim_whitespace=False, max_length=4096, help_text="The signer’s own password.")
    content_hash = LineField(max_length=64, help_text="The hash of the content that the signer read.")
    see_again = SeeAgainSent(
        required=False, help_text="Required for the first signature. Do not send it for an amendment."
    )
    finish_visit = TruthField(
        required=False,
        help_text=(
            "With `true`, the first signature also marks the visit as finished if it can be: it has arrived, and no "
            "other session of it is open. If omitted, the visit does not change."
        ),
    )


class AmendSent(Change):
    kind = serializers.ChoiceField(AmendmentKind)
    reason = LinesField(max_length=Amendment._meta.get_field("reason").max_length)


class DiscardSent(Sent):
    content_hash = LineField(max_length=64, help_text="The hash of the content that you read and discard.")


class NotDoneSent(Change):
    reason = LineField(max_length=300)
    see_again = SeeAgainSent(required=False, source="again", help_text="Required if no follow-up is recorded yet.")


class SessionErrorSent(Change):
    reason = LineField(max_length=1000)


class SessionErrorUndone(Sent):
    error_mark = WholeNumberField(source="seen", min_value=1, max_value=LARGEST_ID, help_text="The mark that you read.")


class SessionsQuery(OfPatientQuery):
    visit = QueryId()
    state = serializers.ChoiceField(
        SessionState,
        required=False,
        help_text="Signed sessions are `signed` or `amended`. Query each state separately.",
    )


class SessionResource(Collection):
    """Toxin injected, or to be injected, at a visit, with one product."""

    kind = "session"
    permissions = {
        "list": Permission.SEE_SESSIONS,
        "retrieve": Permission.SEE_SESSIONS,
        "create": Permission.CHANGE_SESSIONS,
        "partial_update": Permission.CHANGE_SESSIONS,
        "sign": Permission.SIGN_SESSIONS,
        "amend": Permission.SIGN_SESSIONS,
        "discard_amendment": Permission.SIGN_SESSIONS,
        "not_done": Permission.CHANGE_SESSIONS,
        "entered_in_error": Permission.CHANGE_SESSIONS,
        "undo_entered_in_error": Permission.SIGN_SESSIONS,
    }
    person_only = {
        "sign": PERSON_TYPES_DOSES,
        "amend": PERSON_TYPES_DOSES,
        "discard_amendment": PERSON_TYPES_DOSES,
        "entered_in_error": "A person marks a session as entered in error.",
        "undo_entered_in_error": "A person undoes “entered in error”.",
    }
    token_notes = {
        "partial_update": ("A token can choose a product and add planning notes. It cannot record what was given.")
    }
    queryset = (
        InjectionSession.objects.for_page()
        .select_related("visit__patient__same_as")
        .prefetch_related(
            *joined_with("visit__patient"),
            Prefetch("injections", Injection.objects.active().select_related("muscle__group").in_order()),
            "vials",
            Prefetch("records", SignedRecord.objects.order_by("number")),
            Prefetch("amendments", Amendment.objects.select_related("record")),
            Prefetch("error_marks", ErrorMark.objects.all()),
        )
    )  # fmt: skip
    serializer_class = SessionShown
    queries = {"list": SessionsQuery}
    orderings = ("id", "-id")
    paths = {"patient": "visit__patient__in"}
    creating = ("create", "sign", "amend")
    bodies = {
        "create": SessionPlanned,
        "partial_update": SessionChange,
        "sign": SignSent,
        "amend": AmendSent,
        "discard_amendment": DiscardSent,
        "not_done": NotDoneSent,
        "entered_in_error": SessionErrorSent,
        "undo_entered_in_error": SessionErrorUndone,
    }

    def patients_of(self, session):
        return [session.visit.patient_id]

    def field_of(self, name):
        return field_of_see_again(name)

    def get_serializer_context(self):
        return {**super().get_serializer_context(), "clinic": getattr(self.request, "clinic", None) or Clinic.ours()}

    def found(self, sessions, *, state=None, **filters):
        return super().found(sessions if state is None else sessions.in_state(state), **filters)

    def create(self, request):
        """Plan a session at a visit. Add its muscles with the injections operations."""
        return self.created_by(plan_session)

    def concerned_by(self, sent):
        return [sent["visit"].patient_id]

    def partial_update(self, request, pk):
        """Choose the product, start recording what was given, enter who injected and when, and add notes."""
        session, sent = self.the_record(), self.sent_with_version()
        if {*FACTS_OF_A_PERSON, "recording"} & sent.keys():
            require_person(request.user, PERSON_RECORDS)
        revise_session(session=session, by=request.user, **sent)
        return self.respond(session.pk)

    @operation(detail=True, methods=["post"], serializer_class=RecordShown)
    def sign(self, request, pk):
        """Sign the content that you read. Returns the record, which is now read-only."""
        session, sent = self.the_record(), self.sent()
        self._require_password(sent.pop("password"))
        record = self.once(sign_session, without=("password",), session=session, **sent)
        return self.respond_with(record, RecordResource)

    def _require_password(self, password):
        try:
            password_is_right(self.request._request, password)
        except ModelError as error:
            raise serializers.ValidationError({"password": error.messages}) from error

    @operation(detail=True, methods=["post"])
    def amend(self, request, pk):
        """Amend a signed session, with a reason. Its record stays valid until the amendment is signed."""
        session, sent = self.the_record(), self.sent_with_version()
        self.once(open_amendment, session=session, **sent)
        return self.respond(session.pk, status=201)

    @operation(detail=True, methods=["post"], url_path="discard-amendment")
    def discard_amendment(self, request, pk):
        """Discard an amendment. The session returns to its signed content."""
        session = self.the_record()
        amendments.discard_amendment(session=session, by=request.user, **self.sent())
        return self.respond(session.pk)

    @operation(detail=True, methods=["post"], url_path="not-done")
    def not_done(self, request, pk):
        """Mark a planned session as not done. The plan stays visible."""
        return self.changed_by(end_as_not_done, session=self.the_record())

    @operation(detail=True, methods=["post"], url_path="entered-in-error")
    def entered_in_error(self, request, pk):
        """Mark a session as entered in error. It stays visible with this mark and is not included in totals."""
        return self.changed_by(mark_as_error, session=self.the_record())

    @operation(detail=True, methods=["post"], url_path="undo-entered-in-error")
    def undo_entered_in_error(self, request, pk):
        """Undo *entered in error*. The session is included in totals again."""
        session = self.the_record()
        undo_error_mark(session=session, by=request.user, **self.sent())
        return self.respond(session.pk)
