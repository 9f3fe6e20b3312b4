"""Who pays, and until when it is authorised: added, changed, marked as entered in error."""

import datetime as dt

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.urls import reverse

from clinic.models import AuditEntry
from clinic.records.exceptions import Refused
from patients.coverage.actions import change_coverage
from patients.models import Coverage
from tests import builders
from tests.patients.coverage.coverage_dates import AFTER, DAY, ENDS, list_of
from tests.patients.people.pages import filled, text_of
from tests.posted_data import shown_version

pytestmark = pytest.mark.django_db

TYPED = {
    "payer": "Example Health",
    "plan": "Plus",
    "member_number": "M 1234",
    "decision": "approved",
    "authorisation_number": "A-77/1",
    "valid_from": "2026-01-01",
    "valid_until": "2027-03-31",
    "sessions_authorised": "4",
    "amount_charged": "€ 1.234,56",
    "patients_share": "10 %",
    "note": "Call before\nnine.",
}
KEPT = {
    **TYPED,
    "valid_from": dt.date(2026, 1, 1),
    "valid_until": dt.date(2027, 3, 31),
    "sessions_authorised": 4,
}


@pytest.fixture(autouse=True)
def on_a_wednesday():
    with time_machine.travel(dt.datetime(2026, 11, 25, 9, tzinfo=dt.UTC), tick=True):
        yield


@pytest.fixture
def desk(login, staff):
    return login(staff)


def correction_of(coverage):
    return reverse("patients:coverage-error", args=[coverage.pk])


def values_of(coverage):
    return {name: getattr(coverage, name) for name in TYPED}


def writes():
    """What was done, to what, and of which patients."""
    return [
        (entry.action, entry.object_id, [row.patient_id for row in entry.patients.all()])
        for entry in AuditEntry.objects.filter(object_type="patients.coverage").order_by("pk")
    ]


# Adding


def test_coverage_is_stored_as_typed(desk, staff):
    # Given a patient's page of coverage, empty at first
    patient = builders.a_patient()
    page = desk.get(list_of(patient))
    assert "Not recorded yet." in text_of(page)

    # When everything is typed and sent
    response = desk.post(list_of(patient), filled(page, **TYPED), follow=True)

    # Then it is stored, without computed values, and the audit trail names its user
    coverage = patient.coverages.get()
    assert values_of(coverage) == KEPT
    assert coverage.recorded_by == staff
    assert coverage.history.get().history_user == staff
    assert writes() == [("added", coverage.pk, [patient.pk])]
    text = text_of(response)
    assert "The coverage is added." in text
    for words in (
        "Example Health Plus Member M 1234 Call before nine. Approved No. A-77/1",
        "1 Jan 2026 to 31 Mar 2027 4 sessions € 1.234,56 Patient’s share 10 %",
    ):
        assert words in text


def test_payer_alone_is_accepted(desk):
    patient = builders.a_patient()
    desk.post(list_of(patient), filled(desk.get(list_of(patient)), payer="Example Health"))
    assert patient.coverages.get().facts() == [("Payer", "Example Health")]


def test_new_form_is_empty(desk):
    form = desk.get(list_of(builders.a_patient())).context["form"]
    assert {field.name: field.value() for field in form.visible_fields() if field.value()} == {}


def test_form_sent_twice_adds_one(desk):
    patient = builders.a_patient()
    sent = filled(desk.get(list_of(patient)), **TYPED)
    for _ in range(2):
        assert desk.post(list_of(patient), sent)["Location"] == list_of(patient)
    assert patient.coverages.count() == 1


def test_form_sent_twice_with_other_content_is_rejected(desk):
    patient = builders.a_patient()
    sent = filled(desk.get(list_of(patient)), **TYPED)
    desk.post(list_of(patient), sent)
    response = desk.post(list_of(patient), {**sent, "payer": "Another"})
    assert response.status_code == 409
    assert "This form was already sent with different content." in text_of(response)
    assert response.context["form"]["payer"].value() == "Another"
    assert patient.coverages.count() == 1


WRONG = {
    "payer": ["", " ", "x" * 101, "Exa\x00mple", "\u202eElpmaxe"],
    "decision": ["perhaps"],
    "valid_from": ["soon", "1999-12-31", "2100-01-01", "0001-01-01", "9999-12-31"],
    "valid_until": ["31.2.2026", "1999-12-31"],
    "sessions_authorised": ["0", "100", "-1", "2.5", "many", "9" * 30, "9" * 5000],
    "amount_charged": ["x" * 61],
    "note": ["x" * 1001],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
@pytest.mark.sample(3)
def test_unreadable_input_is_reported_by_field_and_stays(name, value, desk):
    patient = builders.a_patient()
    sent = filled(desk.get(list_of(patient)), **TYPED) | {name: value}

    response = desk.post(list_of(patient), sent)

    form = response.context["form"]
    assert response.status_code == 200
    assert list(form.errors) == [name]
    assert {field: form[field].value() for field in TYPED} == {**TYPED, name: value}
    assert not Coverage.objects.exists()


def test_end_before_start_is_rejected_at_the_end_field(desk):
    patient = builders.a_patient()
    sent = filled(desk.get(list_of(patient)), **TYPED) | {"valid_from": "2027-04-01"}
    response = desk.post(list_of(patient), sent)
    assert response.status_code == 409
    assert response.context["form"].errors == {"valid_until": ["The end is before the start."]}
    assert response.context["form"]["valid_from"].value() == "2027-04-01"
    assert not Coverage.objects.exists()


def test_coverage_for_a_single_date_is_accepted(desk):
    patient = builders.a_patient()
    sent = filled(desk.get(list_of(patient)), payer="x", valid_from="2026-12-07", valid_until="2026-12-07")
    assert desk.post(list_of(patient), sent).status_code == 302


# Changing


def test_coverage_is_changed(desk, staff):
    coverage = builders.a_coverage(plan="Basic")
    page = desk.get(coverage.get_absolute_url())
    assert page.context["form"]["plan"].value() == "Basic"

    response = desk.post(coverage.get_absolute_url(), filled(page, **TYPED), follow=True)

    assert response.redirect_chain == [(list_of(coverage.patient), 302)]
    assert "The coverage is saved." in text_of(response)
    coverage.refresh_from_db()
    assert values_of(coverage) == KEPT
    assert coverage.history.first().history_user == staff
    assert writes()[-1] == ("changed", coverage.pk, [coverage.patient_id])


def test_unchanged_save_leaves_no_entry(desk):
    coverage = builders.a_coverage()
    before = writes()
    assert desk.post(coverage.get_absolute_url(), filled(desk.get(coverage.get_absolute_url()))).status_code == 302
    assert writes() == before
    assert coverage.history.count() == 1


def test_conflicting_change_keeps_both_texts(desk, staff):
    # Given a page that was opened before another user changed the same coverage
    coverage = builders.a_coverage(plan="Basic")
    stale = filled(desk.get(coverage.get_absolute_url()), plan="Mine", decision="refused")
    change_coverage(coverage=coverage, by=staff, version=1, plan="Theirs", valid_until=dt.date(2027, 6, 1))

    # When it is sent, then both values are shown, and no value is overwritten
    response = desk.post(coverage.get_absolute_url(), stale)
    assert response.status_code == 409
    assert response.context["form"]["plan"].value() == "Mine"
    text = text_of(response)
    assert "Stored now: Theirs. Saving again replaces it with what is shown here." in text
    assert "Stored now: 1 Jun 2027." in text
    assert "Stored now: Approved." in text
    assert Coverage.objects.get().plan == "Theirs"

    # And saving again replaces it
    assert desk.post(coverage.get_absolute_url(), filled(response)).status_code == 302
    assert Coverage.objects.get().plan == "Mine"


def test_repeated_save_succeeds(desk):
    coverage = builders.a_coverage()
    sent = filled(desk.get(coverage.get_absolute_url()), plan="Plus")
    for _ in range(2):
        assert desk.post(coverage.get_absolute_url(), sent).status_code == 302
    assert [action for action, *_ in writes()] == ["added", "changed"]


def test_change_to_an_end_before_the_start_is_rejected(desk):
    coverage = builders.a_coverage()
    sent = filled(desk.get(coverage.get_absolute_url()), valid_until="2026-11-24")
    response = desk.post(coverage.get_absolute_url(), sent)
    assert response.status_code == 409
    assert response.context["form"].errors == {"valid_until": ["The end is before the start."]}


# Entered in error


@pytest.mark.engine
def test_entry_in_error_is_listed_last_and_can_be_undone(desk, staff):
    # Given two coverages
    patient = builders.a_patient()
    wrong = builders.a_coverage(patient=patient, payer="Wrong payer", valid_until=dt.date(2028, 1, 1))
    right = builders.a_coverage(patient=patient, payer="Right payer")
    assert [one.payer for one in desk.get(list_of(patient)).context["records"]] == ["Wrong payer", "Right payer"]

    # When one is marked, from its page
    page = desk.get(correction_of(wrong))
    assert "Wrong payer" in text_of(page)
    response = desk.post(correction_of(wrong), filled(page, reason="Another patient’s"), follow=True)

    # Then it is listed last, with the reason
    assert response.redirect_chain == [(list_of(patient), 302)]
    assert [one.payer for one in response.context["records"]] == ["Right payer", "Wrong payer"]
    assert "Wrong payer Entered in error Another patient’s" in text_of(response)
    assert list(Coverage.objects.active()) == [right]

    # And once that is undone, it is at its former place
    response = desk.post(correction_of(wrong), {"undo": "yes", **shown_version(wrong)}, follow=True)
    assert "is undone" in text_of(response)
    assert [one.payer for one in response.context["records"]] == ["Wrong payer", "Right payer"]
    assert [action for action, *_ in writes()] == ["added", "added", "entered in error", "undid entered in error"]
    assert {tuple(patients) for *_, patients in writes()} == {(patient.pk,)}


def test_reason_is_required(desk):
    coverage = builders.a_coverage()
    response = desk.post(correction_of(coverage), filled(desk.get(correction_of(coverage)), reason=" "))
    assert "Enter why it was entered in error." in text_of(response)
    assert not Coverage.objects.get().is_in_error


def test_entry_in_error_cannot_be_changed_but_undone(desk, staff):
    # Given a form that was opened before the mark
    coverage = builders.a_coverage()
    opened = filled(desk.get(coverage.get_absolute_url()), plan="Typed")
    builders.in_error(coverage, by=staff, reason="Typed twice")

    # Then the page shows it, without a form
    page = desk.get(coverage.get_absolute_url())
    assert "This is marked as entered in error: Typed twice It cannot be changed." in text_of(page)
    assert f'href="{correction_of(coverage)}"' in page.content.decode()
    assert 'name="payer"' not in page.content.decode()

    # And a change is rejected, with the typed text
    response = desk.post(coverage.get_absolute_url(), opened)
    assert response.status_code == 409
    assert "This is marked as entered in error: Typed twice" in response.context["form"].non_field_errors()
    assert response.context["form"]["plan"].value() == "Typed"
    assert Coverage.objects.get().plan == ""


# The same person


def test_coverage_of_a_linked_record_is_listed_and_changed_there(desk, neurologist):
    # Given a coverage in a record that turns out to be the same person
    patient, other = builders.a_patient(), builders.a_patient(record_number="RN-OTHER")
    coverage = builders.a_coverage(patient=other)
    builders.the_same_person(patient, other, by=neurologist)

    # Then it is on the page of the person, and the read is audited
    page = desk.get(list_of(patient))
    assert list(page.context["records"]) == [coverage]
    assert "recorded under RN-OTHER" in text_of(page)
    assert {row.patient_id for row in AuditEntry.objects.latest("pk").patients.all()} == {patient.pk, other.pk}

    # And is changed and corrected from there
    sent = filled(desk.get(coverage.get_absolute_url()), plan="Plus")
    assert desk.post(coverage.get_absolute_url(), sent)["Location"] == list_of(patient)
    coverage.refresh_from_db()
    sent = filled(desk.get(correction_of(coverage)), reason="x")
    assert desk.post(correction_of(coverage), sent)["Location"] == list_of(patient)


def test_linked_record_accepts_no_new_coverage(desk, neurologist):
    patient, other = builders.a_patient(), builders.a_patient()
    sent = filled(desk.get(list_of(other)), **TYPED)
    builders.the_same_person(patient, other, by=neurologist)

    page = desk.get(list_of(other))
    assert f'href="{list_of(patient)}"' in page.content.decode()
    assert 'name="payer"' not in page.content.decode()
    response = desk.post(list_of(other), sent)
    assert response.status_code == 409
    assert "Continue there." in text_of(response)
    assert not Coverage.objects.exists()


# On the patient's page


def fragment(patient, *, gaps=()):
    context = {"patient": patient, "coverages": Coverage.objects.active().latest_first(), "gaps": gaps}
    return render_to_string("patients/coverage/_coverage.html", context)


def test_fragment_shows_payer_decision_and_dates_and_links(staff):
    coverage = builders.a_coverage(
        plan="Plus", valid_from=dt.date(2026, 1, 1), valid_until=dt.date(2027, 3, 31), sessions_authorised=1
    )
    builders.in_error(builders.a_coverage(patient=coverage.patient, payer="Wrong payer"), by=staff)
    html = " ".join(fragment(coverage.patient, gaps=[ENDS]).split())
    assert "<strong>Example Health</strong>, Plus" in html
    assert "Approved, 1 Jan 2026 to 31 Mar 2027, 1 session<" in html
    assert ENDS in html
    assert f'href="{list_of(coverage.patient)}"' in html
    assert "Wrong payer" not in html


def test_fragment_without_coverage_says_not_recorded():
    assert "Not recorded." in fragment(builders.a_patient())


@pytest.mark.parametrize(
    ("details", "words"),
    [
        ({"valid_from": None, "valid_until": None, "decision": ""}, ""),
        ({"valid_from": None, "decision": "refused", "valid_until": DAY}, "Denied, until 7 Dec 2026"),
        ({"valid_until": None, "decision": "", "valid_from": DAY}, "from 7 Dec 2026"),
        ({"valid_from": None, "valid_until": None, "decision": "", "sessions_authorised": 2}, "2 sessions"),
    ],
)
def test_authorisation_is_shown_as_text(details, words):
    assert builders.a_coverage(**details).authorisation_text() == words


# What the action itself rejects


def test_action_rejects_what_the_form_rejects():
    patient = builders.a_patient()
    with pytest.raises(Refused, match="The end is before the start"):
        builders.a_coverage(patient=patient, valid_from=AFTER, valid_until=DAY)
    for details in ({"payer": ""}, {"decision": "perhaps"}, {"sessions_authorised": 0}, {"valid_from": dt.date.max}):
        with pytest.raises(ValidationError):
            builders.a_coverage(patient=patient, **{"valid_until": None, **details})
    assert not Coverage.objects.exists()
