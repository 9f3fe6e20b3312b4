"""Forms for the review of a session."""

from django import forms

from clinic.web.forms import ChangeForm, CreationForm
from planning.sessions.models.review import ReviewRequest


class ReviewForm(CreationForm):
    class Meta:
        model = ReviewRequest
        fields = ("question",)
        widgets = {"question": forms.Textarea({"rows": 2})}

    def __init__(self, *args, session, **kwargs):
        super().__init__(*args, prefix=f"s{session.pk}-review", **kwargs)


class AnswerForm(ChangeForm):
    """`sent_back` is the button that was selected."""

    answer = ReviewRequest._meta.get_field("answer").formfield(
        required=True,
        label="Answer",
        widget=forms.Textarea({"rows": 2}),
        error_messages={"required": "Enter an answer, or what to change."},
    )
    sent_back = forms.BooleanField(required=False)

    def __init__(self, *args, review, **kwargs):
        super().__init__(*args, prefix=f"review-{review.pk}", initial={"version": review.version}, **kwargs)
