"""Ready for review: asking a neurologist, withdrawing it, and the answer."""

from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from clinic.accounts.permissions import Permission, require_permission
from clinic.web.seen import number
from planning.session_pages.views.sessions import change, opened, rejected_response, saved_response
from planning.sessions.actions.reviews import answer_review, ask_for_review, withdraw_review
from planning.sessions.forms.reviews import AnswerForm, ReviewForm


@require_POST
@require_permission(Permission.CHANGE_SESSIONS)
def review_ask(request, pk):
    session = opened(request, pk)
    form = ReviewForm(request.POST, session=session)
    if form.is_valid() and form.run_once(ask_for_review, request=request, session=session):
        return saved_response(request, session, announcement="Ready for review.")
    return rejected_response(request, session, form)


@require_POST
@require_permission(Permission.SIGN_SESSIONS)
def review_answer(request, pk, review):
    session = opened(request, pk)
    review = get_object_or_404(session.reviews, pk=review)
    form = AnswerForm(request.POST, review=review)
    return change(request, session, form, answer_review, review=review)


@require_POST
@require_permission(Permission.CHANGE_SESSIONS)
def review_withdraw(request, pk, review):
    session = opened(request, pk)
    review = get_object_or_404(session.reviews, pk=review)
    withdraw_review(review=review, by=request.user, version=number(request))
    return saved_response(request, session, announcement="No longer ready for review.")
