"""The page of a signed record: its own content, even after changes of the catalogue, and its signature."""

import re

import pytest
from django.db import connection

from clinic.models import Clinic
from clinic.records import triggers
from planning.models import Muscle, Product
from planning.sessions.actions.sessions import change_session
from tests import builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def doctor(client, neurologist):
    client.force_login(neurologist)
    return client


@pytest.fixture
def signed(neurologist):
    session = builders.a_given_session(by=neurologist, doses=("2.50", "1.11"))
    builders.a_vial(session=session, by=neurologist, lot_number="LOT-7", expiry="11/30", size="as printed")
    builders.a_consent(session=session, by=neurologist)
    builders.sign(session, by=neurologist)
    session.refresh_from_db()
    return session


def body_of(response):
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def main_of(body):
    """The page without what belongs to one request."""
    return re.sub(r'value="\w{64}"|"X-CSRFToken": "\w+"|\?next=[^"]*', "", body)


def test_record_and_session_show_the_same_page(doctor, signed):
    one = body_of(doctor.get(signed.get_absolute_url()))
    other = body_of(doctor.get(signed.record().get_absolute_url()))
    assert main_of(one) == main_of(other)


def test_page_shows_everything_that_was_signed(doctor, signed):
    page = body_of(doctor.get(signed.get_absolute_url()))
    for words in (
        "Record 1, read-only, as it was signed.", "2.50 units", "1.11 units", "Sternocleidomastoid",
        "musculus sternocleidomastoideus", "Right", "Botox (onabotulinumtoxinA)", "LOT-7", "11/30", "as printed",
        "form 3.1", "2 given, 0 not given, 0 without a recorded dose", "3.61 units", "Patient as signed",
        Clinic.ours().name,
    ):  # fmt: skip
        assert words in page, words


def test_signature_shows_signer_time_with_offset_and_meaning(doctor, signed):
    page = body_of(doctor.get(signed.get_absolute_url()))
    record = signed.record()
    assert "<strong>Dr A. Morgan</strong>, neurologist" in page
    assert "“I vouch that this record states what was given.”" in page
    assert record.hash in page
    assert re.search(r"\d{1,2} \w{3} \d{4}, \d\d:\d\d:\d\d \(UTC[+-]\d\d:\d\d\)", page)
    offset = record.signed_at[-6:]
    assert f"(UTC{offset})" in page


def test_renaming_and_retiring_change_no_record(doctor, signed, neurologist):
    before = main_of(body_of(doctor.get(signed.get_absolute_url())))
    muscle = Muscle.objects.get(short_name="SCM")
    muscle.name, muscle.latin_name, muscle.map_place = "Renamed", "renamed", ""
    muscle.save()
    product = signed.product
    product.brand_name = "Renamedin"
    product.save()
    builders.retire(muscle, by=neurologist)
    neurologist.printed_name = "Dr Married"
    neurologist.save()
    after = main_of(body_of(doctor.get(signed.get_absolute_url())))
    assert after.replace("Dr Married", "Dr A. Morgan") == before.replace("Dr Married", "Dr A. Morgan")
    assert "<strong>Dr A. Morgan</strong>, neurologist" in after
    assert Product.objects.filter(brand_name="Renamedin").exists()


def test_record_shows_its_own_content_without_reading_rows(doctor, signed):
    # Given rows that were changed behind the triggers' back
    triggers.lift()
    try:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE planning_injection SET given_dose = '9.99'")
            cursor.execute("UPDATE planning_vial SET lot_number = 'FORGED'")
            cursor.execute("UPDATE planning_injectionsession SET notes = 'FORGED'")
    finally:
        triggers.install()
    page = body_of(doctor.get(signed.get_absolute_url()))
    assert "2.50 units" in page
    assert "9.99" not in page
    assert "FORGED" not in page


def test_page_has_no_inputs(doctor, signed):
    page = body_of(doctor.get(signed.get_absolute_url()))
    main = page[page.index("<main") : page.index("</main>")]
    for tag in ("<input", "<select", "<textarea", "<form", "<button", "data-muscle"):
        assert tag not in main


def test_rows_without_a_dose_are_marked(doctor, neurologist):
    session = builders.a_given_session(by=neurologist, doses=("0",))
    builders.sign(session, by=neurologist)
    page = body_of(doctor.get(session.get_absolute_url()))
    assert "0 units" in page
    assert "not recorded" in page
    assert "1 given, 0 not given, 1 without a recorded dose" in page


def test_banner_shows_the_new_name_and_record_the_signed_one(doctor, signed):
    patient = signed.visit.patient
    was = patient.family_name.upper()
    patient.family_name = "Married"
    patient.save()
    page = body_of(doctor.get(signed.get_absolute_url()))
    assert "<strong>MARRIED, Given</strong>" in page
    assert was in page


def test_trainee_can_read_records(client, trainee, signed):
    client.force_login(trainee)
    assert client.get(signed.record().get_absolute_url()).status_code == 200


def test_typed_text_is_escaped(doctor, neurologist):
    session = builders.a_given_session(by=neurologist)
    change_session(
        session=session, by=neurologist, version=session.version, notes="<script>alert(1)</script>\nsecond line"
    )
    builders.sign(session, by=neurologist)
    page = body_of(doctor.get(session.get_absolute_url()))
    assert "&lt;script&gt;alert(1)&lt;/script&gt;<br>second line" in page
