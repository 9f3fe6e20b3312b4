"""Other therapies of a patient: added, changed, marked as entered in error, and listed with current ones first."""

import pytest
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.urls import reverse

from clinic.models import AuditEntry
from clinic.records.exceptions import Refused
from patients.coverage.actions import change_therapy
from patients.models import Therapy
from tests import builders
from tests.patients.people.pages import filled, text_of
from tests.posted_data import shown_version

pytestmark = pytest.mark.django_db

TYPED = {
    "kind": "physical_therapy",
    "description": "Neck exercises, twice a week",
    "started": "Jan 2026",
    "stopped": "",
    "provider": "Example Physiotherapy",
}


@pytest.fixture
def desk(login, staff):
    return login(staff)


def list_of(patient):
    return reverse("patients:therapy-list", args=[patient.pk])


def correction_of(therapy):
    return reverse("patients:therapy-error", args=[therapy.pk])


def values_of(therapy):
    return {name: getattr(therapy, name) for name in TYPED}


def writes():
    """What was done, to what, and of which patients."""
    return [
        (entry.action, entry.object_id, [row.patient_id for row in entry.patients.all()])
        for entry in AuditEntry.objects.filter(object_type="patients.therapy").order_by("pk")
    ]


# Adding


def test_therapy_is_stored_as_typed(desk, staff):
    patient = builders.a_patient()
    page = desk.get(list_of(patient))
    assert "Not recorded yet." in text_of(page)

    response = desk.post(list_of(patient), filled(page, **TYPED), follow=True)

    therapy = patient.therapies.get()
    assert values_of(therapy) == TYPED
    assert (therapy.recorded_by, therapy.history.get().history_user) == (staff, staff)
    assert writes() == [("added", therapy.pk, [patient.pk])]
    text = text_of(response)
    assert "The therapy is added." in text
    assert "Physical therapy Neck exercises, twice a week since Jan 2026 Example Physiotherapy" in text


def test_kind_alone_is_accepted(desk):
    patient = builders.a_patient()
    desk.post(list_of(patient), filled(desk.get(list_of(patient)), kind="other"))
    assert patient.therapies.get().facts() == [("Kind", "Other")]


def test_new_form_is_empty(desk):
    form = desk.get(list_of(builders.a_patient())).context["form"]
    assert {field.name: field.value() for field in form.visible_fields() if field.value()} == {}


def test_form_sent_twice_adds_one(desk):
    patient = builders.a_patient()
    sent = filled(desk.get(list_of(patient)), **TYPED)
    for _ in range(2):
        assert desk.post(list_of(patient), sent)["Location"] == list_of(patient)
    assert patient.therapies.count() == 1


WRONG = {
    "kind": ["", "magic"],
    "description": ["x" * 301, "a\x00b", "\u202eb"],
    "started": ["x" * 61],
    "stopped": ["x" * 61],
    "provider": ["x" * 201],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
@pytest.mark.sample(2)
def test_unreadable_input_is_reported_by_field_and_stays(name, value, desk):
    patient = builders.a_patient()
    sent = filled(desk.get(list_of(patient)), **TYPED) | {name: value}

    response = desk.post(list_of(patient), sent)

    form = response.context["form"]
    assert response.status_code == 200
    assert list(form.errors) == [name]
    assert {field: form[field].value() for field in TYPED} == {**TYPED, name: value}
    assert not Therapy.objects.exists()


# Changing


def test_therapy_is_changed(desk, staff):
    therapy = builders.a_therapy(kind="other")
    page = desk.get(therapy.get_absolute_url())
    response = desk.post(therapy.get_absolute_url(), filled(page, **TYPED), follow=True)
    assert response.redirect_chain == [(list_of(therapy.patient), 302)]
    therapy.refresh_from_db()
    assert values_of(therapy) == TYPED
    assert therapy.history.first().history_user == staff
    assert writes()[-1] == ("changed", therapy.pk, [therapy.patient_id])


def test_conflicting_change_keeps_both_texts(desk, staff):
    therapy = builders.a_therapy()
    stale = filled(desk.get(therapy.get_absolute_url()), stopped="Mar 2026", kind="other")
    change_therapy(therapy=therapy, by=staff, version=1, stopped="Feb 2026")

    response = desk.post(therapy.get_absolute_url(), stale)
    assert response.status_code == 409
    assert response.context["form"]["stopped"].value() == "Mar 2026"
    assert "Stored now: Feb 2026. Saving again replaces it with what is shown here." in text_of(response)
    assert "Stored now: Physical therapy." in text_of(response)
    assert Therapy.objects.get().stopped == "Feb 2026"

    assert desk.post(therapy.get_absolute_url(), filled(response)).status_code == 302
    assert Therapy.objects.get().stopped == "Mar 2026"


# Entered in error


def test_entry_in_error_is_listed_last_and_can_be_undone(desk):
    # Given a current one, one that has stopped, and one entered in error
    patient = builders.a_patient()
    stopped = builders.a_therapy(patient=patient, kind="nerve_block", stopped="2024")
    wrong = builders.a_therapy(patient=patient, kind="earlier_toxin")
    runs = builders.a_therapy(patient=patient)
    assert list(desk.get(list_of(patient)).context["records"]) == [wrong, runs, stopped]

    sent = filled(desk.get(correction_of(wrong)), reason="Another patient’s")
    response = desk.post(correction_of(wrong), sent, follow=True)
    assert response.redirect_chain == [(list_of(patient), 302)]
    assert list(response.context["records"]) == [runs, stopped, wrong]
    assert "Earlier toxin Entered in error Another patient’s" in text_of(response)

    response = desk.post(correction_of(wrong), {"undo": "yes", **shown_version(wrong)}, follow=True)
    assert list(response.context["records"]) == [wrong, runs, stopped]
    assert [action for action, *_ in writes()][3:] == ["entered in error", "undid entered in error"]


def test_entry_in_error_cannot_be_changed_but_undone(desk, staff):
    therapy = builders.a_therapy()
    opened = filled(desk.get(therapy.get_absolute_url()), stopped="2026")
    builders.in_error(therapy, by=staff, reason="Typed twice")

    page = desk.get(therapy.get_absolute_url())
    assert "This is marked as entered in error: Typed twice It cannot be changed." in text_of(page)
    assert f'href="{correction_of(therapy)}"' in page.content.decode()
    assert 'name="kind"' not in page.content.decode()

    response = desk.post(therapy.get_absolute_url(), opened)
    assert response.status_code == 409
    assert response.context["form"]["stopped"].value() == "2026"
    assert Therapy.objects.get().stopped == ""


# The same person


def test_therapy_of_a_linked_record_is_listed_and_none_added(desk, neurologist):
    patient, other = builders.a_patient(), builders.a_patient(record_number="RN-OTHER")
    therapy = builders.a_therapy(patient=other)
    sent = filled(desk.get(list_of(other)), **TYPED)
    builders.the_same_person(patient, other, by=neurologist)

    page = desk.get(list_of(patient))
    assert list(page.context["records"]) == [therapy]
    assert "recorded under RN-OTHER" in text_of(page)
    assert {row.patient_id for row in AuditEntry.objects.latest("pk").patients.all()} == {patient.pk, other.pk}

    former = desk.get(list_of(other))
    assert f'href="{list_of(patient)}"' in former.content.decode()
    assert 'name="kind"' not in former.content.decode()
    response = desk.post(list_of(other), sent)
    assert response.status_code == 409
    assert "Continue there." in text_of(response)
    assert Therapy.objects.count() == 1


# As text

WHEN = {
    ("", ""): "",
    ("Jan 2026", ""): "since Jan 2026",
    ("2019", "2021"): "2019 to 2021",
    ("", "2021"): "until 2021",
}


@pytest.mark.parametrize("times", WHEN)
def test_dates_are_shown_as_text(times):
    started, stopped = times
    assert builders.a_therapy(started=started, stopped=stopped).time_text() == WHEN[times]


def test_fragment_shows_current_therapies_first_and_links():
    patient = builders.a_patient()
    builders.a_therapy(patient=patient, kind="nerve_block", started="2019", stopped="2021")
    builders.a_therapy(patient=patient, description="Neck exercises", provider="Example Physiotherapy")
    context = {"patient": patient, "therapies": Therapy.objects.active().running_first()}
    html = " ".join(render_to_string("patients/coverage/_therapies.html", context).split())
    assert html.index("Physical therapy since Jan 2026") < html.index("Nerve block 2019 to 2021")
    assert "Neck exercises · Example Physiotherapy" in html
    assert f'href="{list_of(patient)}"' in html


def test_fragment_without_therapies_says_not_recorded():
    context = {"patient": builders.a_patient(), "therapies": []}
    assert "Not recorded." in render_to_string("patients/coverage/_therapies.html", context)


def test_action_rejects_what_the_form_rejects(neurologist):
    patient, other = builders.a_patient(), builders.a_patient()
    with pytest.raises(ValidationError):
        builders.a_therapy(patient=patient, kind="magic")
    builders.the_same_person(patient, other, by=neurologist)
    with pytest.raises(Refused, match="Continue there"):
        builders.a_therapy(patient=other)
    assert not Therapy.objects.exists()
