"""The URL of a record's page is the one that Django builds."""

import pytest
from django.test import override_settings
from django.urls import NoReverseMatch, reverse, set_script_prefix

from clinic.settings import PAGES_ABOUT_A_PATIENT
from clinic.web.page_urls import url_of_page
from patients.models import Patient


@pytest.fixture
def under_a_path():
    set_script_prefix("/collum987654321/")
    yield
    set_script_prefix("/")


@pytest.mark.parametrize("page", PAGES_ABOUT_A_PATIENT.values())
def test_url_of_a_record_is_that_of_its_page(page):
    assert [url_of_page(page, pk) for pk in (1, 20_000)] == [reverse(page, args=[pk]) for pk in (1, 20_000)]


def test_prefix_of_the_installation_is_part_of_the_url(under_a_path):
    assert Patient(pk=7).get_absolute_url() == "/collum987654321/patients/7/"


def test_url_follows_the_routes_in_use():
    with override_settings(ROOT_URLCONF="clinic.urls"):
        assert Patient(pk=7).get_absolute_url() == "/patients/7/"


def test_record_that_is_not_stored_has_no_page():
    with pytest.raises(NoReverseMatch):
        Patient().get_absolute_url()
