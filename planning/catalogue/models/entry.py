"""What catalogue entries share: they can be retired, renamed with a reason, and deleted if unused."""

from functools import cached_property

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from clinic.models import LockingQuerySet, Versioned
from clinic.records.text import counted, search_key


class RetirableQuerySet(LockingQuerySet):
    def offered(self):
        return self.filter(retired_at=None)

    def retired(self):
        return self.exclude(retired_at=None)


class Catalogue:
    """All entries of one kind, read once, to check one entry or a whole file against them."""

    def __init__(self, model, *, locked=False):
        self.model = model
        entries = model.objects.order_by(*model._meta.ordering)
        if locked:
            entries = entries.select_for_update(of=("self",), no_key=True)
        self.entries = list(entries)
        self._stored = {entry.pk: entry for entry in self.entries}
        if model.PARENT:
            for entry in self.entries:  # a query for each would take longer than the rest
                setattr(entry, model.PARENT, self._stored.get(entry.parent_id))

    @cached_property
    def _owners(self):
        return self.model.owners(self._stored)

    @cached_property
    def _parts(self):
        return {entry.parent_id: entry for entry in reversed(self.entries)}

    def stored(self, entry):
        """The entry as it is stored; None if it is new."""
        return self._stored.get(entry.pk)

    def owner(self, key, *, besides):
        """Another entry with this key of a name or code, or None."""
        owner = self._owners.get(key)
        return None if owner == besides else owner

    def part_of(self, entry):
        """One of the parts of a stored entry, or None."""
        return self._parts.get(entry.pk) if entry.pk else None

    def add(self, entry):
        """Take in an entry of the same file. What it replaces keeps its names, as if it were another."""
        self.entries.append(entry)
        for key in entry.unique_keys():
            self._owners.setdefault(key, entry)
        if entry.parent_id:
            self._parts.setdefault(entry.parent_id, entry)


class NameMeaning(models.TextChoices):
    """What the new name of an entry means."""

    SPELLING = "spelling", "Spelling only: it is the same"
    ANOTHER = "another", "Something else"


def renaming_obstacles(entry, *, meaning, reason):
    """Why an entry that records use cannot be renamed, by field; {} if it can.

    `meaning` is a NameMeaning or empty. Another muscle or product under the same entry would change the content of
    open sessions, and how earlier ones are understood.
    """
    stored = type(entry).objects.filter(pk=entry.pk).first()
    if stored is None or stored.known_as() == entry.known_as():
        return {}
    naming = entry.naming()
    if not naming:
        return {}
    if meaning == NameMeaning.ANOTHER:
        return {"meaning": f"{stored} cannot become something else. Retire this entry and add a new one."}
    if meaning != NameMeaning.SPELLING:
        return {"meaning": f"{stored} is named in {' and '.join(naming)}. Select what the new name means."}
    return {} if reason else {"reason": "Enter why the name changes."}


def deletion_obstacle(entry, *uses):
    named = [use.format(counted(count, noun)) for use, noun, count in uses if count]
    return f"{entry} cannot be deleted: it is {' and '.join(named)}. Retire it instead." if named else None


class Retirable(Versioned):
    """A catalogue entry that can be retired: it is no longer offered, but records still use it."""

    PARENT = None  # the field that refers to the entry of which this is a part

    retired_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = RetirableQuerySet.as_manager()

    class Meta:
        abstract = True

    def clean(self):
        super().clean()
        if errors := self.obstacles(Catalogue(type(self))):
            raise ValidationError(errors)

    def obstacles(self, catalogue):
        """Why it cannot be in this catalogue, as {field: message}; {} if it can."""
        return {field: message for field, message in self._checks(catalogue).items() if message}

    def _checks(self, catalogue):
        """A message or None by field."""
        raise NotImplementedError

    def unique_keys(self):
        """The normalised names and codes that no other entry can have."""
        raise NotImplementedError

    @classmethod
    def owners(cls, stored):
        """{key: entry} of all entries; `stored` is {pk: entry}."""
        return {key: entry for entry in stored.values() for key in entry.unique_keys()}

    @classmethod
    def refresh_keys(cls, entries):
        """Store the keys of these entries where a table contains them, which is not the default."""

    @property
    def parent_id(self):
        return getattr(self, f"{self.PARENT}_id") if self.PARENT else None

    @property
    def is_retired(self):
        return self.retired_at is not None

    def retire(self):
        self.retired_at = self.retired_at or timezone.now()

    def restore(self):
        self.retired_at = None

    def return_obstacle(self):
        """Why it cannot be offered again, as a message; None if it can, which is the default."""

    def known_as(self):
        return [getattr(self, name) for name in self.NAMED_BY]

    def naming(self):
        raise NotImplementedError


class PlainEntry(Retirable):
    """An entry with a unique name, of which records store the text: a new name changes no record."""

    NAMED_BY = ("name",)

    class Meta:
        abstract = True

    def __str__(self):
        return self.name

    def unique_keys(self):
        return {search_key(self.name)}

    def _checks(self, catalogue):
        taken = catalogue.owner(search_key(self.name), besides=self)
        return {"name": f"{taken} is already in the list." if taken else None}

    def naming(self):
        return []


def session_counts(sessions):
    signed = sessions.signed().count()
    not_signed = sessions.count() - signed
    return [counted(signed, "signed session"), counted(not_signed, "open session")] if signed or not_signed else []
