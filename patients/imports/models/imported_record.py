"""Which record came from which row of another system, and how columns were last matched."""

from django.db import models

from patients.imports.models.import_batch import LONGEST_NAME, ImportBatch


class ImportedRecord(models.Model):
    """The record of an ID of another system. `sent` has a digest of each value that the system last sent.

    By these digests an import finds what the other system has changed, and what was changed in Collum since.
    """

    kind = models.CharField(max_length=30)
    source = models.CharField(max_length=LONGEST_NAME)
    source_id = models.CharField(max_length=100)
    record = models.BigIntegerField()
    sent = models.JSONField(default=dict)
    batch = models.ForeignKey(ImportBatch, on_delete=models.PROTECT, related_name="records")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "source", "source_id"], name="patients_importedrecord_source_id_is_unique"
            )
        ]
        indexes = [models.Index(fields=["kind", "record"], name="patients_importedrecord_of")]

    def __str__(self):
        return f"{self.source} {self.source_id}"


class ColumnMatch(models.Model):
    """The field that a column of this name was last matched to; empty if it was left out."""

    kind = models.CharField(max_length=30)
    heading = models.CharField(max_length=100)
    field = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "heading"], name="patients_columnmatch_is_unique")]

    def __str__(self):
        return f"{self.heading}: {self.field or 'left out'}"
