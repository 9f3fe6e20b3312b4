"""What catalogue entries share: they can be retired, renamed with a reason, and deleted if unused."""

from django.db import models
from django.utils import timezone

from clinic.models import LockingQuerySet, Versioned
from clinic.records.text import counted


class RetirableQuerySet(LockingQuerySet):
    def offered(self):
        return self.filter(retired_at=None)

    def retired(self):
        return self.exclude(retired_at=None)


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
    said = [use.format(counted(count, noun)) for use, noun, count in uses if count]
    return f"{entry} cannot be deleted: it is {' and '.join(said)}. Retire it instead." if said else None


class Retirable(Versioned):
    """A catalogue entry that can be retired: it is no longer offered, but records still use it."""

    retired_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = RetirableQuerySet.as_manager()

    class Meta:
        abstract = True

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


def sessions_in_words(sessions):
    signed = sessions.signed().count()
    not_signed = sessions.count() - signed
    return [counted(signed, "signed session"), counted(not_signed, "open session")] if signed or not_signed else []
