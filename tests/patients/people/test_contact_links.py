"""Phone numbers and emails on pages are links that dial or write."""

import re

import pytest
from django.urls import reverse

from patients.templatetags.contact_links import email_links, phone_links
from tests import builders

HREF = re.compile(r'href="([^"]*)"')


@pytest.mark.parametrize(
    ("typed", "dialled"),
    [
        ("0555 014 417", ["tel:0555014417"]),
        ("+44 (0)20 7946 0018", ["tel:+442079460018"]),
        ("(030) 123-45.67", ["tel:0301234567"]),
        ("030/1234567", ["tel:0301234567"]),
        ("0555 014 417 / 0555 014 418", ["tel:0555014417", "tel:0555014418"]),
        ("work 0555 014 417 ext 3, not at 9", ["tel:0555014417"]),
        ("0555 014 417 (in CD-000012)", ["tel:0555014417"]),
        ("0555 014 417 (in 000012)", ["tel:0555014417"]),
        ("٠٥٥٥ ٠١٤", ["tel:0555014"]),
        ("none", []),
        ("12", []),
    ],
)
def test_phone_numbers_are_links_that_dial(typed, dialled):
    assert HREF.findall(phone_links(typed)) == dialled
    assert re.sub(r"<[^>]*>", "", phone_links(typed)) == typed


def test_emails_are_links_that_write():
    html = email_links("asa+neck@example.org\no'neil&co?x=1@example.org (in CD-000012)")
    assert HREF.findall(html) == ["mailto:asa%2Bneck@example.org", "mailto:o%27neil%26co%3Fx%3D1@example.org"]


@pytest.mark.parametrize("links", [phone_links, email_links])
def test_typed_text_cannot_add_markup(links):
    html = links('<b>"0555 014 417"<i> a"b@example.org')
    assert "<b>" not in html
    assert "<i>" not in html
    assert html.count("<a ") == 1


@pytest.mark.django_db
def test_pages_of_the_front_desk_and_the_patient_link_them(login, staff, neurologist):
    patient = builders.a_patient(phone="0555 014 417", email="asa@example.org", by=staff)
    builders.a_follow_up(patient=patient, clinician=neurologist)
    client = login(staff)
    assert 'href="tel:0555014417"' in client.get(reverse("patients:followup-list")).content.decode()
    html = client.get(patient.get_absolute_url()).content.decode()
    assert 'href="tel:0555014417"' in html
    assert 'href="mailto:asa@example.org"' in html
