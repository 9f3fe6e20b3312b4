"""Rows that are coverages and other therapies."""

from patients.coverage.actions import add_coverage, add_therapy, change_coverage, change_therapy
from patients.coverage.models.coverage import Coverage, Decision
from patients.coverage.models.therapy import Therapy, TherapyKind
from patients.imports.kinds.patient_record_rows import PATIENT_FIELD, PatientRecordRows
from patients.imports.kinds.row_kind import SOURCE_FIELD, ImportField, chosen, meanings_of


class CoverageRows(PatientRecordRows):
    name, title = "coverage", "Coverage"
    model = Coverage
    free_texts = ("note",)
    fields = (
        SOURCE_FIELD,
        PATIENT_FIELD,
        ImportField("payer", "Payer", ("insurance", "insurer", "krankenkasse", "kostentrager"), is_required=True),
        ImportField("plan", "Plan", ("tarif",)),
        ImportField("member_number", "Member number", ("member", "policy number", "versichertennummer")),
        ImportField("decision", "Decision", ("status",)),
        ImportField("authorisation_number", "Authorisation number", ("authorization number", "authorisation")),
        ImportField("valid_from", "Valid from", ("from", "begin", "von"), is_date=True),
        ImportField("valid_until", "Valid until", ("until", "to", "end", "bis"), is_date=True),
        ImportField("sessions_authorised", "Sessions authorised", ("sessions",)),
        ImportField("note", "Note", ("notes", "comment", "remark")),
    )

    def read(self, cells, order):
        texts = super().read(cells, order)
        if texts.get("decision"):
            texts["decision"] = chosen(texts["decision"], meanings_of(Decision), what="Decision")
        if "sessions_authorised" in texts:
            texts["sessions_authorised"] = texts["sessions_authorised"] or None
        return texts

    def label_of(self, values):
        return f"{values['patient']}: {values['payer']}"

    def add(self, *, patient, by, **details):
        return add_coverage(patient=patient, by=by, **details)

    def edit(self, record, *, by, version, **details):
        return change_coverage(coverage=record, by=by, version=version, **details)


class TherapyRows(PatientRecordRows):
    name, title = "therapies", "Other therapies"
    model = Therapy
    free_texts = ("description",)
    fields = (
        SOURCE_FIELD,
        PATIENT_FIELD,
        ImportField("kind", "Kind", ("type", "art"), is_required=True),
        ImportField("description", "Description", ("what", "name", "therapy", "medication")),
        ImportField("started", "Started", ("from", "begin", "since", "von")),
        ImportField("stopped", "Stopped", ("until", "end", "bis")),
        ImportField("provider", "Provider", ("by", "therapist")),
    )

    def read(self, cells, order):
        texts = super().read(cells, order)
        return texts | {"kind": chosen(texts["kind"], meanings_of(TherapyKind), what="Kind")}

    def label_of(self, values):
        return f"{values['patient']}: {TherapyKind(values['kind']).label} {values.get('description', '')}".strip()

    def add(self, *, patient, by, **details):
        return add_therapy(patient=patient, by=by, **details)

    def edit(self, record, *, by, version, **details):
        return change_therapy(therapy=record, by=by, version=version, **details)
