"""A record together with its patient and the joined records, as most pages need them: in one statement."""

from functools import reduce

from django.db.models.functions import Coalesce
from django.http import Http404

from clinic.records.together import read_together
from patients.people.models.patient import Patient


def patient_or_404(pk, *related):
    [patient] = read_or_404(_patient, "", pk, *related)
    return patient


def read_or_404(rows, patient, *values, more=()):
    """The first of `rows(*values)`, and what `more` names for read_together(). `patient` is the path to the patient,
    whose joined records are read with it.
    """
    found, joined, *others = read_together((rows, *values), (_joined_at, rows, patient, *values), *more)
    if not found:
        raise Http404
    record = found[0]
    reduce(getattr, patient.split("__") if patient else (), record).joined_to_main = joined
    return record, *others


def _patient(pk, *related):
    return Patient.objects.filter(pk=pk).select_related("same_as", *related)


def _joined_at(rows, patient, *values):
    """The records that are joined to the main one of the `patient` of `rows(*values)`."""
    path = f"{patient}__" if patient else ""
    main = rows(*values).order_by().values(main=Coalesce(f"{path}same_as", f"{path}pk"))
    return Patient.objects.filter(same_as__in=main).order_by("pk")
