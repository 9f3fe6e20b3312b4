"""Doses are defined in one module, every module has a docstring, and none is too long."""

import ast
import re
from collections import defaultdict
from functools import cache
from itertools import chain
from pathlib import Path

from django.conf import settings

PACKAGES = ("clinic", "patients", "planning")
LONGEST_MODULE, LONGEST_TEST_FILE = 300, 500
LONGEST_TEST_NAME = 60
NAMES_THAT_SAY_NOTHING = {"utils", "util", "helpers", "common", "misc", "services", "base"}

DOSE_HOME = "planning/sessions/doses.py"
SCORE_HOME = "planning/catalogue/scores.py"
DOSE_NAMES = {"GRAMMAR", "DoseField", "DoseFormField", "DoseInput", "validate_dose", "sum_of_typed"}
# Each of these would read a typed dose as a number, and show another figure than the one that was typed.
READS_NUMBERS = {
    "Decimal",
    "DecimalField",
    "FloatField",
    "NumberInput",
    "float",
    "decimal",
    "localize_input",
    "sanitize_separators",
}
DOSES = ("50", "0.0625", "2.50")


def modules():
    for package in PACKAGES:
        for path in sorted((settings.BASE_DIR / package).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def name_of(path):
    return path.relative_to(settings.BASE_DIR).as_posix()


MODULES = {name_of(path): path for path in modules()}
TEST_FILES = sorted((settings.BASE_DIR / "tests").rglob("*.py"))


@cache
def parsed():
    """The syntax tree of each module; not read while tests are collected."""
    return {name: ast.parse(path.read_text()) for name, path in MODULES.items()}


def imported_packages(name, tree):
    """The top packages that a module imports, anywhere in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield name.split("/")[0] if node.level else node.module.split(".")[0]


def test_modules_are_found():
    assert {"clinic/settings.py", "patients/people/models/patient.py", DOSE_HOME} <= MODULES.keys()


def test_no_module_imports_its_tests():
    assert [name for name, tree in parsed().items() if "tests" in set(imported_packages(name, tree))] == []


def test_modules_have_at_most_300_lines():
    lengths = {name: len(path.read_text().splitlines()) for name, path in MODULES.items()}
    assert {name: length for name, length in lengths.items() if length > LONGEST_MODULE} == {}


def test_test_files_have_at_most_500_lines():
    lengths = {name_of(path): len(path.read_text().splitlines()) for path in TEST_FILES}
    assert lengths
    assert {name: length for name, length in lengths.items() if length > LONGEST_TEST_FILE} == {}


def test_names_of_tests_have_at_most_60_characters():
    names = {
        node.name
        for path in TEST_FILES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }
    assert {name for name in names if len(name) > LONGEST_TEST_NAME} == set()


def test_every_module_has_a_docstring_and_a_specific_name():
    assert [name for name, tree in parsed().items() if tree.body and not ast.get_docstring(tree)] == []
    named_by_django = {"clinic/records/postgresql/base.py"}
    assert {name for name in MODULES if Path(name).stem in NAMES_THAT_SAY_NOTHING} == named_by_django


# The same files in every subpackage, or folders of them.
STANDARD = {
    "__init__", "actions", "admin", "api", "apps", "context_processors", "forms", "guards", "middleware", "models",
    "settings", "urls", "views", "wsgi",
}  # fmt: skip
COMMAND = "Command"  # Django’s name for it


def shared(names):
    return {name: where for name, where in names.items() if len(where) > 1}


def test_no_two_modules_share_a_name():
    modules = defaultdict(list)
    for name, path in MODULES.items():
        if not {path.stem, path.parent.name} & STANDARD:
            modules[path.stem].append(name)
    assert shared(modules) == {}


def test_no_two_classes_share_a_name():
    classes = defaultdict(list)
    for name, tree in parsed().items():
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and node.name != COMMAND:
                classes[node.name].append(name)
    assert shared(classes) == {}


def defined(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            yield node.name
        elif isinstance(node, ast.Assign):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))


def test_doses_are_defined_in_one_module():
    assert [name for name, tree in parsed().items() if name != DOSE_HOME and DOSE_NAMES & set(defined(tree))] == []


def test_dose_module_defines_all_dose_names():
    assert set(defined(parsed()[DOSE_HOME])) >= DOSE_NAMES


def names_in(tree):
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    attributes = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    imports = set(
        chain.from_iterable(
            (alias.name for alias in node.names)
            for node in ast.walk(tree)
            if isinstance(node, ast.Import | ast.ImportFrom)
        )
    )
    return names | attributes | imports


def test_other_modules_do_not_read_numbers():
    others = {name: tree for name, tree in parsed().items() if name.startswith("planning/") and name != SCORE_HOME}
    assert [name for name, tree in others.items() if READS_NUMBERS & names_in(tree)] == []


def test_score_module_imports_no_session():
    """Otherwise it could be used to read a dose."""
    imported = [node.module for node in ast.walk(parsed()[SCORE_HOME]) if isinstance(node, ast.ImportFrom)]
    assert not [module for module in imported if module.startswith(("planning", "patients", "clinic"))]


def patterns(tree):
    """Texts that are given to `re` or to a validator."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in {"compile", "fullmatch", "match", "search", "RegexValidator", "RegexField"}:
                yield str(node.args[0].value)


def matches_doses(tree):
    return [text for text in patterns(tree) if all(re.fullmatch(text, dose) for dose in DOSES)]


def test_no_other_pattern_matches_a_dose():
    others = {name: tree for name, tree in parsed().items() if name.startswith("planning/") and name != DOSE_HOME}
    assert [name for name, tree in others.items() if matches_doses(tree)] == []


def test_pattern_of_a_dose_is_detected():
    assert matches_doses(parsed()[DOSE_HOME])
