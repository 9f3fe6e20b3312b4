"""The help pages: the user's own first, and one for each role."""

import pytest

from clinic.accounts.help import PAGE_OF_ROLE, PAGES
from clinic.accounts.permissions import ROLES
from tests import builders

pytestmark = pytest.mark.django_db


def test_every_role_has_a_page():
    assert PAGE_OF_ROLE.keys() == ROLES.keys()
    assert set(PAGE_OF_ROLE.values()) <= PAGES.keys()


@pytest.mark.parametrize("role", ROLES)
def test_help_opens_the_page_of_the_users_role(role, login):
    page = login(builders.a_person(role)).get("/help/")
    assert page.context["title"] == PAGES[PAGE_OF_ROLE[role]]


def test_help_opens_the_administrators_page_without_a_role(login, superuser):
    assert login(superuser).get("/help/").context["title"] == "Administrator"


@pytest.mark.parametrize("name", PAGES)
def test_every_help_page_opens_and_marks_itself(name, login, staff):
    body = login(staff).get(f"/help/{name}/").content.decode()
    assert f'<h2 id="help-title">{PAGES[name]}</h2>' in body
    assert f'aria-current="page">{PAGES[name]}</a>' in body


def test_unknown_help_page_is_not_found(login, staff):
    assert login(staff).get("/help/doses/").status_code == 404
