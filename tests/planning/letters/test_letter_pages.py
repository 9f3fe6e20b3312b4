"""The pages of a letter: from the signed record to a letter that was sent."""

import pytest

from planning.letters import pdf
from planning.models import InjectionSession, Letter, LetterTemplate
from planning.reports.export import export_of
from tests import builders, letters

pytestmark = pytest.mark.django_db


@pytest.fixture
def signed(neurologist):
    return builders.a_signed_session(by=neurologist)


def body_of(response):
    return " ".join(response.content.decode().split())


def begin(client, session, **typed):
    path = f"/sessions/{session.pk}/letters/new/"
    key = client.get(path).context["form"]["submission_key"].value()
    template = LetterTemplate.objects.get(name="After a session").pk
    return client.post(path, {"submission_key": key, "template": template, "recipient": "Dr Referrer", **typed})


def test_letter_is_written_signed_off_and_sent(login, signed, neurologist):
    client = login(neurologist)
    letter = Letter.objects.get(pk=begin(client, signed).url.split("/")[-2])
    page = body_of(client.get(letter.get_absolute_url()))
    assert "{injections}" in page
    assert "Draft" in page

    # A changed draft is shown in the print before it is signed off
    changed = {"version": letter.version, "recipient": "Dr Other", "text": "Dear Dr Other\n\n{injections}"}
    client.post(f"/letters/{letter.pk}/change/", changed)
    printed = body_of(client.get(f"/letters/{letter.pk}/print/"))
    row = signed.record().content["injections"][0]
    assert "Draft, not signed off" in printed
    assert f"{row['muscle']['name']}, {row['side']}: {row['given_dose']} units" in printed

    letter.refresh_from_db()
    client.post(f"/letters/{letter.pk}/sign-off/", {"version": letter.version})
    page = client.get(letter.get_absolute_url())
    sent = {"how": "post", "sent_on": builders.today().isoformat(), "note": ""}
    key = page.context["sending_form"]["submission_key"].value()
    client.post(f"/letters/{letter.pk}/send/", {"submission_key": key, **sent})
    text = client.get(f"/letters/{letter.pk}/text/").content.decode()
    assert text == Letter.objects.get(pk=letter.pk).full_text

    # The record names who sent what, and when
    record = body_of(client.get(signed.get_absolute_url()))
    assert "Letter to Dr Other" in record
    assert "sent: Post, " in record


def test_next_letter_of_a_patient_begins_with_the_last_recipient(login, signed, neurologist):
    letters.a_letter(session=signed, by=neurologist, recipient="Dr Last\n2 High Street")
    form = login(neurologist).get(f"/sessions/{signed.pk}/letters/new/").context["form"]
    assert form["recipient"].value() == "Dr Last\n2 High Street"


def test_rejected_letter_keeps_what_was_typed(login, signed, neurologist):
    client = login(neurologist)
    response = begin(client, signed, template="999", recipient="Dr Kept")
    assert response.status_code == 200
    assert "Dr Kept" in response.content.decode()
    assert not Letter.objects.exists()
    letter = letters.a_letter(session=signed, by=neurologist)
    sent = {"version": letter.version, "recipient": "Dr R", "text": "Typed {injections} here"}
    page = body_of(client.post(f"/letters/{letter.pk}/change/", sent))
    assert "Typed {injections} here" in page
    assert "needs a line of its own" in page


def test_text_typed_after_the_sign_off_stays_with_a_message(login, signed, neurologist):
    letter = letters.a_letter(session=signed, by=neurologist)
    letters.sign_off(letter, by=neurologist)
    sent = {"version": letter.version, "recipient": "Dr R", "text": "Typed in an older tab"}
    response = login(neurologist).post(f"/letters/{letter.pk}/change/", sent)
    page = body_of(response)
    assert response.status_code == 409
    assert "Typed in an older tab" in page
    assert "This letter is signed off. Write a new one that replaces it." in page


def test_letter_of_an_amended_record_is_marked(login, signed, neurologist):
    letter = letters.sign_off(letters.a_letter(session=signed, by=neurologist), by=neurologist)
    builders.an_amendment(signed, by=neurologist)
    builders.amend(signed, by=neurologist)
    builders.sign(InjectionSession.objects.get(pk=signed.pk), by=neurologist)
    client = login(neurologist)
    assert "The record was amended after this letter" in body_of(client.get(letter.get_absolute_url()))
    assert "about record 1, which was amended" in body_of(client.get(signed.get_absolute_url()))


def test_trainee_is_not_offered_to_sign_off(login, signed, trainee):
    letter = letters.a_letter(session=signed, by=trainee)
    page = body_of(login(trainee).get(letter.get_absolute_url()))
    assert "A neurologist signs the letter off" in page
    assert "/sign-off/" not in page


def test_letter_and_its_sending_are_in_the_export(login, signed, neurologist):
    letter = letters.sign_off(letters.a_letter(session=signed, by=neurologist), by=neurologist)
    letters.send(letter, by=neurologist)
    exported = export_of(signed.patient)
    (found,) = [each for visit in exported["visits"] for session in visit["sessions"] for each in session["letters"]]
    assert found["full_text"] == letter.full_text
    assert [sending["how"] for sending in found["sendings"]] == ["post"]


def test_server_without_the_library_says_so(login, signed, neurologist, monkeypatch):
    monkeypatch.setattr(pdf, "_weasyprint", lambda: None)
    letter = letters.a_letter(session=signed, by=neurologist)
    page = login(neurologist).get(f"/letters/{letter.pk}/pdf/", follow=True)
    assert "This server cannot create PDF files" in body_of(page)


def test_pdf_loads_nothing(login, signed, neurologist, monkeypatch):
    made = []

    class Library:
        @staticmethod
        def URLFetcher(**allowed):  # noqa: N802 (as in the library)
            made.append(allowed)

        class HTML:
            def __init__(self, *, string, url_fetcher):
                made.append(string)

            def write_pdf(self):
                return b"%PDF"

    monkeypatch.setattr(pdf, "_weasyprint", lambda: Library)
    letter = letters.a_letter(session=signed, by=neurologist, recipient="<img src=file:///etc/passwd>")
    response = login(neurologist).get(f"/letters/{letter.pk}/pdf/")
    assert (response.status_code, response["Content-Type"]) == (200, "application/pdf")
    allowed, page = made
    assert allowed == {"allowed_protocols": {"data"}}
    assert "&lt;img src=file" in page


def test_title_names_the_patient_as_the_letter_does(login, signed, neurologist, monkeypatch):
    # Given a letter that was signed off before the patient had another name
    letter = letters.sign_off(letters.a_letter(session=signed, by=neurologist), by=neurologist)
    unsigned, patient = letters.a_letter(session=signed, by=neurologist), builders.now(signed.patient)
    named = patient.family_name.upper()
    patient.family_name = "Renamed"
    patient.save()
    titles = []
    monkeypatch.setattr(pdf, "is_available", lambda: True)
    monkeypatch.setattr(pdf, "rendered", lambda text, *, title: titles.append(title) or b"")

    # Then its titles have the name that it contains; those of a draft have the new one
    for each, name in ((letter, named), (unsigned, "RENAMED")):
        printed = body_of(login(neurologist).get(f"/letters/{each.pk}/print/")).partition("</title>")[0]
        login(neurologist).get(f"/letters/{each.pk}/pdf/")
        assert [name in title for title in (printed, titles.pop().upper())] == [True, True]
