"""Guards in the database: the registered triggers, and the constraints of the models."""

from django.apps import apps
from django.db.models import CheckConstraint, UniqueConstraint

from clinic.records import triggers
from tests.guards import selection
from tests.guards.guard import Guard

IMMUTABLE = ("tests/planning/signing/test_immutable.py", "tests/clinic/audit/test_audit.py")


def guards():
    yield from _triggers()
    yield from _constraints()


def _triggers():
    for guard in [each for registered in triggers._registered.values() for each in registered]:
        stages = _stages(guard.rule)
        engine = guard.engines[0] if len(guard.engines) == 1 else ""
        what = f"on {guard.table}"
        yield Guard("trigger", guard.name, what, stages, without=f"trigger:{guard.name}", engine=engine)


def _constraints():
    for label in ("clinic", "patients", "planning"):
        for model in apps.get_app_config(label).get_models():
            for constraint in model._meta.constraints:
                if isinstance(constraint, (CheckConstraint, UniqueConstraint)):
                    what = f"{type(constraint).__name__} of {model._meta.label}"
                    without = f"constraint:{model._meta.label}:{constraint.name}"
                    yield Guard("constraint", constraint.name, what, _stages(constraint.name), without=without)


def _stages(rule):
    """The tests that name the rule, then those of all rules of the database."""
    return tuple(filter(None, (selection.mentioning(rule), selection.CONSTRAINTS, IMMUTABLE)))
