"""Packages and subpackages use each other in one direction only: imports, URL names and templates."""

import ast
import re

import pytest
from django.conf import settings
from django.urls import get_resolver
from django.urls.resolvers import URLPattern

# Each uses only those before it; planning uses patients, which uses clinic.
ORDER = [
    "clinic.records", "clinic.web", "clinic.accounts", "clinic.api", "clinic.audit",
    "clinic.backup",
    "patients.people", "patients.diary", "patients.coverage", "patients.followups", "patients.waiting",
    "patients.imports", "patients.front_desk",
    "planning.catalogue", "planning.sessions", "planning.signing", "planning.course", "planning.letters",
    "planning.session_pages", "planning.exports", "planning.reports", "planning.pages", "planning.fhir",
    "planning.demo",
]  # fmt: skip
PACKAGES = ("clinic", "patients", "planning")
# Where a package, or all of Collum, is put together; what Django looks for at the top of an app.
COMPOSED = {"settings", "urls", "wsgi", "apps", "admin", "models", "management", "migrations", "templatetags"}
# base.html and its includes, the error pages, the login: they use all of clinic, and every page extends them.
SHARED_TEMPLATES = "clinic.audit"


def subpackage_of(module):
    """`planning.sessions` of *planning.sessions.actions.vials*; None for what is at the top of its package."""
    return ".".join(module.split(".")[:2]) if module.split(".")[1] not in COMPOSED else None


def is_allowed(user, used):
    return used is None or ORDER.index(used) <= ORDER.index(user)


def modules():
    for package in PACKAGES:
        for path in sorted((settings.BASE_DIR / package).rglob("*.py")):
            name = ".".join(path.relative_to(settings.BASE_DIR).with_suffix("").parts).removesuffix(".__init__")
            if name != package and subpackage_of(name) and "static" not in path.parts:
                yield name, path


MODULES = dict(modules())
TEMPLATES = {
    path.relative_to(settings.BASE_DIR / "templates").as_posix(): path
    for path in sorted((settings.BASE_DIR / "templates").rglob("*.*"))
}


def imported(module, source):
    """Every module that this one imports, anywhere in it, as (module, name)."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            yield from ((node.module, alias.name) for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)


def wrong_imports(module, source):
    user = subpackage_of(module)
    for name, what in imported(module, source):
        package = name.split(".")[0]
        if package not in PACKAGES:
            continue
        full = f"{name}.{what}" if "." not in name and what else name
        if "." not in full or subpackage_of(full) is None:
            # The models of another package are gathered for it; one's own are imported from where they are.
            if PACKAGES.index(package) >= PACKAGES.index(user.split(".")[0]):
                yield f"{module} imports {full}"
        elif not is_allowed(user, subpackage_of(full)):
            yield f"{module} imports {full}"


def views(patterns=None, namespace=""):
    """The module of each view, by the name of its URL."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLPattern):
            view = getattr(pattern.callback, "cls", pattern.callback)
            yield f"{namespace}{pattern.name}", view.__module__
        else:
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from views(pattern.url_patterns, inner)


URL_NAME = re.compile(r"""["']((?:clinic|patients|planning):[\w-]+)["']""")
TEMPLATE_NAME = re.compile(r"""["']([\w/.-]+\.(?:html|txt))["']""")


def is_of_a_subpackage(name):
    return name in TEMPLATES and name.split("/")[0] in PACKAGES


def subpackage_of_template(name):
    return ".".join(name.split("/")[:2]) if is_of_a_subpackage(name) else SHARED_TEMPLATES


def wrong_names(user, where, source, url_names):
    """URL names and templates of later subpackages that a template or module names."""
    for name in URL_NAME.findall(source):
        module = url_names.get(name)
        if module and not is_allowed(user, subpackage_of(module)):
            yield f"{where} names the URL {name}"
    for name in TEMPLATE_NAME.findall(source):
        if is_of_a_subpackage(name) and not is_allowed(user, subpackage_of_template(name)):
            yield f"{where} names the template {name}"


@pytest.fixture(scope="module")
def url_names():
    return {name: module for name, module in views() if module.split(".")[0] in PACKAGES}


def test_every_subpackage_is_in_the_order():
    assert {subpackage_of(name) for name in MODULES} == set(ORDER)
    assert {subpackage_of_template(name) for name in TEMPLATES} <= set(ORDER)


def test_no_import_is_hidden_in_a_function():
    hidden = [
        f"{name} imports {inner.module}"
        for name, path in MODULES.items()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef)
        for inner in ast.walk(node)
        if isinstance(inner, ast.ImportFrom) and inner.module.split(".")[0] in PACKAGES
    ]
    assert hidden == []


def test_imports_go_one_way():
    assert [wrong for name, path in MODULES.items() for wrong in wrong_imports(name, path.read_text())] == []


def test_url_names_and_templates_in_modules_go_one_way(url_names):
    found = [
        wrong
        for name, path in MODULES.items()
        for wrong in wrong_names(subpackage_of(name), name, path.read_text(), url_names)
    ]
    assert found == []


def test_url_names_and_includes_in_templates_go_one_way(url_names):
    found = [
        wrong
        for name, path in TEMPLATES.items()
        for wrong in wrong_names(subpackage_of_template(name), name, path.read_text(), url_names)
    ]
    assert found == []


PAIRS = [(user, used) for place, user in enumerate(ORDER) for used in ORDER[place + 1 :]]


@pytest.mark.parametrize(("user", "used"), PAIRS, ids=[f"{user}-{used}" for user, used in PAIRS])
def test_each_reversed_reference_is_found(user, used):
    # Given a module of the earlier subpackage that names something of the later one
    module = f"{user}.views"
    assert list(wrong_imports(module, f"from {used} import actions"))
    assert list(wrong_imports(module, f"def view():\n    from {used}.actions import act"))
    url_names = {"planning:page": f"{used}.views"}
    assert list(wrong_names(user, module, 'reverse("planning:page")', url_names))
    assert list(wrong_names(user, "a template", "{% url 'planning:page' %}", url_names))


def test_reversed_include_is_found(url_names):
    for name in filter(is_of_a_subpackage, TEMPLATES):
        used = subpackage_of_template(name)
        for user in ORDER[: ORDER.index(used)]:
            assert list(wrong_names(user, "a template", f'{{% include "{name}" %}}', url_names))


def test_package_does_not_import_its_own_collected_models():
    assert list(wrong_imports("planning.sessions.actions", "from planning.models import Injection"))
    assert list(wrong_imports("clinic.web.views", "from patients.models import Patient"))
    assert not list(wrong_imports("planning.sessions.actions", "from patients.models import Visit"))
