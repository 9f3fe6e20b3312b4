"""The runs of `manage.py remind`, so that an administrator sees whether the server still starts it."""

from django.db import models
from django.utils import timezone


class ReminderRun(models.Model):
    """One run. It names no patient; without an end, it was interrupted."""

    started_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)
    sent = models.PositiveIntegerField(default=0)
    changes_reported = models.PositiveIntegerField("messages about changes", default=0)
    failed = models.PositiveIntegerField(default=0)
    held_back = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-pk"]

    def __str__(self):
        return f"run {self.pk}"

    def end(self, *, sent, changes_reported, failed, held_back):
        self.sent, self.changes_reported = sent, changes_reported
        self.failed, self.held_back = failed, held_back
        self.ended_at = timezone.now()
        self.save()
