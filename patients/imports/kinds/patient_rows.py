"""Rows that are patients."""

from django.core.exceptions import ValidationError
from django.db import IntegrityError

from clinic.records.exceptions import Refused
from patients.imports.dates_in_files import read_date_in
from patients.imports.dose_like import require_no_dose
from patients.imports.kinds.row_kind import (
    PATIENT_HEADINGS,
    SOURCE_FIELD,
    SOURCE_ID,
    ImportField,
    RowKind,
    chosen,
    cleaned_values,
    python_values,
    require_cell,
)
from patients.imports.models.import_row import RowOutcome
from patients.people.actions.many_patients import identify, note_similar, register_many, remove_many
from patients.people.actions.patients import change_patient
from patients.people.alike import Identity
from patients.people.alike_index import AlikeIndex
from patients.people.models.identifier import PatientIdentifier
from patients.people.models.keys import PatientKey
from patients.people.models.patient import Patient, PatientStatus, Sex
from patients.people.search import phone_end

MOST_ALIKE = 5
FREE_TEXTS = ("diagnosis", "onset", "note")
SEXES = {
    **dict.fromkeys(("f", "female", "w", "weiblich", "frau", "femme", "femenino", "femminile", "woman"), Sex.FEMALE),
    **dict.fromkeys(("m", "male", "mannlich", "herr", "homme", "masculin", "masculino", "maschile", "man"), Sex.MALE),
    **dict.fromkeys(("other", "o", "d", "divers", "x", "diverse"), Sex.OTHER),
    **dict.fromkeys(("notstated", "unknown", "u", "unbekannt", "n", ""), Sex.NOT_STATED),
}
ALIVE = ("", "no", "false", "0", "alive")
DEAD = ("yes", "true", "1", "dead", "deceased", "died")


class PatientRows(RowKind):
    name, title = "patients", "Patients"
    model = Patient
    is_about_a_patient = False
    fields = (
        ImportField(SOURCE_ID, SOURCE_FIELD.label, (*SOURCE_FIELD.headings, *PATIENT_HEADINGS)),
        ImportField("family_name", "Family name", ("last", "last name", "surname", "lastname", "family", "nachname",
                    "name", "nom", "apellidos", "cognome", "familienname")),
        ImportField("given_name", "Given names", ("first", "first name", "firstname", "given", "given name", "forename",
                    "vorname", "prenom", "nombre", "nome", "middle", "middle name", "middlename"), joined_by=" "),
        ImportField("full_name", "Full name, as Family, Given", ("full name", "fullname", "patient name")),
        ImportField("date_of_birth", "Birth date", ("birthdate", "birthday", "date of birth", "dob", "born",
                    "geburtsdatum", "geboren", "geburtstag", "date de naissance", "fecha de nacimiento",
                    "data di nascita", "bday", "birth"), is_required=True, is_date=True),
        ImportField("sex", "Sex", ("gender", "geschlecht", "sexe", "sexo", "sesso")),
        ImportField("record_number", "Record number in Collum", ("record number", "recordnumber")),
        ImportField("phone", "Phone", ("telephone", "tel", "mobile", "telefon", "telefono", "phone number", "handy")),
        ImportField("email", "Email", ("e-mail", "mail", "email address", "e-mail-adresse")),
        ImportField("address", "Address", ("street", "adr", "adresse", "strasse", "address line 1", "address line 2",
                    "city", "state", "zip", "postcode", "postal code", "plz", "ort", "county", "country", "land"),
                    joined_by="\n"),
        ImportField("language", "Language", ("sprache", "lang", "preferred language")),
        ImportField("diagnosis", "Diagnosis", ("diagnose",)),
        ImportField("diagnosis_code", "Diagnosis code", ("icd", "icd10", "icd-10", "icd code")),
        ImportField("onset", "Onset"),
        ImportField("referred_by", "Referred by", ("referrer", "referring doctor", "zuweiser", "hausarzt")),
        ImportField("died", "Deceased, or date of death", ("deathdate", "date of death", "deceased", "died",
                    "verstorben", "sterbedatum"), is_date=True),
        ImportField("note", "Note", ("comment", "remark", "bemerkung", "notes"), joined_by="\n"),
        ImportField("identifier", "Number in another system", ("ssn", "drivers", "passport", "nhs number", "nhsnumber",
                    "insurance number", "versichertennummer", "national id", "hospital number"), repeats=True),
        ImportField("identifiers", "Numbers, one a line as system|number", ("identifiers",)),
    )  # fmt: skip

    def match_obstacle(self, names):
        if "family_name" not in names and "full_name" not in names:
            return "Match a column to Family name, or to Full name."
        return None

    def values_of(self, cells, order):
        texts = {name: text for name, text in cells.items() if self.model_has(name)}
        if "full_name" in cells:
            texts |= _names_of(cells["full_name"])
        require_cell(texts, "family_name", label="Family name")
        texts["date_of_birth"] = _birth_date(cells.get("date_of_birth", ""), order)
        texts["sex"] = chosen(cells.get("sex", ""), SEXES, what="Sex").value
        for name in FREE_TEXTS:
            require_no_dose(texts.get(name, ""))
        values = cleaned_values(Patient, texts)
        if "died" in cells:
            values |= _status_of(cells["died"], order)
        if identifiers := _identifiers_of(cells):
            values["identifiers"] = identifiers
        return values

    def model_has(self, name):
        return name not in (SOURCE_ID, "full_name", "died", "identifier", "identifiers")

    def label_of(self, values):
        name = f"{values['family_name'].upper()}, {values.get('given_name', '')}".rstrip(", ")
        return f"{name}, born {values['date_of_birth']}"

    def fallback_id(self, values):
        if number := values.get("record_number"):
            return number
        return super().fallback_id({name: values.get(name, "") for name in ("family_name", "given_name",
                                                                           "date_of_birth")})  # fmt: skip

    def look_up(self, rows, batch):
        """Similar patients, and similar earlier rows of the file, are asked about."""
        if not rows:
            return
        identities = [_identity(row.values) for row in rows]
        index = AlikeIndex(identities)
        for identity in Patient.objects.identities():
            index.add(("patient", identity.person), identity)
        for number, values in _earlier_rows(batch):
            index.add(("row", number), _identity(values))
        numbered, reached = _patients_by_number(rows), _patients_by_phone(rows)
        for row, identity in zip(rows, identities, strict=True):
            found = index.owners_like(identity)
            found += [("patient", pk) for pk in numbered.get(row.values.get("record_number", "").lower(), ())]
            found += [("patient", pk) for pk in reached.get(phone_end(row.values.get("phone", "")), ())]
            index.add(("row", row.number), identity)
            if found:
                row.outcome = RowOutcome.ASK
                row.alike = [{what: number} for what, number in dict.fromkeys(found)][:MOST_ALIKE]

    def current(self, record):
        names = [field.name for field in self.fields if self.model_has(field.name)]
        values = {name: getattr(record, name) for name in names}
        values |= {"date_of_birth": str(record.date_of_birth), "status": record.status}
        values["status_since"] = record.status_since and record.status_since.isoformat()
        return values

    def create(self, rows, *, batch, by):
        taken = set(_patients_by_number(rows))
        patients = []
        for row in rows:
            values = {name: value for name, value in row.values.items() if name != "identifiers"}
            if (number := values.get("record_number", "").lower()) and number in taken:
                row.skip(f"Another patient has the record number {values['record_number']}.")
                continue
            taken.add(number)
            patients.append((row, Patient(**values)))
        try:
            register_many([patient for _, patient in patients], by=by)
        except IntegrityError as error:
            raise Refused("Another user has just used one of the record numbers. Continue the import.") from error
        for row, patient in patients:
            row.record = row.patient = patient.pk
            row.stored_version = patient.version
        identify(self._identifiers(patients, batch))
        note_similar(_pairs(rows, batch))

    def _identifiers(self, patients, batch):
        for row, patient in patients:
            yield from ((patient, system, value) for system, value in row.values.get("identifiers", ()))
            if is_an_id(row.source_id):
                yield patient, batch.source, row.source_id

    def change(self, record, changes, *, version, by):
        details = dict(changes)
        identifiers = details.pop("identifiers", ())
        if details.keys() & {"status", "status_since"}:
            raise Refused("The status differs. Change it on the patient’s page: visits and follow-ups end with it.")
        if details:
            details = python_values(Patient, details)
            record = change_patient(patient=record, by=by, version=version, although_alike=True, **details)
        identify((record, system, value) for system, value in identifiers)
        return record

    def before(self, record, changes):
        stored = {(each.system, each.value) for each in record.identifiers.all()}
        new = [pair for pair in changes.get("identifiers", ()) if tuple(pair) not in stored]
        return super().before(record, changes) | ({"new_identifiers": new} if new else {})

    def change_back(self, record, before, *, version, by):
        before = dict(before)
        for system, value in before.pop("new_identifiers", ()):
            record.identifiers.filter(system=system, value=value).delete()
        PatientKey.objects.refresh(record)
        return self.change(record, before, version=version, by=by)

    def fill(self, record, row, batch):
        filled = super().fill(record, row, batch)
        filled = {name: value for name, value in filled.items() if not name.startswith("status")}
        own = [[batch.source, row.source_id]] if is_an_id(row.source_id) else []
        return filled | {"identifiers": [*row.values.get("identifiers", ()), *own]}

    def remove(self, ids):
        remove_many(ids)


def is_an_id(source_id):
    """Not the digest of a row without an ID."""
    return not source_id.startswith("=") and len(source_id) <= 60


def _names_of(text):
    family, comma, given = text.partition(",")
    if text and not comma:
        raise ValidationError(f"Full name: write “{text[:40]}” as Family, Given.")
    return {"family_name": family, "given_name": given}


def _birth_date(text, order):
    if not text:
        raise ValidationError("Birth date: this cell is empty. Write unknown if it is not known.")
    try:
        return read_date_in(text, order)
    except ValidationError as error:
        raise ValidationError([f"Birth date: {message}" for message in error.messages]) from error


def _status_of(text, order):
    if text.lower() in ALIVE:
        return {}
    since = None
    if text.lower() not in DEAD:
        try:
            date = read_date_in(text, order)
        except ValidationError as error:
            raise ValidationError([f"Date of death: {message}" for message in error.messages]) from error
        since = date.earliest if date.is_complete else None
    died = cleaned_values(Patient, {"status_since": since})
    return {"status": PatientStatus.DIED.value, **died}


def _identifiers_of(cells):
    pairs = [[heading, text] for heading, text in cells.get("identifier", ()) if text]
    for line in cells.get("identifiers", "").splitlines():
        system, bar, value = line.rpartition("|")
        if bar and value.strip():
            pairs.append([system.strip() or "Number", value.strip()])
    cleaned = [cleaned_values(PatientIdentifier, {"system": system, "value": value}) for system, value in pairs]
    return [[each["system"], each["value"]] for each in cleaned]


def _identity(values):
    date = Patient._meta.get_field("date_of_birth").as_partial(values["date_of_birth"])
    return Identity(None, values["family_name"], values.get("given_name", ""), date)


def _earlier_rows(batch):
    rows = batch.rows.filter(outcome__in=(RowOutcome.CREATE, RowOutcome.ASK)).order_by()
    names = ("values__family_name", "values__given_name", "values__date_of_birth")
    for number, family, given, born in rows.values_list("number", *names).iterator():
        yield number, {"family_name": family, "given_name": given or "", "date_of_birth": born}


def _patients_by_number(rows):
    numbers = {row.values["record_number"] for row in rows if row.values.get("record_number")}
    return {each.record_number.lower(): [each.person_id] for each in Patient.objects.with_record_numbers(numbers)}


def _patients_by_phone(rows):
    ends = {phone_end(row.values.get("phone", "")) for row in rows} - {""}
    keys = PatientKey.objects.filter(key__in=ends).select_related("patient").prefetch_related("patient__others")
    found = {}
    for key in keys:
        if key.patient.has_phone_end(key.key):
            found.setdefault(key.key, []).append(key.patient_id)
    return found


def _pairs(rows, batch):
    """Similar people who are both registered now. A similar earlier row can be in this step or before."""
    numbers = {each["row"] for row in rows for each in row.alike if "row" in each}
    earlier = batch.rows.filter(number__in=numbers).exclude(patient=None)
    patients = dict(earlier.values_list("number", "patient"))
    patients |= {row.number: row.patient for row in rows if row.patient}
    for row in rows:
        for each in row.alike if row.patient else ():
            other = each.get("patient") or patients.get(each.get("row"))
            if other:
                yield row.patient, other
