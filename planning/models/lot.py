"""Lot numbers as they are compared, and the lots that signed records name."""

from django.db import models
from django.db.models.functions import Replace, Upper

from clinic.text import Line

# Typed with or without, a lot number is the same.
LEFT_OUT = (" ", "-", "\u2010", "\u2011", "\u2012", "\u2013", "\u2014", "\u2212")
LONGEST_LOT = 60
NO_LOT = "Type a lot number: spaces and hyphens alone are none."


def is_a_lot(typed):
    """Whether anything but spaces and hyphens stands there."""
    return any(character not in LEFT_OUT for character in typed)


def lot_key(lot_number):
    """An expression: the lot number in capitals, without spaces and hyphens. The database makes it of both sides."""
    bare = lot_number
    for character in LEFT_OUT:
        bare = Replace(bare, models.Value(character), models.Value(""))
    return Upper(bare)


def key_of_lot(typed):
    """What `lot_key` columns are compared with."""
    return lot_key(models.Value(typed, output_field=models.CharField()))


def lot_key_field():
    return models.GeneratedField(
        expression=lot_key(models.F("lot_number")),
        output_field=models.CharField(max_length=LONGEST_LOT),
        db_persist=True,
    )


class SignedLot(models.Model):
    """A lot that a signed record names; the record's vials may be amended away later, this stays."""

    record = models.ForeignKey("planning.SignedRecord", on_delete=models.PROTECT, related_name="lots")
    lot_number = Line(max_length=LONGEST_LOT)
    lot_key = lot_key_field()

    class Meta:
        indexes = [models.Index(fields=["lot_key"], name="planning_signedlot_by_key")]
        constraints = [
            models.UniqueConstraint(fields=["record", "lot_number"], name="planning_signedlot_stands_once_in_a_record")
        ]

    def __str__(self):
        return self.lot_number
