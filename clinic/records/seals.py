"""Seals of the audit trail. Each covers all entries of a range of ids, and the seal before it."""

import hashlib

from django.db import models
from django.utils import timezone

from clinic.records import macs

KNOWN_DIGITS = 16  # of a seal's MAC, in each entry that was written while the seal was the newest


class AuditSealQuerySet(models.QuerySet):
    def newest(self):
        return self.order_by("-number").first()

    def append(self, *, after, last, covered):
        """The seal of the entries after the seal `after` (or the first ones) up to the id `last`."""
        seal = AuditSeal(
            number=after.number + 1 if after else 1,
            first_entry=after.last_entry + 1 if after else 1,
            last_entry=last,
            entries=covered.entries,
            digest=covered.hexdigest(),
            previous_mac=after.mac if after else "",
        )
        seal.mac = macs.mac("seal", seal.mac_values())
        seal.save(force_insert=True)
        return seal


class AuditSeal(models.Model):
    """The database rejects changes and deletions. Ranges have no gaps: an id that is not in use stays so."""

    number = models.BigIntegerField(primary_key=True)
    first_entry = models.BigIntegerField(unique=True)
    last_entry = models.BigIntegerField(unique=True)
    entries = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    previous_mac = models.CharField(max_length=macs.LONGEST, unique=True)
    at = models.DateTimeField(default=timezone.now)
    mac = models.CharField(max_length=macs.LONGEST)

    objects = AuditSealQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.CheckConstraint(
                name="clinic_auditseal_range_is_not_empty",
                condition=models.Q(first_entry__gte=1, last_entry__gte=models.F("first_entry"), entries__gte=1),
            )
        ]

    def __str__(self):
        return f"Seal {self.number}, entries {self.first_entry} to {self.last_entry}, {self.entries} in all"

    @property
    def to_keep(self):
        """What `manage.py verify --seal` takes."""
        return f"{self.number}:{self.mac}"

    def mac_values(self):
        return [
            self.number, self.first_entry, self.last_entry, self.entries, self.digest, self.previous_mac,
            macs.microseconds(self.at),
        ]  # fmt: skip

    def fault(self):
        return macs.fault(self.mac, "seal", self.mac_values())


class Covered:
    """The digest over the entries of a seal: ids, MACs, and the ids of the rows of their patients.

    The MACs cover the content. The ids are given by the database when it stores a row, so that only a seal can
    cover them.
    """

    def __init__(self):
        self.entries, self._hash = 0, hashlib.sha256()

    def add(self, pk, mac, rows):
        self.entries += 1
        self._hash.update(f"{pk} {mac} {rows}\n".encode())

    def hexdigest(self):
        return self._hash.hexdigest()


class _Known:
    """The newest seal that this process knows. Its next entries name it, so that it cannot be removed unseen."""

    number, digits = None, ""

    def note(self, seal):
        if seal is not None:
            self.number, self.digits = seal.number, seal.mac.rpartition(":")[2][:KNOWN_DIGITS]

    def forget(self):
        self.number, self.digits = None, ""


known = _Known()
