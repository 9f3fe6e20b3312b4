"""What an import can contain: patients, visits and others. Each package registers its own kinds."""

import hashlib
import json
from dataclasses import dataclass

from django.core.exceptions import ValidationError

from clinic.accounts.permissions import Permission, may
from clinic.records.text import words_of

SOURCE_ID, PATIENT = "source_id", "patient"


@dataclass(frozen=True)
class ImportField:
    """What a column can be matched to. `headings` are its usual names, as well as its label.

    Several columns can be matched to a field with `joined_by`, or to one that `repeats`.
    """

    name: str
    label: str
    headings: tuple[str, ...] = ()
    is_required: bool = False
    is_date: bool = False
    joined_by: str = ""
    repeats: bool = False

    def is_named(self, heading):
        return _squeezed(heading) in {_squeezed(self.label), *map(_squeezed, self.headings)}

    @property
    def takes_several(self):
        return self.repeats or bool(self.joined_by)


def _squeezed(heading):
    return "".join(words_of(heading))


SOURCE_FIELD = ImportField(SOURCE_ID, "ID in the other system", ("id", "source id", "uid", "uuid", "row id"))


# The usual names of the column with a patient's ID in the other system.
PATIENT_HEADINGS = ("patient id", "patientid", "pid", "mrn", "patienten-id", "patnr")


class RowKind:
    """One kind of row. Values are JSON: text, numbers, and dates as text."""

    name = title = ""
    model = None
    fields = ()
    permission = Permission.IMPORT_PATIENTS
    is_about_a_patient = True
    # Why a corrected row does not change its record, as a message.
    change_obstacle = ""

    def field(self, name):
        return next((field for field in self.fields if field.name == name), None)

    def is_open_to(self, user):
        return may(user, Permission.IMPORT_PATIENTS) and may(user, self.permission)

    def match_obstacle(self, names):
        """Why these fields are not enough, as a message; None if they are."""

    def values_of(self, cells, order):
        """The values of a row by field. `cells` has the texts of the matched columns. Raises ValidationError."""
        raise NotImplementedError

    def label_of(self, values):
        raise NotImplementedError

    def fallback_id(self, values):
        """Identifies a row of a file without IDs: the same row gives the same, in any file."""
        return f"={digest(values)}"

    def look_up(self, rows, batch):
        """Decide about checked rows whose ID is new: ask, or link to a record. Rows to create need nothing."""

    def current(self, record):
        """The stored values, as values_of() would give them."""
        raise NotImplementedError

    def create(self, rows, *, batch, by):
        """Store the rows: sets `record`, `patient` and `stored_version` of each, or skips it."""
        raise NotImplementedError

    def change(self, record, changes, *, version, by):
        """The changed record. Raises Refused, or ValidationError."""
        raise NotImplementedError

    def before(self, record, changes):
        """What change_back() needs to undo the changes."""
        current = self.current(record)
        return {name: current[name] for name in changes if name in current}

    def change_back(self, record, before, *, version, by):
        return self.change(record, before, version=version, by=by)

    def fill(self, record, row, batch):
        """Of the values for a record of the same person, those that it does not have yet."""
        current = self.current(record)
        return {name: value for name, value in row.values.items() if value and not current.get(name)}

    def remove(self, ids):
        """Remove records that an import created, with their history."""
        self.model.objects.filter(pk__in=ids).delete()
        self.model.history.filter(id__in=ids).delete()


_kinds = {}


def register(kind):
    _kinds[kind.name] = kind


def kind_named(name):
    return _kinds[name]


def kinds_for(user):
    return [kind for kind in _kinds.values() if kind.is_open_to(user)]


def digest(value):
    text = json.dumps(value, sort_keys=True, ensure_ascii=False)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def require_cell(cells, name, *, label):
    if not cells.get(name):
        raise ValidationError(f"{label}: this cell is empty.")


def cleaned_values(model, texts):
    """Each text as the model's field stores it. Raises ValidationError by the label of the field."""
    values, errors = {}, []
    for name, text in texts.items():
        field = model._meta.get_field(name)
        try:
            value = field.clean(text, None)
        except ValidationError as error:
            errors += [f"{field.verbose_name.capitalize()}: {message}" for message in error.messages]
        else:
            values[name] = json_value(value)
    if errors:
        raise ValidationError(errors)
    return values


def json_value(value):
    return value if value is None or isinstance(value, int) else str(value)


def python_values(model, values):
    return {name: model._meta.get_field(name).to_python(value) for name, value in values.items()}


def meanings_of(choices):
    """For chosen(): each choice by its value and by its label."""
    return {_squeezed(text): choice.value for choice in choices for text in (choice.label, choice.value)}


def chosen(text, meanings, *, what):
    """The value that a text means. Raises ValidationError if it is none of the known ones."""
    try:
        return meanings[_squeezed(text) or text.strip()]
    except KeyError as error:
        raise ValidationError(f"{what}: “{text[:40]}” is not known. Write one of {', '.join(meanings)}.") from error
