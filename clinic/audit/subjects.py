"""How the audit pages find a patient: patients belong to a higher package, which registers its lookup."""

_lookup = None


def register(lookup):
    """`lookup(pk=…, record_number=…)` returns the ids of the patients with this id or this record number."""
    global _lookup
    _lookup = lookup


def patient_ids(*, pk=None, record_number=""):
    return _lookup(pk=pk, record_number=record_number)
