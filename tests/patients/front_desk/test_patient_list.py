"""The search box of the top bar, and the page of the same list."""

import pytest
from django.urls import reverse

from clinic.models import AuditEntry
from patients.people.actions.patients import set_status
from tests import builders
from tests.patients.people.pages import queries_of, text_of, title_of

pytestmark = pytest.mark.engine

PAGE = reverse("patients:patient-list")
IN_PLACE = {"HX-Request": "true"}
FORM = "application/x-www-form-urlencoded"


def test_search_box_gets_a_list_of_links(login, staff):
    # Given two patients with similar names, of whom one moved away
    patient = builders.a_patient(family_name="Söderström", given_name="Åsa", phone="0555 014 417", by=staff)
    other = builders.a_patient(family_name="Söderberg", given_name="Nils", by=staff)
    set_status(patient=other, by=staff, version=other.version, status="moved_away")

    # When the beginning of their name is typed
    response = login(staff).post(PAGE, {"q": "soder"}, headers=IN_PLACE)

    # Then the response is only the list
    assert response.status_code == 200
    assert "<html" not in response.content.decode()
    assert f'href="/patients/{patient.pk}/"' in response.content.decode()
    assert f"SÖDERSTRÖM, Åsa 14 Mar 1969 · {patient.record_number} · 0555 014 417" in text_of(response)
    assert f"SÖDERBERG, Nils 14 Mar 1969 · {other.record_number} · Moved away" in text_of(response)
    assert "Active" not in text_of(response)


def test_without_scripts_a_page_shows_the_query_in_its_box(login, staff):
    builders.a_patient(family_name="O’Neill", by=staff)
    response = login(staff).post(PAGE, {"q": "o’neill"})
    assert "<html" in response.content.decode()
    assert 'value="o’neill"' in response.content.decode()
    assert "O’NEILL, Given" in text_of(response)
    assert title_of(response) == "Patients · Collum"


def test_link_to_register_needs_the_permission(login, staff):
    assert reverse("patients:patient-register") in login(staff).get(PAGE).content.decode()


def test_at_most_twenty_are_shown_and_more_are_announced(login, staff):
    for _ in range(20):
        builders.a_patient(family_name="Okafor", by=staff)
    login(staff)
    twenty = login(staff).post(PAGE, {"q": "okafor"}, headers=IN_PLACE)
    assert twenty.content.decode().count("<li data-row>") == 20
    assert "More than 20" not in text_of(twenty)

    builders.a_patient(family_name="Okafor", by=staff)
    more = login(staff).post(PAGE, {"q": "okafor"}, headers=IN_PLACE)
    assert more.content.decode().count("<li data-row>") == 20
    assert "More than 20 patients match. Type more." in text_of(more)


def test_no_result_shows_a_message(login, staff):
    response = login(staff).post(PAGE, {"q": "<b>nobody</b>" + "y" * 500}, headers=IN_PLACE)
    assert "<b>" not in response.content.decode()
    assert text_of(response) == f"No patient found for {('<b>nobody</b>' + 'y' * 40)[:40]} ."


def test_shown_query_has_no_invisible_characters(login, staff):
    response = login(staff).post(PAGE, {"q": "no\u202ebody\x07\x00\u200b here"}, headers=IN_PLACE)
    assert text_of(response) == "No patient found for nobody here ."


def test_one_letter_is_too_short(login, staff):
    builders.a_patient(family_name="Okafor", by=staff)
    response = login(staff).post(PAGE, {"q": "o"}, headers=IN_PLACE)
    assert text_of(response) == "Type at least two letters or digits."


def test_empty_query_gets_an_empty_list(login, staff):
    """The open list closes only when it is empty, without even a line break."""
    assert login(staff).post(PAGE, {"q": " "}, headers=IN_PLACE).content == b""


ODD_QUERIES = [
    "a" * 10_000, "ab " * 3_000, "1 " * 3_000, "\x00\x01\x1b", "%", "%%", "_", "__", "'", '"', "' OR 1=1 --", "\\",
    "🙂🙂",
    "\u202e\u200b", "﷽" * 300, "(((((", "1/1/1/1/1", "99/99/9999", "31.2.1969", "0000-00-00", "+", "+++++1", "(0)(0)",
    "\ud7ff\ue000", "\U0010ffff" * 3, "İ" * 200, "১৪/০৩/১৯৬৯", "¹²³", "1" * 10_000, "may may may",
]  # fmt: skip


@pytest.mark.parametrize("query", ODD_QUERIES)
@pytest.mark.sample(4)
def test_any_query_gets_a_page(query, login, staff):
    builders.a_patient(by=staff)
    for headers in (IN_PLACE, {}):
        assert login(staff).post(PAGE, {"q": query}, headers=headers).status_code == 200


def test_undecodable_query_gets_a_page(login, staff):
    assert login(staff).post(PAGE, b"q=%ff%fe%80okafor&q=%00", content_type=FORM).status_code == 200


def test_listed_patients_are_audited(login, staff):
    # Given three patients, of whom two match the query
    shown = {builders.a_patient(family_name="Okafor", by=staff).pk for _ in range(2)}
    builders.a_patient(family_name="Halvorsen", by=staff)

    # When they are listed
    login(staff).post(PAGE, {"q": "okafor"}, headers=IN_PLACE)

    # Then one entry names those two, and no typed text
    entry = AuditEntry.objects.last()
    assert (entry.action, entry.actor, entry.route) == ("read", staff, "patients:patient-list")
    assert {row.patient_id for row in entry.patients.all()} == shown


def test_patient_not_shown_is_not_audited(login, staff):
    for _ in range(21):
        builders.a_patient(family_name="Okafor", by=staff)
    login(staff).post(PAGE, {"q": "okafor"}, headers=IN_PLACE)
    assert AuditEntry.objects.last().patients.count() == 20


@pytest.mark.parametrize("person", ["catalogue_manager", "auditor", "superuser"])
def test_search_is_denied_without_the_permission(person, login, request, db):
    builders.a_patient(family_name="Okafor")
    response = login(request.getfixturevalue(person)).post(PAGE, {"q": "okafor"})
    assert response.status_code == 403
    assert "okafor" not in response.content.decode().lower()


def test_query_count_is_constant_for_more_rows(login, staff):
    # Given five patients who match a query
    client, searched = login(staff), {"q": "okafor"}
    for _ in range(5):
        builders.a_patient(family_name="Okafor", by=staff)
    few = queries_of(client, PAGE, searched)

    # When there are fifty, then the page needs as many queries
    for _ in range(45):
        builders.a_patient(family_name="Okafor", by=staff)
    assert queries_of(client, PAGE, searched) == few
