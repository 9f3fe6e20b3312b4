"""Patients without an open follow-up, an upcoming visit, or a reason for having neither."""

from django.db.models import Exists, OuterRef
from django.utils import timezone

from patients.diary.models.visit import Visit
from patients.followups.models.followup import FollowUp
from patients.people.models.patient import Patient, PatientStatus


def unattended_patients(today, *, but_for=None):
    """Current patients without an open follow-up or an upcoming visit, and without a recorded reason for that.

    `but_for` is a visit to ignore, because it is about to end.
    """
    mine = {"patient": OuterRef("pk")}
    coming = Visit.objects.coming(today).order_by().filter(**mine)
    if but_for is not None:
        coming = coming.exclude(pk=but_for.pk)
    return (
        Patient.objects.filter(status=PatientStatus.ACTIVE, same_as=None, no_follow_up_reason="")
        .exclude(Exists(FollowUp.objects.open().filter(**mine)))
        .exclude(Exists(coming))
        .order_by("sort_name", "date_of_birth", "pk")
    )


def is_unattended(patient, *, but_for=None):
    return unattended_patients(timezone.localdate(), but_for=but_for).filter(pk=patient.pk).exists()
