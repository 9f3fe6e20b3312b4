"""Each form that is saved locks the rows that it changes, and leaves its entries in the audit trail."""

from typing import NamedTuple

import pytest
from django.db import transaction
from django.db.models.query import ModelIterable
from django.db.models.signals import post_save, pre_delete, pre_save
from django.test import Client
from django.utils import timezone

from clinic.models import AuditEntry, Clinic, Versioned
from tests.audited_forms import ENTRIES
from tests.staleforms import StaleWorld, forms
from tests.test_stale_pages import form_of

pytestmark = pytest.mark.django_db

# Rows that are read, or deleted, once another row is locked: by model, the model of that row.
LOCKED_WITH = {"patients.Delay": "clinic.User"}
WITHOUT_A_VERSION = {"clinic.ApiToken", "patients.CalendarFeed"}
DELETED_WITH = {"planning.Vial": "planning.InjectionSession"}


class Saved(NamedTuple):
    entries: list[str]
    unlocked: set[str]


@pytest.fixture(scope="module")
def saved(django_db_setup, django_db_blocker):
    """By name, what happened when each form was sent as its page offers it. Each request is taken back."""
    with django_db_blocker.unblock(), transaction.atomic(), timezone.override(Clinic.ours().zone):
        world = StaleWorld()
        person = Client()
        person.force_login(world.clinician)
        pages = {}
        yield {name: _sent(name, world, person, pages) for name in sorted(forms(world))}
        transaction.set_rollback(True)


def _sent(name, world, person, pages):
    def read(page):
        if page not in pages:
            pages[page] = person.get(page, follow=True)
        return pages[page]

    path, fields = form_of(name, world, read)
    with transaction.atomic():
        last = AuditEntry.objects.latest("pk").pk
        with pytest.MonkeyPatch.context() as patch:
            watch = Watch(patch)
            assert person.post(path, fields).status_code in {200, 302}
        entries = AuditEntry.objects.filter(pk__gt=last, outcome="done").exclude(action="read")
        found = sorted(entries.values_list("action", flat=True))
        transaction.set_rollback(True)
    return Saved(found, watch.unlocked)


def _is_locked_itself(row):
    """Other rows, such as the postures of an assessment, are written once the row to which they belong is locked."""
    return isinstance(row, Versioned) or row._meta.label in WITHOUT_A_VERSION


class Watch:
    """Notes the models of which a row is saved or deleted that was neither read for an update nor added before.

    SQLite has no row locks, and Django asks for none there; so what counts is what the code asks for.
    """

    def __init__(self, patch):
        self.locked, self.unlocked = set(), set()
        patch.setattr(ModelIterable, "__iter__", self._noting(ModelIterable.__iter__))
        receivers = {pre_save: self._before, pre_delete: self._before_deletion, post_save: self._after}
        for signal, receiver in receivers.items():
            patch.setattr(signal, "receivers", list(signal.receivers))
            patch.setattr(signal, "use_caching", False)
            signal.connect(receiver, weak=False)

    def _noting(self, read):
        def noting(rows):
            for row in read(rows):
                if rows.queryset.query.select_for_update:
                    self._after(type(row), row)
                yield row

        return noting

    def _before(self, sender, instance, **kwargs):
        if _is_locked_itself(instance) and not (instance._state.adding or self._is_locked(instance, LOCKED_WITH)):
            self.unlocked.add(sender._meta.label)

    def _before_deletion(self, sender, instance, **kwargs):
        if _is_locked_itself(instance) and not self._is_locked(instance, DELETED_WITH):
            self.unlocked.add(sender._meta.label)

    def _after(self, sender, instance, **kwargs):
        self.locked.add((sender._meta.label, instance.pk))

    def _is_locked(self, row, locked_with):
        label = row._meta.label
        return (label, row.pk) in self.locked or locked_with.get(label) in {label for label, _ in self.locked}


def test_each_saved_form_locks_the_rows_it_changes(saved):
    assert {name: one.unlocked for name, one in saved.items() if one.unlocked} == {}


def test_each_saved_form_leaves_the_entries_of_the_table(saved):
    assert {name: one.entries for name, one in saved.items()} == ENTRIES
