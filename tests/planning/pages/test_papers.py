"""A patient's consents and the information that was given: recorded, corrected, and offered to a session."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from clinic.models import AuditEntry
from clinic.records.exceptions import Refused
from planning.models import Consent, InformationGiven
from planning.sessions.actions.sessions import change_session
from planning.sessions.forms.sessions import SessionForm
from tests import builders
from tests.patients.people.pages import filled, text_of
from tests.posted_data import shown_version

pytestmark = pytest.mark.django_db

CONSENT = {"given_by": "The patient’s daughter", "form_version": "3.1"}
LEAFLET = {"title": "Your treatment", "leaflet_version": "2026-1", "given_by": "Sam Desk"}
KINDS = {
    "consent": ("planning:patient-consent", "consent_form", CONSENT, Consent),
    "leaflet": ("planning:information-record", "information_form", LEAFLET, InformationGiven),
}


@pytest.fixture
def doctor(login, neurologist):
    return login(neurologist)


@pytest.fixture
def patient():
    return builders.a_patient()


@pytest.fixture(params=KINDS)
def kind(request):
    return KINDS[request.param]


def papers_of(patient):
    return reverse("planning:papers", args=[patient.pk])


def correction_of(paper):
    page = "planning:consent-error" if isinstance(paper, Consent) else "planning:information-error"
    return reverse(page, args=[paper.pk])


def typed_on_the_page(client, patient, kind, **more):
    """(address, what the browser would send)."""
    page, form, typed, _ = kind
    sent = filled(client.get(papers_of(patient)), form, **{**typed, "given_on": builders.today(), **more})
    return reverse(page, args=[patient.pk]), sent


def papers(model=Consent):
    return [
        (entry.action, entry.object_id, [row.patient_id for row in entry.patients.all()])
        for entry in AuditEntry.objects.filter(object_type=model._meta.label_lower).order_by("pk")
    ]


# Recording


def test_consent_is_stored_as_typed_with_its_recorder(doctor, patient, neurologist):
    assert "No consent recorded." in text_of(doctor.get(papers_of(patient)))
    address, sent = typed_on_the_page(doctor, patient, KINDS["consent"])

    response = doctor.post(address, sent, follow=True)

    consent = patient.consents.get()
    assert {name: getattr(consent, name) for name in CONSENT} == CONSENT
    assert (consent.given_on, consent.recorded_by) == (builders.today(), neurologist)
    assert papers() == [("recorded consent", consent.pk, [patient.pk])]
    assert response.redirect_chain == [(papers_of(patient), 302)]
    assert f"{builders.today():%b %Y} The patient’s daughter 3.1 Dr A. Morgan" in text_of(response)


def test_leaflet_is_stored_as_typed(doctor, patient, neurologist):
    assert "No leaflet recorded yet" in text_of(doctor.get(papers_of(patient)))
    address, sent = typed_on_the_page(doctor, patient, KINDS["leaflet"])

    response = doctor.post(address, sent, follow=True)

    given = patient.information_given.get()
    assert {name: getattr(given, name) for name in LEAFLET} == LEAFLET
    assert (given.given_on, given.recorded_by) == (builders.today(), neurologist)
    assert papers(InformationGiven) == [("recorded information given", given.pk, [patient.pk])]
    assert "Your treatment 2026-1 Sam Desk" in text_of(response)


def test_new_form_is_empty(doctor, patient):
    page = doctor.get(papers_of(patient))
    for form in ("consent_form", "information_form"):
        assert [field.name for field in page.context[form].visible_fields() if field.value()] == []


def test_form_sent_twice_records_one(doctor, patient, kind):
    address, sent = typed_on_the_page(doctor, patient, kind)
    for _ in range(2):
        assert doctor.post(address, sent)["Location"] == papers_of(patient)
    assert kind[-1].objects.count() == 1


WRONG = {
    "given_by": ["", "x" * 101, "a\x00b"],
    "given_on": ["", "yesterday", "9999-12-31"],
    "form_version": ["", "x" * 61],
    "title": ["", "x" * 201],
    "leaflet_version": ["x" * 61],
}
WRONG_OF_EACH = [
    (kind, name, value)
    for kind, (_, _, typed, _) in KINDS.items()
    for name in (*typed, "given_on")
    for value in WRONG[name]
]


@pytest.mark.parametrize(("kind", "name", "value"), WRONG_OF_EACH, indirect=["kind"])
@pytest.mark.sample(3)
def test_unreadable_input_is_reported_by_field_and_stays(kind, name, value, doctor, patient):
    _, form_name, typed, model = kind
    address, sent = typed_on_the_page(doctor, patient, kind)

    response = doctor.post(address, {**sent, name: value})

    form = response.context[form_name]
    assert response.status_code == 200
    assert list(form.errors) == [name]
    assert {field: form[field].value() for field in typed} == {**typed, **({name: value} if name in typed else {})}
    assert not model.objects.exists()
    # And the other form is listed unmarked
    others = {"consent_form", "information_form"} - {form_name}
    assert not response.context[others.pop()].is_bound


def test_clinic_staff_cannot_see_or_record_papers(login, staff, patient, kind):
    desk = login(staff)
    assert desk.get(papers_of(patient)).status_code == 403
    assert desk.post(reverse(kind[0], args=[patient.pk]), {}).status_code == 403


def test_trainee_can_record_papers(login, trainee, patient, kind):
    client = login(trainee)
    address, sent = typed_on_the_page(client, patient, kind)
    assert client.post(address, sent).status_code == 302
    assert kind[-1].objects.get().recorded_by == trainee


# Entered in error


def test_entry_in_error_is_listed_last_and_can_be_undone(doctor, patient, neurologist):
    # Given two consents, the later one first
    right = builders.a_consent(patient=patient, given_on=builders.today() - dt.timedelta(days=300))
    wrong = builders.a_consent(patient=patient)
    assert doctor.get(papers_of(patient)).context["consents"] == [wrong, right]

    # When the later one is marked
    sent = filled(doctor.get(correction_of(wrong)), reason="Another patient’s")
    response = doctor.post(correction_of(wrong), sent, follow=True)

    # Then it is listed last, with the reason, until that is undone
    assert response.redirect_chain == [(papers_of(patient), 302)]
    assert response.context["consents"] == [right, wrong]
    assert "Entered in error Another patient’s" in text_of(response)
    response = doctor.post(correction_of(wrong), {"undo": "yes", **shown_version(wrong)}, follow=True)
    assert response.context["consents"] == [wrong, right]
    assert papers()[2:] == [
        ("entered in error", wrong.pk, [patient.pk]),
        ("undid entered in error", wrong.pk, [patient.pk]),
    ]


def test_leaflet_in_error_is_listed_last(doctor, patient):
    wrong = builders.some_information(patient=patient)
    right = builders.some_information(patient=patient, given_on=builders.today() - dt.timedelta(days=1))
    response = doctor.post(
        correction_of(wrong), filled(doctor.get(correction_of(wrong)), reason="Not handed out"), follow=True
    )
    assert response.context["information"] == [right, wrong]
    assert "Entered in error Not handed out" in text_of(response)
    doctor.post(correction_of(wrong), {"undo": "yes", **shown_version(wrong)})
    assert not InformationGiven.objects.get(pk=wrong.pk).is_in_error


def test_mark_needs_a_reason_and_a_version(doctor, patient, neurologist):
    consent = builders.a_consent(patient=patient)
    sent = filled(doctor.get(correction_of(consent)), reason="Typed twice")
    response = doctor.post(correction_of(consent), {**sent, "reason": " "})
    assert "Enter why it was entered in error." in text_of(response)
    builders.in_error(consent, by=neurologist)
    builders.undo_in_error(consent, by=neurologist)
    assert doctor.post(correction_of(consent), sent).status_code == 409
    assert not Consent.objects.get().is_in_error


# The same person


def test_papers_of_a_linked_record_are_listed_and_none_added(doctor, neurologist, kind):
    patient, other = builders.a_patient(), builders.a_patient(record_number="RN-OTHER")
    consent = builders.a_consent(patient=other)
    leaflet = builders.some_information(patient=other)
    address, sent = typed_on_the_page(doctor, other, kind)
    builders.the_same_person(patient, other, by=neurologist)

    page = doctor.get(papers_of(patient))
    assert (page.context["consents"], page.context["information"]) == ([consent], [leaflet])
    assert text_of(page).count("recorded under RN-OTHER") == 2
    assert {row.patient_id for row in AuditEntry.objects.latest("pk").patients.all()} == {patient.pk, other.pk}

    former = doctor.get(papers_of(other))
    assert f'href="{papers_of(patient)}"' in former.content.decode()
    assert 'name="given_by"' not in former.content.decode()
    response = doctor.post(address, sent)
    assert response.status_code == 409
    assert "Continue there." in text_of(response)
    assert kind[-1].objects.count() == 1
    # And a mark leads back to the person
    sent = filled(doctor.get(correction_of(consent)), reason="x")
    assert doctor.post(correction_of(consent), sent)["Location"] == papers_of(patient)


# On the page of a session


def offered(session):
    session.refresh_from_db()
    choices = SessionForm(session=session).fields["consent"].choices
    return [(getattr(value, "value", value), label) for value, label in choices if value]


@pytest.fixture
def given(neurologist):
    return builders.a_given_session(by=neurologist)


def test_session_is_offered_active_consents(given, neurologist):
    patient = given.visit.patient
    former = builders.a_patient()
    theirs = [builders.a_consent(patient=patient), builders.a_consent(patient=former, given_by="Her husband")]
    builders.a_consent(patient=builders.a_patient())
    builders.in_error(builders.a_consent(patient=patient), by=neurologist)
    builders.the_same_person(patient, former, by=neurologist)
    assert {value for value, _ in offered(given)} == {consent.pk for consent in theirs}


def test_chosen_consent_in_error_is_still_offered(doctor, given, neurologist):
    # Given a session that names a consent, which is marked as entered in error afterwards
    consent = builders.a_consent(session=given, by=neurologist)
    builders.in_error(consent, by=neurologist)

    # Then it is offered, marked, and other typed values can be saved
    assert offered(given) == [(consent.pk, f"{consent} (entered in error)")]
    page = doctor.get(given.get_absolute_url())
    address = reverse("planning:session-change", args=[given.pk])
    prefix = f"s{given.pk}-details-"
    sent = filled(page, "details_form", **{f"{prefix}notes": "Calm"})
    assert doctor.post(address, sent).status_code == 302
    given.refresh_from_db()
    assert (given.consent, given.notes) == (consent, "Calm")

    # But once another is chosen, it is offered no longer
    other = builders.a_consent(session=given, by=neurologist, given_by="Her husband")
    assert [value for value, _ in offered(given)] == [other.pk]


def test_consent_in_error_cannot_be_chosen(given, neurologist):
    consent = builders.in_error(builders.a_consent(patient=given.visit.patient), by=neurologist, reason="Typed twice")
    with pytest.raises(Refused, match="entered in error: Typed twice"):
        change_session(session=given, by=neurologist, version=given.version, consent=consent)
    another_patients = builders.a_consent(patient=builders.a_patient())
    with pytest.raises(Refused, match="another patient"):
        change_session(session=given, by=neurologist, version=given.version, consent=another_patients)
    given.refresh_from_db()
    assert given.consent is None


def test_actions_reject_what_the_forms_reject(patient, neurologist):
    with pytest.raises(ValidationError):
        builders.a_consent(patient=patient, given_on=builders.today() + dt.timedelta(days=1))
    with pytest.raises(ValidationError):
        builders.some_information(patient=patient, title="")
    assert not Consent.objects.exists()
    assert not InformationGiven.objects.exists()
