"""Lot numbers: every typed spelling, by which a recall finds them, and the lots in signed records."""

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Length, StrIndex

from clinic.records.text import Line, search_key
from patients.people.models.keys import KeyField
from planning.sessions.scans import read_scan

LONGEST_LOT = 60
LONGEST_KEY = 15 * LONGEST_LOT  # one Unicode character can become fifteen
NO_LOT = "Type a lot number with at least one letter or digit."
FEWEST_TO_COMPARE = 3
MOST_POSSIBLE = 500


class LotMatch(models.TextChoices):
    """How a typed lot matches the lot number searched for; all but the first are possible matches."""

    EXACT = "exact", "the same lot number"
    SCANNED = "scanned", "a scanned code with this lot number"
    CONTAINS = "contains", "contains this lot number"
    PART = "part", "is part of this lot number"


def lot_key(typed):
    """The letters and digits of a lot number, in capitals: *lot c-88 89.* becomes `LOTC8889`.

    Not done by the database: SQLite knows only ASCII capitals.
    """
    return "".join(character for character in search_key(typed) if character.isalnum()).upper()


class LotSpellingQuerySet(models.QuerySet):
    def note(self, lots):
        typed = {lot for lot in lots if lot}
        new = typed - set(self.filter(typed__in=typed).values_list("typed", flat=True)) if typed else ()
        # In sorted order, to avoid deadlocks.
        self.bulk_create([LotSpelling(typed=lot, key=lot_key(lot)) for lot in sorted(new)], ignore_conflicts=True)

    def exact(self, key):
        return list(self.filter(key=key).order_by("typed").values_list("typed", flat=True))

    def possible(self, key):
        """Spellings that contain the key or are contained in it, as {spelling: LotMatch}; at most MOST_POSSIBLE plus
        one.
        """
        if len(key) < FEWEST_TO_COMPARE:
            return {}
        alike = self.alias(
            place=StrIndex(F("key"), Value(key)), place_of_part=StrIndex(Value(key), F("key")), length=Length("key")
        )
        is_part = Q(place_of_part__gt=0, length__gte=FEWEST_TO_COMPARE)
        found = alike.filter(Q(place__gt=0) | is_part).exclude(key=key).order_by("typed")
        return {spelling.typed: spelling.match(key) for spelling in found[: MOST_POSSIBLE + 1]}


class LotSpelling(models.Model):
    """A distinct spelling of a lot number: far fewer than vials, so that a recall can compare with all of them.

    The database rejects a vial or a signed lot whose spelling is missing here.
    """

    typed = Line(max_length=LONGEST_LOT, unique=True)
    key = KeyField(max_length=LONGEST_KEY)

    objects = LotSpellingQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["key"], name="planning_lotspelling_by_key")]

    def __str__(self):
        return self.typed

    def match(self, key):
        if self.key == key:
            return LotMatch.EXACT
        scan = read_scan(self.typed)
        if scan is not None and lot_key(scan.lot) == key:
            return LotMatch.SCANNED
        return LotMatch.CONTAINS if key in self.key else LotMatch.PART


class LotQuerySet(models.QuerySet):
    """Rows with a `lot_number`, whose spellings are stored before the rows."""

    def bulk_create(self, objs, *args, **kwargs):
        objs = list(objs)
        LotSpelling.objects.note(row.lot_number for row in objs)
        return super().bulk_create(objs, *args, **kwargs)


class WithLot(models.Model):
    """A row with a `lot_number`."""

    class Meta:
        abstract = True

    def save(self, *args, **kwargs):
        LotSpelling.objects.note([self.lot_number])
        super().save(*args, **kwargs)


class SignedLot(WithLot):
    """A lot in a signed record. It remains even if the vial is later removed by an amendment."""

    record = models.ForeignKey("planning.SignedRecord", on_delete=models.PROTECT, related_name="lots")
    lot_number = Line(max_length=LONGEST_LOT)

    objects = LotQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["lot_number"], name="planning_signedlot_by_lot")]
        constraints = [
            models.UniqueConstraint(fields=["record", "lot_number"], name="planning_signedlot_is_unique_in_a_record")
        ]

    def __str__(self):
        return self.lot_number
