"""Rows of an import that are earlier sessions at another clinic: date, product, lot, muscles and sides, response."""

from clinic.accounts.permissions import Permission
from patients.imports.dates_in_files import read_date_in
from patients.imports.dose_like import require_no_dose
from patients.imports.kinds.patient_record_rows import PATIENT_FIELD, PatientRecordRows
from patients.imports.kinds.row_kind import PATIENT, SOURCE_FIELD, ImportField, require_cell
from planning.course.actions.elsewhere import add_session_elsewhere, change_session_elsewhere
from planning.course.models.session_elsewhere import SessionElsewhere


class SessionElsewhereRows(PatientRecordRows):
    name, title = "sessions_elsewhere", "Earlier sessions, done elsewhere"
    model = SessionElsewhere
    permission = Permission.CHANGE_COURSE
    free_texts = ("product", "response")
    fields = (
        SOURCE_FIELD,
        PATIENT_FIELD,
        ImportField("given_on", "Date", ("given on", "session date", "injection date", "datum", "treated on"),
                    is_required=True, is_date=True),
        ImportField("product", "Product", ("toxin", "drug", "preparation", "praparat", "brand")),
        ImportField("lot", "Lot", ("lot number", "batch", "charge", "chargennummer")),
        ImportField("muscles", "Muscles and sides", ("muscles", "muscle", "muskeln", "muskel", "side", "sides",
                    "seite"), joined_by=" "),
        ImportField("response", "Response as text", ("response", "effect", "wirkung", "outcome", "comment", "note"),
                    joined_by="\n"),
    )  # fmt: skip

    def read(self, cells, order):
        require_cell(cells, "given_on", label="Date")
        require_no_dose(cells.get("muscles", ""), figures=False)
        texts = {name: text for name, text in cells.items() if name not in (SOURCE_FIELD.name, PATIENT)}
        return texts | {"given_on": read_date_in(cells["given_on"], order)}

    def label_of(self, values):
        return f"{values[PATIENT]}: {values['given_on']} {values.get('product', '')}".strip()

    def add(self, *, patient, by, **details):
        return add_session_elsewhere(patient=patient, by=by, **details)

    def edit(self, record, *, by, version, **details):
        return change_session_elsewhere(session=record, by=by, version=version, **details)
