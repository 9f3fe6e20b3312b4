"""One stylesheet for all pages, with those rules of the library that a page can use."""

from pathlib import Path

import pytest
import tinycss2
from django.conf import settings
from django.contrib.staticfiles import finders

from clinic.web.stylesheets import BOOTSTRAP, CLASS, in_one_file, used_rules, words_of


def text_of(name):
    return Path(finders.find(name)).read_text()


@pytest.fixture(scope="module")
def words():
    return words_of(settings.BASE_DIR)


@pytest.mark.parametrize(
    ("css", "used"),
    [
        (".btn{color:red}.modal{color:red}", ".btn{color:red}"),
        (".modal,.btn{color:red}", ".btn{color:red}"),
        (".btn .modal{color:red}", ""),
        (".btn:not(.modal):hover{color:red}", ".btn:not(.modal):hover{color:red}"),
        (":is(.btn,.table)>a{color:red}", ":is(.btn,.table)>a{color:red}"),
        ("@media print{.modal{color:red}.btn{color:red}}", "@media print{.btn{color:red}}"),
        ("@media print{.modal{color:red}}", ""),
        ("h1,:root{--x:1.5rem}", "h1,:root{--x:1.5rem}"),
        ("/*! licence */@keyframes turn{to{rotate:1turn}}", "/*! licence */@keyframes turn{to{rotate:1turn}}"),
    ],
)
def test_rule_stays_if_a_page_can_use_it(css, used):
    assert used_rules(css, {"btn", "table"}) == used


def test_one_file_has_all_rules_in_order(words):
    css = in_one_file(text_of, words=words)
    assert css.index("Licensed under MIT") < css.index("--ground:") < css.index("--bs-body-font-size: .9375rem")
    assert not [rule for rule in tinycss2.parse_stylesheet(css) if rule.type == "error"]


def test_unused_rules_are_most_of_the_library(words):
    assert len(used_rules(text_of(BOOTSTRAP), words)) < 40_000 < 200_000 < len(text_of(BOOTSTRAP))


def test_classes_of_forms_tables_and_buttons_stay(words):
    kept = set(CLASS.findall(used_rules(text_of(BOOTSTRAP), words)))
    written_in_parts = {"btn-outline-primary"}  # in a template, with an {% if %} within the name
    assert kept >= {"btn-primary", "form-control", "form-select", "table-sm", "visually-hidden", *written_in_parts}
