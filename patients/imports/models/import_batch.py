"""An import: one file, how its columns were matched, and how far it is."""

from django.conf import settings
from django.db import models
from django.db.models import Count, Q
from django.urls import reverse

from clinic.models import Versioned
from clinic.records.text import Line
from patients.imports.dates_in_files import DateOrder

LONGEST_NAME = 60


class ImportState(models.TextChoices):
    """In the order in which an import passes through them. A step moves those that are running."""

    MATCHING = "matching", "Columns to match"
    CHECKING = "checking", "Being checked"
    CHECKED = "checked", "To confirm"
    STORING = "storing", "Being imported"
    STORED = "stored", "Imported"
    UNDOING = "undoing", "Being undone"
    UNDONE = "undone", "Undone"
    DISCARDED = "discarded", "Discarded"

    @classmethod
    def running(cls):
        return (cls.CHECKING, cls.STORING, cls.UNDOING)

    @classmethod
    def unconfirmed(cls):
        return (cls.MATCHING, cls.CHECKING, cls.CHECKED)


class ImportBatchQuerySet(models.QuerySet):
    def locked(self, pk):
        return self.select_for_update(of=("self",), no_key=True).get(pk=pk)

    def latest_first(self):
        return self.order_by("-pk")

    def running(self):
        return self.filter(state__in=ImportState.running()).order_by("pk")


class ImportBatch(Versioned):
    """`columns` lists the columns of the file: name, how many cells are filled, three samples, and the matched field.

    Everything from the file is deleted a month after it was uploaded: see ImportFile.
    """

    kind = models.CharField(max_length=30, editable=False)
    source = Line(
        "system", max_length=LONGEST_NAME, help_text="The same name means the same system, also in later files."
    )
    file_name = models.CharField(max_length=100, editable=False)
    file_description = models.CharField(max_length=300, editable=False)
    columns = models.JSONField(default=list, blank=True, editable=False)
    unread = models.JSONField(default=list, blank=True, editable=False)
    date_order = models.CharField(max_length=3, choices=DateOrder, blank=True, editable=False)
    state = models.CharField(max_length=20, choices=ImportState, default=ImportState.MATCHING, editable=False)
    rows_in_file = models.PositiveIntegerField(editable=False)
    rows_done = models.PositiveIntegerField("rows done in this state", default=0, editable=False)
    totals = models.JSONField(default=dict, blank=True, editable=False)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(editable=False)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True, blank=True, editable=False)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ImportBatchQuerySet.as_manager()

    class Meta:
        verbose_name = "import"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="patients_importbatch_state_is_known", condition=Q(state__in=ImportState.values)
            ),
            models.CheckConstraint(
                name="patients_importbatch_confirmed_at_and_by_together",
                condition=Q(confirmed_at=None, confirmed_by=None)
                | Q(confirmed_at__isnull=False, confirmed_by__isnull=False),
            ),
            models.CheckConstraint(
                name="patients_importbatch_undone_at_and_by_together",
                condition=Q(undone_at=None, undone_by=None) | Q(undone_at__isnull=False, undone_by__isnull=False),
            ),
        ]

    def __str__(self):
        return f"import {self.pk}"

    def get_absolute_url(self):
        return reverse("patients:import-detail", args=[self.pk])

    @property
    def is_running(self):
        return self.state in ImportState.running()

    @property
    def is_unconfirmed(self):
        return self.state in ImportState.unconfirmed()

    @property
    def has_file(self):
        return hasattr(self, "file")

    def matched(self):
        """{field: the names of its columns}."""
        found = {}
        for column in self.columns:
            if column["field"]:
                found.setdefault(column["field"], []).append(column["name"])
        return found

    def counts(self):
        """How many rows have each outcome; rows to decide are *ask*."""
        counted = self.rows.order_by().values("outcome").annotate(number=Count("pk"))
        return {row["outcome"]: row["number"] for row in counted} if self.has_file else self.totals


class ImportFile(models.Model):
    """The rows of the file as they were read when it was uploaded; see patients.imports.files.packed_rows."""

    batch = models.OneToOneField(ImportBatch, on_delete=models.PROTECT, related_name="file", primary_key=True)
    text = models.TextField()

    def __str__(self):
        return f"file of {self.batch_id}"
