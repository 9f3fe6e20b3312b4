"""The navigation marks the section that a page belongs to."""

import re

import pytest

from tests import access, builders

pytestmark = pytest.mark.django_db


def links(response):
    """Without the user's own menu, which is a part of the same menu on a phone."""
    return re.findall(r'id="menu".*?id="user-menu"', response.content.decode(), re.DOTALL)[0]


def staying(response):
    """The link that a phone shows next to its menu, with its count."""
    bar = re.findall(r'<nav aria-label="Main">.*?id="menu"', response.content.decode(), re.DOTALL)[0]
    return re.findall(r'<a href="[^"]*">([\w -]+?)\s*<span class="count">(\d+)<', bar)


def current(response):
    """(aria-current, text) of each marked link of the navigation."""
    found = re.findall(r'<a href="[^"]*"\s+aria-current="(\w+)"[^>]*>\s*([\w -]+?)\s*<', links(response))
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
    assert re.findall(r">([A-Z][\w -]+?)\s*<", links(client.get("/audit/"))) == ["Audit"]
    assert access.allowed_roles("clinic:audit", "GET") == ["A"]


def test_count_to_sign_is_never_folded_on_a_phone(client, neurologist):
    client.force_login(neurologist)
    builders.a_follow_up(clinician=neurologist, due_on=builders.today())
    assert staying(client.get("/")) == [("Follow-ups", "1")]
    session = builders.a_given_session(by=neurologist)
    assert staying(client.get("/")) == [("To sign", "1")]
    assert staying(client.get(session.get_absolute_url())) == [("To sign", "1")]
    assert staying(client.get("/to-sign/")) == []
