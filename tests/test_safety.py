"""docs/safety.md agrees with its source, and every control that it names has a test that exists."""

from tests.safety import document
from tests.safety.hazards import HAZARDS, Control, Hazard


def test_page_is_as_written_from_the_hazards():
    assert document.PAGE.read_text() == document.rendered(document.last_run()), "Run `make safety`."


def test_each_hazard_has_controls_and_each_control_tests():
    assert len(HAZARDS) >= 20
    assert [hazard.name for hazard in HAZARDS if not (hazard.cause and hazard.controls and hazard.remains)] == []
    assert [control.what for hazard in HAZARDS for control in hazard.controls if not control.tests] == []


def test_each_named_test_exists():
    assert document.missing_tests() == []


def test_hazards_need_no_browser_and_are_named_once():
    assert [test for test in document.test_ids() if test.startswith("tests/browser/")] == []
    names = [hazard.name for hazard in HAZARDS]
    assert len(names) == len(set(names))


def test_test_that_does_not_exist_is_detected(monkeypatch):
    named = ("test_safety.py::test_nothing_of_this_name", "test_no_such_file.py::test_at_all", "test_safety.py")
    wrong = Hazard("Invented", "None", "None", (Control("None", named),))
    monkeypatch.setattr(document, "HAZARDS", (wrong,))
    assert document.missing_tests() == [f"tests/{test}" for test in named]
