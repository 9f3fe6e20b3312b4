"""A trainee marks a session as ready for review; a neurologist answers it or sends it back."""

import pytest
from django.db import IntegrityError, transaction

from clinic.models import AuditEntry
from clinic.records.exceptions import Conflict, Refused
from planning.models import InjectionSession, ReviewRequest
from planning.sessions.actions.injections import change_injection
from planning.sessions.actions.reviews import answer_review, ask_for_review, withdraw_review
from planning.signing.actions.endings import end_as_not_done
from planning.signing.models.signed_record import digest
from tests import builders
from tests.builders import now

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

QUESTION = "Is the left side right?"


@pytest.fixture
def planned(trainee, neurologist):
    visit = builders.an_arrived_visit(clinician=neurologist, hour=14)
    return builders.a_planned_session(by=trainee, visit=visit)


def ask(session, *, by, question=QUESTION):
    return ask_for_review(session=session, question=question, by=by)


def answer(review, *, by, text="Yes", sent_back=False, version=None):
    return answer_review(review=review, answer=text, sent_back=sent_back, by=by, version=version or now(review).version)


def body_of(response):
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_trainee_marks_a_session_on_its_page(login, planned, trainee, neurologist):
    client = login(trainee)
    key = client.get(planned.get_absolute_url()).context["review_form"]["submission_key"].value()
    prefix = f"s{planned.pk}-review"
    sent = {f"{prefix}-submission_key": key, f"{prefix}-question": QUESTION}
    for _ in range(2):  # sent twice, it is one request
        client.post(f"/sessions/{planned.pk}/review/", sent)
    review = ReviewRequest.objects.get()
    assert (review.question, review.asked_by) == (QUESTION, trainee)
    page = body_of(client.get(planned.get_absolute_url()))
    assert QUESTION in page
    assert '<span class="chip ready">Ready for review</span>' in page
    assert "Mark as ready for review" not in page
    entry = AuditEntry.objects.get(action="marked ready for review")
    assert [row.patient_id for row in entry.patients.all()] == [planned.visit.patient_id]

    # The neurologist finds it on To sign and on Today, with who asked what
    client.force_login(neurologist)
    listed = body_of(client.get("/to-sign/"))
    assert QUESTION in listed
    assert str(trainee) in listed
    assert "chip ready" in body_of(client.get("/"))


def test_neurologist_sends_it_back_and_the_trainee_sees_it(login, planned, trainee, neurologist):
    review = ask(planned, by=trainee)
    client = login(neurologist)
    prefix = f"review-{review.pk}"
    url = f"/sessions/{planned.pk}/review/{review.pk}/"
    sent = {f"{prefix}-version": review.version, f"{prefix}-answer": "", f"{prefix}-sent_back": "on"}
    assert "Enter an answer, or what to change." in client.post(url, sent).content.decode()
    client.post(url, {**sent, f"{prefix}-answer": "Name the consent"})
    assert now(review).sent_back
    assert planned not in InjectionSession.objects.to_sign_by(neurologist)

    client.force_login(trainee)
    page = body_of(client.get("/for-review/"))
    assert "Name the consent" in page
    assert '<span class="chip overdue">Sent back</span>' in page
    assert ReviewRequest.objects.sent_back_to(trainee).get() == review
    ask(planned, by=trainee, question="Now?")
    assert not ReviewRequest.objects.sent_back_to(trainee).exists()


def test_list_contains_only_ones_own_requests(login, planned, trainee, neurologist):
    ask(planned, by=trainee)
    assert QUESTION not in body_of(login(neurologist).get("/for-review/"))


def test_other_neurologists_do_not_have_it_to_sign(planned, trainee, other_neurologist):
    ask(planned, by=trainee)
    assert planned not in InjectionSession.objects.to_sign_by(other_neurologist)


def test_change_after_ready_keeps_it_ready_and_names_who(planned, trainee, neurologist):
    review = ask(planned, by=trainee)
    row = planned.injections.in_order().first()
    change_injection(injection=row, product=planned.product, by=neurologist, version=row.version, note="deeper")
    changed = now(review)
    assert (changed.changed_by, changed.is_answered, changed.version) == (neurologist, False, review.version)
    assert now(planned).is_ready_for_review
    assert [label for label, _ in changed.facts()] == ["Ready for review", "Changed afterwards"]


def test_only_one_request_is_open(planned, trainee):
    ask(planned, by=trainee)
    with pytest.raises(Refused, match="already marked as ready"):
        ask(planned, by=trainee)
    with pytest.raises(IntegrityError), transaction.atomic():
        ReviewRequest.objects.create(session=planned, asked_by=trainee, asked_at=planned.visit.starts_at)


def test_answer_is_given_once_by_a_neurologist(planned, trainee, neurologist, other_neurologist):
    review = ask(planned, by=trainee)
    with pytest.raises(Refused, match="Only a neurologist"):
        answer(review, by=trainee)
    for _ in range(2):
        answer(review, by=neurologist, version=review.version)
    with pytest.raises(Conflict):
        answer(review, by=other_neurologist, text="No", version=review.version)
    with pytest.raises(Refused, match="already answered"):
        answer(review, by=other_neurologist, text="No")


def test_ended_session_is_no_longer_for_review(planned, trainee, neurologist):
    review = ask(planned, by=trainee)
    end_as_not_done(
        session=planned, reason="Ill", by=neurologist, version=now(planned).version, asked_at_end_of_visit=True
    )
    assert planned not in InjectionSession.objects.to_sign_by(neurologist)
    assert now(review).state.label == "Session not done"
    with pytest.raises(Refused, match="was not done"):
        answer(review, by=neurologist)


def test_review_is_not_part_of_the_signed_content(planned, trainee):
    before = digest(now(planned).content())
    ask(planned, by=trainee)
    assert digest(now(planned).content()) == before


def withdraw(review, *, by, version=None):
    return withdraw_review(review=review, by=by, version=version or now(review).version)


def test_author_withdraws_a_review_on_the_page(login, planned, trainee, neurologist):
    review = ask(planned, by=trainee)
    url = f"/sessions/{planned.pk}/review/{review.pk}/withdraw/"
    client = login(neurologist)
    assert url not in body_of(client.get(planned.get_absolute_url()))  # another user's review
    assert client.post(url, {"version": review.version}).status_code == 409
    client.force_login(trainee)
    assert url in body_of(client.get(planned.get_absolute_url()))
    assert client.post(url, {"version": review.version + 1}).status_code == 409
    for _ in range(2):  # sent twice, it is withdrawn once
        client.post(url, {"version": review.version})
    assert AuditEntry.objects.filter(action="withdrew review").count() == 1
    assert planned not in InjectionSession.objects.to_sign_by(neurologist)
    assert '<span class="chip cancelled">Withdrawn</span>' in body_of(client.get("/for-review/"))
    with pytest.raises(Refused, match="has withdrawn"):
        answer(review, by=neurologist)
    ask(planned, by=trainee, question="Now?")


def test_answered_review_cannot_be_withdrawn(planned, trainee, neurologist):
    review = answer(ask(planned, by=trainee), by=neurologist)
    with pytest.raises(Refused, match="cannot be withdrawn"):
        withdraw(review, by=trainee)


def test_withdrawn_request_leaves_the_earlier_one_sent_back(planned, trainee, neurologist):
    review = answer(ask(planned, by=trainee), by=neurologist, sent_back=True)
    withdraw(ask(planned, by=trainee), by=trainee)
    assert ReviewRequest.objects.sent_back_to(trainee).get() == review


def test_page_lists_every_review_of_the_session(login, planned, trainee, neurologist):
    answer(ask(planned, by=trainee), by=neurologist, text="Name the consent", sent_back=True)
    answer(ask(planned, by=trainee, question="And the guidance?"), by=neurologist, text="Use EMG")
    page = body_of(login(trainee).get(planned.get_absolute_url()))
    assert f"<summary>Review asked by {trainee} on " in page
    assert f", sent back by {neurologist} on " in page
    for text in (QUESTION, "Name the consent", "And the guidance?", "Use EMG"):
        assert page.count(text) == 1, text


def test_signed_record_has_a_line_about_its_review(login, trainee, neurologist):
    session = builders.a_given_session(by=neurologist)
    before = digest(session.content())
    answer(ask(session, by=trainee), by=neurologist, text="Well recorded")
    record = builders.sign(session, by=neurologist)
    assert record.content_hash == before
    page = body_of(login(trainee).get(record.get_absolute_url()))
    assert f"<summary>Review asked by {trainee} on " in page
    assert f", answered by {neurologist} on " in page
    assert "Well recorded" in page
    assert QUESTION not in record.content_text
