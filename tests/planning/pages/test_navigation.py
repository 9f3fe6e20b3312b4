"""The navigation marks the section that a page belongs to."""

import re

import pytest

from tests import access

pytestmark = pytest.mark.django_db


def current(response):
    """(aria-current, text) of each marked link of the navigation."""
    navigation = response.content.decode().partition("</header>")[0]
    found = re.findall(r'<a href="[^"]*"\s+aria-current="(\w+)"[^>]*>\s*([\w -]+?)\s*<', navigation)
    return [(value, text) for value, text in found if value in {"page", "true"}]


def test_each_page_marks_the_section_that_it_belongs_to(world, client):
    client.force_login(world.clinician)
    for path, marked in {
        "/": ("page", "Today"),
        world.session.get_absolute_url(): ("true", "Today"),
        world.visit.get_absolute_url(): ("true", "Today"),
        "/visits/": ("page", "Diary"),
        "/visits/new/": ("true", "Diary"),
        "/patients/": ("page", "Patients"),
        world.patient.get_absolute_url(): ("true", "Patients"),
        "/follow-ups/": ("page", "Follow-ups"),
        "/to-sign/": ("page", "To sign"),
        "/muscles/": ("page", "Catalogue"),
        "/lots/": ("page", "Lots"),
        "/overview/": ("page", "Overview"),
    }.items():
        assert current(client.get(path)) == [marked], path


def test_account_page_belongs_to_no_section(world, client):
    client.force_login(world.clinician)
    assert current(client.get("/account/tokens/")) == []


def test_links_are_those_of_the_role(client, auditor):
    client.force_login(auditor)
    names = re.findall(r"<nav.*?</nav>", client.get("/audit/").content.decode(), re.DOTALL)[0]
    assert re.findall(r">([A-Z][\w -]+?)\s*<", names) == ["Audit"]
    assert access.allowed_roles("clinic:audit", "GET") == ["A"]
