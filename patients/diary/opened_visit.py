"""A visit together with its patient and the joined records, in one statement."""

from patients.diary.models.visit import Visit
from patients.people.opened_patient import read_or_404


def visit_or_404(pk, *related):
    [visit] = read_or_404(_visit, "patient", pk, *related)
    return visit


def _visit(pk, *related):
    return Visit.objects.filter(pk=pk).select_related("patient__same_as", "clinician", *related)
