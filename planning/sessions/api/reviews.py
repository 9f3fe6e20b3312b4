"""Reviews of sessions for programs: asked, answered, sent back and withdrawn."""

from rest_framework import serializers
from rest_framework.decorators import action as operation
from rest_framework.fields import CharField

from clinic.accounts.permissions import Permission
from clinic.api.fields import Change, IdField, LinesField, Query, QueryBoolean, QueryId, SentFields, Shown
from clinic.api.resources import Collection
from planning.sessions.actions.reviews import answer_review, ask_for_review, withdraw_review
from planning.sessions.models.review import ReviewRequest
from planning.sessions.models.session import InjectionSession


class ReviewShown(Shown):
    patient = serializers.IntegerField(source="session.visit.patient_id")
    state = CharField(source="state.label", help_text="The current state, as on the pages.")

    class Meta:
        model = ReviewRequest
        fields = [
            "id", "session", "patient", "state", "question", "asked_by", "asked_at", "changed_by", "changed_at",
            "answer", "sent_back", "answered_by", "answered_at", "withdrawn_at", "version",
        ]  # fmt: skip


class ReviewSent(SentFields):
    session = IdField(queryset=InjectionSession.objects.select_related("visit"))

    class Meta:
        model = ReviewRequest
        fields = ["question"]


class ReviewAnswered(Change):
    answer = LinesField(max_length=ReviewRequest._meta.get_field("answer").max_length, help_text="Or what to change.")


class ReviewsQuery(Query):
    session = QueryId()
    asked_by = QueryId(help_text="The id of the user who asked.")
    open = QueryBoolean(required=False, help_text="Whether the review is waiting for its answer.")


PERSON_ANSWERS = "A person answers a review."


class ReviewResource(Collection):
    """A session that its author marked as ready for review, and what a neurologist answered. It is not signed."""

    kind = "review"
    permissions = {
        "list": Permission.SEE_SESSIONS,
        "retrieve": Permission.SEE_SESSIONS,
        "create": Permission.CHANGE_SESSIONS,
        "answer": Permission.SIGN_SESSIONS,
        "send_back": Permission.SIGN_SESSIONS,
        "withdraw": Permission.CHANGE_SESSIONS,
    }
    person_only = dict.fromkeys(("answer", "send_back"), PERSON_ANSWERS)
    queryset = ReviewRequest.objects.select_related("session__visit")
    serializer_class = ReviewShown
    queries = {"list": ReviewsQuery}
    bodies = {"create": ReviewSent, "answer": ReviewAnswered, "send_back": ReviewAnswered, "withdraw": Change}
    orderings = ("id", "-id")

    def patients_of(self, review):
        return [review.session.visit.patient_id]

    def concerned_by(self, sent):
        return [sent["session"].visit.patient_id]

    def found(self, reviews, *, open=None, **filters):  # noqa: A002  (the name in the query string)
        found = super().found(reviews, **filters)
        if open is None:
            return found
        waiting = ReviewRequest.objects.open()
        return found.filter(pk__in=waiting) if open else found.exclude(pk__in=waiting)

    def create(self, request):
        """Mark a session as ready for review. It is on a neurologist’s list until it is answered or sent back."""
        return self.created_by(ask_for_review)

    @operation(detail=True, methods=["post"])
    def answer(self, request, pk):
        """Answer the question of a review. The session is no longer on the list *To sign*, unless it was given."""
        return self.changed_by(answer_review, review=self.the_record(), sent_back=False)

    @operation(detail=True, methods=["post"], url_path="send-back")
    def send_back(self, request, pk):
        """Send a session back to its author, with what to change. The author can then mark it as ready again."""
        return self.changed_by(answer_review, review=self.the_record(), sent_back=True)

    @operation(detail=True, methods=["post"])
    def withdraw(self, request, pk):
        """Withdraw a review that you asked for. One that is answered cannot be withdrawn."""
        return self.changed_by(withdraw_review, review=self.the_record())
