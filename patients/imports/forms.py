"""Forms of an import: the file, the match of its columns, and decisions about similar patients."""

from django import forms

from clinic.records.numbers import LARGEST_ID, CountFormField, VersionField
from clinic.web.forms import ActionForm, CreationForm
from patients.imports.dates_in_files import DateOrder
from patients.imports.kinds.row_kind import kind_named, kinds_for
from patients.imports.models.import_batch import ImportBatch

LEFT_OUT = ("", "Left out")


class UploadForm(CreationForm):
    """A file, and what is in it."""

    kind = forms.ChoiceField(label="What the file contains")
    file = forms.FileField(
        label="File",
        widget=forms.FileInput,
        help_text="CSV, TSV or XLSX with a row of column names; a FHIR R4 bundle of patients; or vCards. Up to 20 MB.",
        allow_empty_file=True,
        error_messages={"required": "Choose the file.", "invalid": "Choose the file."},
    )

    class Meta:
        model = ImportBatch
        fields = ("source",)

    field_order = ("kind", "source", "file")

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(kind.name, kind.title) for kind in kinds_for(user)]
        self.fields["source"].label = "System that the file comes from"
        self.fields["source"].widget.attrs["autocomplete"] = "off"

    def values(self):
        values = super().values()
        file = values.pop("file")
        return {**values, "name": file.name, "content": file.read()}


class MatchForm(ActionForm):
    """For each column the field that it is matched to. A column that looks like doses has no choice."""

    version = VersionField()
    date_order = forms.ChoiceField(
        label="Order of dates such as 03/04/1966",
        required=False,
        choices=DateOrder,
        widget=forms.RadioSelect,
        help_text="A date that does not exist in this order is not read in another one: its row is skipped.",
    )

    def __init__(self, *args, batch, **kwargs):
        self.batch = batch
        super().__init__(*args, initial={"version": batch.version, "date_order": batch.date_order}, **kwargs)

    def extra_fields(self):
        choices = [LEFT_OUT, *((field.name, field.label) for field in kind_named(self.batch.kind).fields)]
        return {
            _name(place): forms.ChoiceField(
                choices=choices, required=False, initial=column["field"], label=f"Field of {column['name']}"
            )
            for place, column in enumerate(self.batch.columns)
            if not column["excluded"]
        }

    def values(self):
        typed = super().values()
        names = [typed.get(_name(place), "") for place in range(len(self.batch.columns))]
        return {"fields": names, "date_order": typed["date_order"], "version": typed["version"]}

    def rows(self):
        """(column, its share of filled cells in percent, its choice or None)."""
        for place, column in enumerate(self.batch.columns):
            bound = None if column["excluded"] else self[_name(place)]
            yield column, 100 * column["filled"] // self.batch.rows_in_file, bound

    @property
    def asks_for_order(self):
        return any(column["ordered"] for column in self.batch.columns)


def _name(place):
    return f"column_{place}"


class DecisionForm(forms.Form):
    """A button of one row, or of all rows that are not decided yet."""

    row = CountFormField(min_value=1, max_value=LARGEST_ID, required=False)
    decision = forms.CharField(max_length=40)
    version = VersionField()
