"""Letters about sessions, for programs. A person signs them off; the doses in them are those of the signed record."""

from rest_framework import serializers
from rest_framework.decorators import action as operation
from rest_framework.fields import CharField

from clinic.accounts.permissions import Permission
from clinic.api.fields import Change, IdField, Query, QueryBoolean, QueryId, SentFields, Shown
from clinic.api.resources import Collection
from patients.people.api.corrections import CORRECTIONS, ERROR_BODIES, ERROR_FIELDS, CorrectableShown, Correcting
from patients.people.api.patients import OfPatientQuery
from planning.letters.actions.letters import (
    change_letter,
    record_sending,
    replace_letter,
    sign_off_letter,
    write_letter,
)
from planning.letters.models.letter import Letter, LetterSending
from planning.letters.models.template import LetterTemplate
from planning.sessions.models.session import InjectionSession


class LetterTemplateShown(Shown):
    retired = serializers.BooleanField(source="is_retired")

    class Meta:
        model = LetterTemplate
        fields = ["id", "name", "about", "text", "order", "retired", "version"]


class LetterTemplatesQuery(Query):
    retired = QueryBoolean(required=False)


class LetterTemplateResource(Collection):
    """The clinic’s templates of letters. The catalogue manager maintains them in the admin site."""

    kind = "letter-template"
    permissions = dict.fromkeys(("list", "retrieve"), Permission.SEE_SESSIONS)
    queryset = LetterTemplate.objects.all()
    serializer_class = LetterTemplateShown
    queries = {"list": LetterTemplatesQuery}
    orderings = ("order", "-order", "id", "-id")

    def found(self, templates, *, retired=None):
        return templates if retired is None else templates.filter(retired_at__isnull=not retired)


class LetterSendingShown(Shown):
    class Meta:
        model = LetterSending
        fields = ["id", "how", "sent_on", "note", "at", "by"]


class LetterShown(CorrectableShown):
    patient = serializers.IntegerField(source="session.visit.patient_id")
    state = CharField(source="state.label", help_text="The current state, as on the pages.")
    record_number = serializers.IntegerField(
        source="record.number", allow_null=True, default=None, help_text="The number of the signed record."
    )
    sendings = LetterSendingShown(many=True)

    class Meta:
        model = Letter
        fields = [
            "id", "session", "patient", "record", "record_number", "replaces", "template_name", "state", "recipient",
            "text", "full_text", "signed_off_at", "signed_off_by", "signed_off_as", "sendings", "recorded_by",
            *ERROR_FIELDS,
        ]  # fmt: skip
        extra_kwargs = {
            "text": {"help_text": "In place of `{injections}`, the letter has what the signed record says."},
            "full_text": {"help_text": "The whole letter as it was signed off. Empty for a draft."},
        }


class LetterNew(SentFields):
    session = IdField(
        queryset=InjectionSession.objects.select_related("visit__patient"),
        help_text="A signed session, or one that was not done.",
    )
    template = IdField(queryset=LetterTemplate.objects.all())

    class Meta:
        model = Letter
        fields = ["recipient"]


class LetterChanged(Change, SentFields):
    class Meta:
        model = Letter
        fields = ["recipient", "text"]


class LetterSendingSent(SentFields):
    class Meta:
        model = LetterSending
        fields = ["how", "sent_on", "note"]


class LettersQuery(OfPatientQuery):
    session = QueryId()
    signed_off = QueryBoolean(required=False, help_text="Whether the letter is signed off.")


PERSON_SIGNS_OFF = "A person signs a letter off."


class LetterResource(Correcting, Collection):
    """Letters about a session that was signed, or that was not done.

    No operation writes a dose into a letter: `{injections}` is the place of what the signed record says.
    """

    kind = "letter"
    permissions = {
        **dict.fromkeys(("list", "retrieve"), Permission.SEE_SESSIONS),
        **dict.fromkeys(("create", "partial_update", "replace", "sendings", *CORRECTIONS), Permission.CHANGE_SESSIONS),
        "sign_off": Permission.SIGN_SESSIONS,
    }
    person_only = {"sign_off": PERSON_SIGNS_OFF}
    queryset = Letter.objects.select_related("session__visit", "record").prefetch_related("sendings")
    serializer_class = LetterShown
    queries = {"list": LettersQuery}
    creating = ("create", "sendings")
    bodies = {
        "create": LetterNew,
        "partial_update": LetterChanged,
        "sign_off": Change,
        "replace": Change,
        "sendings": LetterSendingSent,
        **ERROR_BODIES,
    }
    orderings = ("id", "-id")
    paths = {"patient": "session__visit__patient__in"}

    def patients_of(self, letter):
        return [letter.session.visit.patient_id]

    def concerned_by(self, sent):
        return [sent["session"].visit.patient_id]

    def found(self, letters, *, signed_off=None, **filters):
        found = super().found(letters, **filters)
        return found if signed_off is None else found.filter(signed_off_at__isnull=not signed_off)

    def create(self, request):
        """Begin a letter from a template. Its placeholders are filled, except `{injections}`."""
        return self.created_by(write_letter)

    def partial_update(self, request, pk):
        """Change a draft. A letter that is signed off does not change."""
        return self.changed_by(change_letter, letter=self.the_record())

    @operation(detail=True, methods=["post"], url_path="sign-off")
    def sign_off(self, request, pk):
        """Sign a letter off. `{injections}` is then replaced by what the signed record says."""
        return self.changed_by(sign_off_letter, letter=self.the_record())

    @operation(detail=True, methods=["post"])
    def replace(self, request, pk):
        """Begin the letter that replaces one that is signed off. Repeating it returns the same draft."""
        made = replace_letter(letter=self.the_record(), by=request.user, **self.sent_with_version())
        return self.respond(made.pk)

    @operation(detail=True, methods=["post"])
    def sendings(self, request, pk):
        """Record that a letter was sent. Returns the letter."""
        letter, sent = self.the_record(), self.sent()
        self.once(record_sending, letter=letter, **sent)
        return self.respond(letter.pk, status=201)
