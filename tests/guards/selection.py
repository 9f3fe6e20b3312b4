"""Which tests must notice that a guard is missing. The quickest come first, and those of the whole room last."""

from collections import defaultdict
from functools import cache

from tests import access
from tests.guards.guard import ROOT
from tests.test_engines import SHOWN_IN

ROLES = "tests/test_permissions.py::test_each_role_has_the_access_of_the_table[{}]"
DECLARED = "tests/test_permissions.py::test_permission_of_a_view_matches_the_access_table[{}]"
OPERATION = "tests/api/test_access.py::test_operation_declares_the_access_of_the_table[{}]"
TOKENS = "tests/api/test_access.py::test_token_of_each_role_has_the_access_of_the_table[{}]"
LOCKS = "tests/test_saved_pages.py::test_each_saved_form_locks_the_rows_it_changes"
ENTRIES = "tests/test_saved_pages.py::test_each_saved_form_leaves_the_entries_of_the_table"
STALE_PAGES = "tests/test_stale_pages.py::test_stale_forms_get_a_conflict_and_are_not_stored"
STALE_REQUESTS = "tests/api/test_stale.py::test_stale_request_is_a_conflict_and_not_stored"
MARKUP = "tests/test_markup_in_text.py"
VERSIONS = "tests/api/test_versions.py"
READS = ("tests/test_reads_audited.py", "tests/api/test_audit_entries.py")
# Files that take minutes, and read everything anew.
SLOW = (
    "tests/browser/",
    "tests/planning/demo/",
    "tests/test_plans.py",
    "tests/test_sqlite_plans.py",
    "tests/test_upgrades.py",
)
CONSTRAINTS = ("tests/patients/people/test_constraints.py", "tests/planning/sessions/test_constraints.py")
# Where a subpackage has no folder of tests with its own name.
TESTS_OF = {
    "clinic/web/form_renderer.py": "tests/clinic/web/test_form_renderer.py",
    "clinic/records/date_fields.py": "tests/clinic/records/test_typed_dates.py",
    "patients/templatetags/contact_links.py": "tests/patients/people/test_contact_links.py",
    "clinic/accounts/set_up.py": "tests/planning/pages/test_set_up.py",
    "clinic/api": "tests/api",
    "planning/reports": "tests/planning/reports",
}


def of_page(module, view):
    """The tests of roles for the URLs of a view; those of its room if it has none."""
    names = _urls_by_view().get((module, view), [])
    return (tuple(test.format(name) for test in (ROLES, DECLARED) for name in names),) if names else ()


def of_operation(module, resource, action):
    names = [
        name for name, cls, actions in _operations() if action in actions and _is_or_inherits(cls, module, resource)
    ]
    return (tuple(OPERATION.format(name) for name in names), tuple(TOKENS.format(name) for name in names))


def of_module(path):
    """The test that shows on both engines what a module does, then all tests of its room."""
    stages = [(f"tests/{SHOWN_IN[path]}",)] if path in SHOWN_IN else []
    return (*stages, (_room(path),))


def mentioning(text, *, path=""):
    """The files of tests that contain a text, such as the name of a constraint: at most six, its room first."""
    room = _room(path) if path else ""
    found = [name for name, content in _test_files().items() if text in content]
    return tuple(sorted(found, key=lambda name: (not name.startswith(room), name))[:6])


def _room(path):
    for folder, tests in TESTS_OF.items():
        if path.startswith(folder):
            return tests
    package, room, *_ = path.split("/")
    tests = f"tests/{package}/{room.removesuffix('.py')}"
    return tests if (ROOT / tests).is_dir() else f"tests/{package}"


@cache
def _test_files():
    files = sorted((ROOT / "tests").rglob("test_*.py"))
    names = {path.relative_to(ROOT).as_posix(): path for path in files}
    return {name: path.read_text() for name, path in names.items() if not name.startswith(SLOW)}


@cache
def _urls_by_view():
    found = defaultdict(list)
    for url in access.urls():
        if not url.is_api:
            found[getattr(url.view, "__module__", ""), getattr(url.view, "__name__", "")].append(url.name)
    return found


@cache
def _operations():
    return [(url.name, url.view.cls, set(url.view.actions.values())) for url in access.urls() if url.is_api]


def _is_or_inherits(cls, module, name):
    return any((each.__module__, each.__name__) == (module, name) for each in cls.__mro__)
