"""Backups, restores and drills that took place, so that an administrator sees how old the last one is."""

from django.db import models
from django.db.models import Max
from django.utils import timezone

from clinic.records.text import Line


class BackupKind(models.TextChoices):
    BACKUP = "backup", "Backup"
    RESTORE = "restore", "Restore"
    DRILL = "drill", "Restore drill"


class BackupRunQuerySet(models.QuerySet):
    def latest_by_kind(self):
        """By kind and whether it succeeded."""
        last = self.order_by().values("kind", "succeeded").annotate(last=Max("pk")).values("last")
        return {(run.kind, run.succeeded): run for run in self.filter(pk__in=last)}

    def newest_backup(self):
        return self.filter(kind=BackupKind.BACKUP, succeeded=True).order_by("pk").last()


class BackupRun(models.Model):
    """One run of a command. None is ever changed."""

    kind = models.CharField(max_length=10, choices=BackupKind)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(default=timezone.now)
    succeeded = models.BooleanField()
    path = Line(max_length=4096)
    is_encrypted = models.BooleanField(default=False)
    rows = models.PositiveBigIntegerField(default=0)
    problem = Line(max_length=500, blank=True)

    objects = BackupRunQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="clinic_backuprun_kind_is_known", condition=models.Q(kind__in=["backup", "restore", "drill"])
            ),
            models.CheckConstraint(
                name="clinic_backuprun_either_succeeded_or_has_a_problem",
                condition=models.Q(succeeded=True, problem="") | models.Q(succeeded=False) & ~models.Q(problem=""),
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} {self.pk}"
