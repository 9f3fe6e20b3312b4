"""Export and import of the catalogue as a table. An import is stored completely or not at all."""

from django.core.exceptions import ValidationError
from django.db.models import F
from django.db.models.lookups import IsNull
from django.utils.html import format_html
from import_export import resources, widgets
from import_export.fields import Field
from tablib import Dataset
from tablib.exceptions import TablibException

from clinic.records import audit_log
from clinic.records.exceptions import Refused
from clinic.web.downloads import BEGINS_A_FORMULA
from planning.catalogue.models.entry import renaming_obstacles
from planning.catalogue.models.instrument import Instrument
from planning.catalogue.models.muscle import Muscle
from planning.catalogue.models.product import Product
from planning.catalogue.scores import in_figures

LARGEST_FILE = 500_000


def as_meant(text):
    """Remove the apostrophe that harmless() added, and normalise line breaks."""
    text = (text or "").strip().replace("\r\n", "\n")
    return text[1:] if text[:1] == "'" and text[1:].startswith(BEGINS_A_FORMULA) else text


class Difference(resources.Diff):
    """The values before and after, as text that does not depend on colours."""

    def as_html(self):
        return [self._cell(str(old), str(new)) for old, new in zip(self.left, self.right, strict=True)]

    def _cell(self, old, new):
        if old == new:
            return new
        if self.new or not old:
            return format_html("<ins>{}</ins>", new)
        return format_html("<del>{}</del> <ins>{}</ins>", old, new)


class _WholeWidget(widgets.ForeignKeyWidget):
    """Refers to another entry by its name."""

    def __init__(self, model, sentence):
        super().__init__(model, "name")
        self.sentence = sentence

    def clean(self, value, row=None, **kwargs):
        try:
            return super().clean(value, row, **kwargs)
        except self.model.DoesNotExist as error:
            raise ValueError(self.sentence.format(value)) from error


class _FiguresWidget(widgets.Widget):
    """A limit of an instrument's range."""

    def clean(self, value, row=None, **kwargs):
        try:
            return Instrument._meta.get_field("lowest").to_python(value or None)
        except ValidationError as error:
            raise ValueError(f"“{value}” is not a number. Write it in digits, with a point before decimals.") from error

    def render(self, value, obj=None, **kwargs):
        return "" if value is None else in_figures(value)


class _YesNoWidget(widgets.Widget):
    MEANINGS = {"yes": True, "1": True, "true": True, "no": False, "0": False, "false": False}

    def clean(self, value, row=None, **kwargs):
        try:
            return self.MEANINGS[value.lower()]
        except KeyError as error:
            raise ValueError(f"Write yes or no, not “{value}”.") from error

    def render(self, value, obj=None, **kwargs):
        return "yes" if value else "no"


class _CatalogueTable(resources.ModelResource):
    """Entries are matched by their name, so an import cannot rename."""

    def get_diff_class(self):
        return Difference

    @property
    def needed(self):
        fields = map(self._meta.model._meta.get_field, self.columns())
        return [field.name for field in fields if not field.blank and not field.has_default()]

    def columns(self):
        return self.get_export_headers()

    def export_field(self, field, instance, **kwargs):
        return str(super().export_field(field, instance, **kwargs) or "")

    def before_import_row(self, row, **kwargs):
        for column, text in row.items():
            row[column] = as_meant(text)
        if "order" in row:
            row["order"] = row["order"] or "0"

    def before_save_instance(self, instance, row, **kwargs):
        if instance.pk and (obstacles := renaming_obstacles(instance, meaning="", reason="")):
            raise ValidationError(f"{obstacles['meaning']} Change it by hand.")
        instance._history_user, instance._change_reason = kwargs["user"], "Import"

    def after_save_instance(self, instance, row, **kwargs):
        if not kwargs["dry_run"]:
            audit_log.record("imported", instance, by=kwargs["user"])


class _Options:
    clean_model_instances = True
    skip_unchanged = True
    report_skipped = True


class MuscleTable(_CatalogueTable):
    group = Field(
        "group",
        "group",
        _WholeWidget(Muscle, ("The catalogue has no muscle called “{}”. In the file, list a group before its parts.")),
    )

    class Meta(_Options):
        model = Muscle
        import_id_fields = ("name",)
        fields = export_order = Muscle.details()


class ProductTable(_CatalogueTable):
    class Meta(_Options):
        model = Product
        import_id_fields = ("brand_name",)
        fields = export_order = Product.details()


class InstrumentTable(_CatalogueTable):
    part_of = Field(
        "part_of",
        "part_of",
        _WholeWidget(
            Instrument, ("The catalogue has no instrument called “{}”. In the file, list a total before its parts.")
        ),
    )
    lowest = Field("lowest", "lowest", _FiguresWidget())
    highest = Field("highest", "highest", _FiguresWidget())
    allows_fractions = Field("allows_fractions", "allows_fractions", _YesNoWidget())
    higher_is_worse = Field("higher_is_worse", "higher_is_worse", _YesNoWidget())

    class Meta(_Options):
        model = Instrument
        import_id_fields = ("name",)
        fields = export_order = Instrument.details()

    def get_queryset(self):
        return super().get_queryset().order_by(IsNull(F("part_of"), False), "order", "name")


RESOURCES = {Muscle: MuscleTable, Product: ProductTable, Instrument: InstrumentTable}


def as_table(resource):
    entries = resource.export()
    return [entries.headers, *entries]


def text_of(file):
    """The text of a file. Raises Refused if it is too large, or not UTF-8."""
    if file.size > LARGEST_FILE:
        raise Refused(f"This file is larger than {LARGEST_FILE // 1000} kB.")
    try:
        return file.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused("This file is not UTF-8. Save it as “CSV UTF-8” in the spreadsheet.") from error


def read(text, resource):
    """The rows of a CSV text. Raises Refused if its columns are not those of the catalogue."""
    try:
        rows = Dataset().load(text, format="csv")
    except (TablibException, ValueError, TypeError) as error:
        raise Refused("This cannot be read as CSV: every row needs as many cells as there are columns.") from error
    headers = [header or "" for header in rows.headers or []]
    unknown = [header for header in headers if header not in resource.columns()]
    missing = [column for column in resource.needed if column not in headers]
    twice = {header for header in headers if headers.count(header) > 1}
    for columns, sentence in (
        (unknown, "Unknown columns: {}. Remove them from the file."),
        (missing, "Missing columns: {}. Add them to the file."),
        (twice, "These columns appear twice: {}."),
    ):
        if columns:
            raise Refused(sentence.format(", ".join(sorted(f"“{column}”" for column in columns))))
    if not len(rows):
        raise Refused("This file has no rows.")
    return rows


def take(text, resource, *, by, dry_run):
    """Import, or preview with `dry_run`. If any row is rejected, nothing is stored."""
    return resource.import_data(
        read(text, resource), dry_run=dry_run, raise_errors=False, use_transactions=True,
        rollback_on_validation_errors=True, user=by,
    )  # fmt: skip


def refusals(result):
    said = [(row.number, _sentence(row)) for row in result.invalid_rows]
    said += [(number, str(error.error)) for number, errors in result.row_errors() for error in errors]
    return sorted(said) + [(None, str(error.error)) for error in result.base_errors]


def _sentence(row):
    by_field = {**row.field_specific_errors}
    said = [f"{field}: {' '.join(errors)}" for field, errors in by_field.items()]
    return " ".join([*said, *row.non_field_specific_errors])
