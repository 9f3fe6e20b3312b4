"""Parts of a page that are rendered once in a process."""

import pytest
from django.template import engines
from django.urls import set_script_prefix

PAGE = "{% load once %}{% once %}{% url 'account_login' %} {{ user }}{% endonce %}|{{ user }}"


@pytest.fixture
def template():
    return engines["django"].from_string(PAGE)


def test_content_does_not_see_the_user(template):
    assert template.render({"user": "Ann"}) == "/accounts/login/ |Ann"
    assert template.render({"user": "Ben"}) == "/accounts/login/ |Ben"


def test_content_is_rendered_once(template, monkeypatch):
    template.render()
    monkeypatch.setattr("django.template.defaulttags.URLNode.render", lambda *ignored: 1 / 0)
    assert template.render() == "/accounts/login/ |"


def test_content_depends_on_the_prefix_of_all_urls(template):
    template.render()
    try:
        set_script_prefix("/collum/")
        assert template.render() == "/collum/accounts/login/ |"
    finally:
        set_script_prefix("/")
