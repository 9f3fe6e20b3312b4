"""Rows that the actions made, again and again: the same rows in bulk, with people and visits of their own."""

import datetime as dt
import uuid
from contextlib import contextmanager
from graphlib import TopologicalSorter

from django.apps import apps
from django.db import models

from clinic.models import ApiToken, AuditEntry, LoginSession, User
from patients.models import Patient, Visit
from patients.people.models.keys import PatientKey
from planning.catalogue.models.muscle import MuscleKey
from planning.models import Amendment, Injection, Instrument, LotSpelling, Muscle, SignedRecord, Vial
from tests import builders

# What must be unique in all rows.
UNIQUE = {
    User: ["username"],
    ApiToken: ["token_hash", "name"],
    LoginSession: ["session_key"],
    Patient: ["record_number"],
    PatientKey: ["key"],  # found by its beginning
    Muscle: ["name", "short_name"],
    MuscleKey: ["key"],
    Instrument: ["name"],
}

# Stored once for all rows that name it.
SHARED = {LotSpelling}


def _references(model):
    return [field for field in model._meta.concrete_fields if field.is_relation]


def _copied_models():
    """In an order in which each row finds what it refers to; of the past of a row there is no copy."""
    ours = [
        model
        for model in apps.get_models(include_auto_created=True)
        if isinstance(model._meta.pk, models.AutoField) and not hasattr(model, "instance_type") and model not in SHARED
    ]
    needs = {model: {field.related_model for field in _references(model)} & {*ours} - {model} for model in ours}
    needs[SignedRecord] |= {Injection, Vial}  # a signed session takes none any more
    return list(TopologicalSorter(needs).static_order())


class Made:
    """What was made within `with making() as made`."""

    def __init__(self):
        self.last = {model: _last_of(model) for model in _copied_models()}

    def end(self):
        self.rows = {
            model: list(model._base_manager.filter(pk__gt=last).order_by("pk")) for model, last in self.last.items()
        }

    def again(self, times):
        for number in range(1, times + 1):
            copies, missing = {}, []
            for model, batch in self._batches():
                made = model._base_manager.bulk_create([self._copy(row, number, copies, missing) for row in batch])
                copies |= {(model, row.pk): copy.pk for row, copy in zip(batch, made, strict=True)}
            for copied, column, referred in missing:
                copied[0]._base_manager.filter(pk=copies[copied]).update(**{column: copies[referred]})

    def _batches(self):
        for model, rows in self.rows.items():
            if model is SignedRecord:
                yield from self._signed()
            elif model is not Amendment:
                yield model, rows

    def _signed(self):
        """The first records, their amendments, then what these led to."""
        for number in sorted({record.number for record in self.rows[SignedRecord]}):
            yield SignedRecord, [record for record in self.rows[SignedRecord] if record.number == number]
            yield Amendment, [one for one in self.rows[Amendment] if one.record.number == number]

    def _copy(self, row, number, copies, missing):
        """It refers to copies; where there is none yet, `missing` applies."""
        model = type(row)
        fields = [field for field in model._meta.concrete_fields if not (field.primary_key or field.generated)]
        values = {field.attname: getattr(row, field.attname) for field in fields}
        for field in _references(model):
            referred = (field.related_model, values[field.attname])
            if referred in copies:
                values[field.attname] = copies[referred]
            elif referred[1] is not None and self._is_made(*referred):
                values[field.attname] = None
                missing.append(((model, row.pk), field.attname, referred))
        for name in UNIQUE.get(model, ()):
            values[name] = f"{values[name]}x{number}"[-model._meta.get_field(name).max_length :]
        if model is AuditEntry:
            values["nonce"] = uuid.uuid4()
        if model is Visit:
            values |= self._moved(row, number)
        return model(**values)

    def _is_made(self, model, pk):
        return any(row.pk == pk for row in self.rows.get(model, ()))

    def _moved(self, visit, number):
        """To a day or a time at which none of the visits is: those of today stay today's."""
        many = len(self.rows[Visit]) * number
        days = (visit.day - builders.today()).days
        later = dt.timedelta(days=many if days > 0 else -many) if days else dt.timedelta(minutes=10 * many)
        return {"starts_at": visit.starts_at + later, "ends_at": visit.ends_at + later}


def _last_of(model):
    return model._base_manager.aggregate(last=models.Max("pk"))["last"] or 0


@contextmanager
def making():
    made = Made()
    yield made
    made.end()
