"""The catalogue in the admin site, for its managers."""

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.utils import flatten_fieldsets, unquote
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.db.models import ProtectedError
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.html import format_html

from clinic.accounts.admin import RestrictedHistoryAdmin
from clinic.accounts.permissions import Permission, may
from clinic.records import audit_log
from clinic.records.dates import format_date
from clinic.records.exceptions import Conflict, Refused
from clinic.web.body_limits import takes_files
from clinic.web.downloads import csv_download, xlsx_download
from clinic.web.seen import number
from planning.catalogue.actions import entries as catalogue_actions
from planning.catalogue.actions.imports import import_entries
from planning.catalogue.admin_forms import CatalogueForm, InstrumentForm
from planning.catalogue.csv_files import ENDINGS, MOST_ROWS, CsvFile
from planning.catalogue.exchange import as_table, columns_of, titles_of
from planning.catalogue.import_plan import ImportPlan
from planning.catalogue.models.instrument import Instrument
from planning.catalogue.models.muscle import CODE_PREFIXES, NAME_FIELDS, Muscle
from planning.catalogue.models.product import Product
from planning.catalogue.models.reason import ReasonNotGiven
from planning.catalogue.neck_map import regions_of_place


class OfferedFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request, model_admin):
        return [("offered", "Offered"), ("retired", "Retired")]

    def queryset(self, request, entries):
        if self.value() in {"offered", "retired"}:
            return entries.filter(retired_at__isnull=self.value() == "offered")
        return entries


class RetirableAdmin(RestrictedHistoryAdmin):
    """Entries that are retired and restored."""

    actions = ["retire", "restore"]
    readonly_fields = ["state"]

    def is_open_to(self, user):
        return may(user, Permission.CHANGE_CATALOGUE)

    def record_in_audit_log(self, saved, obj, *, by):
        """Does nothing, because the action writes the audit entry."""

    def get_actions(self, request):
        return {name: action for name, action in super().get_actions(request).items() if name != "delete_selected"}

    @admin.display(description="state", ordering="retired_at")
    def state(self, entry):
        return f"Retired on {format_date(timezone.localtime(entry.retired_at))}" if entry.is_retired else "Offered"

    def action_checkbox(self, entry):
        checkbox = super().action_checkbox(entry)
        return format_html('{}<input type="hidden" name="version-{}" value="{}">', checkbox, entry.pk, entry.version)

    @admin.action(description="Retire: no longer offered, still shown where it was used")
    def retire(self, request, entries):
        self._to_each(request, entries, catalogue_actions.retire, "Retired: {}.")

    @admin.action(description="Restore: offered again")
    def restore(self, request, entries):
        self._to_each(request, entries, catalogue_actions.restore, "Restored: {}.")

    def _to_each(self, request, entries, action, message):
        done = []
        for entry in entries:
            try:
                version = number(request, f"version-{entry.pk}")
                done.append(action(entry=entry, by=request.user, version=version))
            except Refused as refused:
                self.message_user(request, refused.message, messages.ERROR)
        if done:
            self.message_user(request, message.format(", ".join(map(str, done))), messages.SUCCESS)


class CatalogueAdmin(RetirableAdmin):
    form = CatalogueForm
    change_list_template = "admin/planning/change_list.html"
    readonly_fields = ["state", "used"]
    sections = ()

    @property
    def fieldsets(self):
        """The first section has the fields that no other section has."""
        elsewhere = flatten_fieldsets(self.sections)
        first = [name for name in (*self.model.details(), "state") if name not in elsewhere]
        return [(None, {"fields": first}), *self.sections]

    def get_fieldsets(self, request, obj=None):
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or getattr(request, "shows_an_earlier_state", False):
            return fieldsets
        used, another_name = ("Where it is used", ["used"]), ("Another name", ["meaning", "reason"])
        return [*fieldsets, *((title, {"fields": fields}) for title, fields in (used, another_name))]

    def save_model(self, request, obj, form, change):
        if not change:
            catalogue_actions.add_entry(entry=obj, by=request.user)
            return
        renaming = {name: form.cleaned_data[name] for name in ("meaning", "reason")}
        details = {name: getattr(obj, name) for name in obj.details()}
        catalogue_actions.change_entry(entry=obj, by=request.user, version=obj.version, **renaming, **details)

    def get_urls(self):
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        import_view = takes_files(self.admin_site.admin_view(self.import_view), is_open_to=self.is_open_to)
        return [
            path("import/", import_view, name=f"{name}_import"),
            path("template/", self.admin_site.admin_view(self.template_view), name=f"{name}_template"),
            path("export/", self.admin_site.admin_view(self.export_csv_view), name=f"{name}_export"),
            path("export/xlsx/", self.admin_site.admin_view(self.export_xlsx_view), name=f"{name}_export_xlsx"),
            *super().get_urls(),
        ]

    def import_view(self, request):
        if not self.has_change_permission(request):
            raise PermissionDenied
        shown = {}
        if request.method == "POST":
            try:
                file = self._file_sent(request)
                if "confirmed" in request.POST:
                    return self._imported(request, file)
                shown["plan"] = ImportPlan(self.model, file)
            except Conflict as conflict:
                shown = {"message": conflict.message, "plan": ImportPlan(self.model, file)}
            except Refused as refused:
                shown = {"message": refused.message}
        columns, titles = columns_of(self.model), titles_of(self.model)
        context = {
            **self.admin_site.each_context(request), **shown, "opts": self.opts, "columns": titles.values(),
            "title": f"Import {self.opts.verbose_name_plural}",
            "needed": [titles[name] for name, is_needed in columns.items() if is_needed], "most_rows": MOST_ROWS,
            "megabytes": settings.UPLOAD_LIMIT // 1_000_000,
        }  # fmt: skip
        return TemplateResponse(request, "admin/planning/import.html", context)

    def _file_sent(self, request):
        columns = columns_of(self.model)
        if "confirmed" in request.POST:
            return CsvFile(request.POST.get("text", ""), columns=columns)
        if "file" not in request.FILES:
            raise Refused("Choose a file first.")
        file = request.FILES["file"]
        if not file.name.lower().endswith(ENDINGS):
            raise Refused("This is not the name of a CSV file: it must end with .csv, .tsv or .txt.")
        return CsvFile.of(file.read(), columns=columns)

    def _imported(self, request, file):
        plan = import_entries(model=self.model, file=file, by=request.user, digest=request.POST.get("digest", ""))
        self.message_user(request, f"Imported: {plan.totals_text()}", messages.SUCCESS)
        return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")

    def export_csv_view(self, request):
        return self._exported(request, csv_download)

    def export_xlsx_view(self, request):
        return self._exported(request, xlsx_download)

    def template_view(self, request):
        """A file with the column names only, to be filled in."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return csv_download([titles_of(self.model).values()], name=f"collum-{self.opts.model_name}s-template")

    def _exported(self, request, download):
        if not self.has_view_permission(request):
            raise PermissionDenied
        audit_log.record("exported", self.model(), by=request.user)
        return download(as_table(self.model), name=f"collum-{self.opts.model_name}s")

    @admin.display(description="used in")
    def used(self, entry):
        """Numbers only."""
        return ", ".join(entry.usages()) or "nothing yet"

    def delete_view(self, request, object_id, extra_context=None):
        entry = self.get_object(request, unquote(object_id))
        if not self.has_delete_permission(request, entry):
            raise PermissionDenied  # before the message, which shows where it is used
        try:
            if entry is None or entry.deletion_obstacle() is None:
                return super().delete_view(request, object_id, extra_context)
        except (ProtectedError, IntegrityError):
            pass  # it came into use in the meantime
        self.message_user(request, entry.deletion_obstacle(), messages.ERROR)
        return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", entry.pk)


@admin.register(Muscle)
class MuscleAdmin(CatalogueAdmin):
    list_display = ["name", "short_name", "group", "sides", "map_place", "order", "state"]
    list_filter = [OfferedFilter, "sides", ("group", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["group"]
    search_fields = NAME_FIELDS
    sections = [
        ("Description", {"fields": ["description", "source", "state"]}),
        ("Codes", {"fields": list(CODE_PREFIXES)}),
    ]
    readonly_fields = [*CatalogueAdmin.readonly_fields, "picture"]

    class Media:
        css = {"all": ["planning/session.css"]}

    def get_fieldsets(self, request, obj=None):
        first, *others = super().get_fieldsets(request, obj)
        if obj is None or getattr(request, "shows_an_earlier_state", False):
            return [first, *others]
        return [first, ("Neck map", {"fields": ["picture"]}), *others]

    @admin.display(description="as stored")
    def picture(self, muscle):
        if not muscle.map_place:
            return "No position. Choose one above, and save."
        return render_to_string("planning/catalogue/_neck_map.html", {"neck": regions_of_place(muscle)})

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "group":
            kwargs["queryset"] = Muscle.objects.filter(group=None)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(Product)
class ProductAdmin(CatalogueAdmin):
    list_display = [*Product.details(), "state"]
    list_filter = [OfferedFilter]
    search_fields = Product.NAMED_BY


@admin.register(Instrument)
class InstrumentAdmin(CatalogueAdmin):
    form = InstrumentForm
    list_display = ["name", "full_name", "part_of", "range", "direction", "order", "state"]
    list_filter = [OfferedFilter, "higher_is_worse"]
    list_select_related = ["part_of"]
    search_fields = ["name", "full_name"]
    sections = [
        ("Scores", {"fields": ["lowest", "highest", "allows_fractions", "higher_is_worse", "levels"]}),
        ("Description", {"fields": ["source", "state"]}),
    ]

    @admin.display(description="range", ordering="highest")
    def range(self, instrument):
        return instrument.range_text()

    @admin.display(description="direction", ordering="higher_is_worse")
    def direction(self, instrument):
        return instrument.direction_text()


class PlainEntryAdmin(RetirableAdmin):
    """Entries of which records store the text: they are never deleted, and nothing depends on their names."""

    change_list_template = "admin/change_list.html"  # Django would take the catalogue's, with its import
    list_filter = [OfferedFilter]

    @property
    def fieldsets(self):
        return [(None, {"fields": [*self.model.details(), "state"]})]

    def has_delete_permission(self, request, obj=None):
        return False

    def save_model(self, request, obj, form, change):
        if not change:
            catalogue_actions.add_entry(entry=obj, by=request.user)
            return
        details = {name: getattr(obj, name) for name in obj.details()}
        catalogue_actions.change_entry(entry=obj, by=request.user, version=obj.version, **details)


@admin.register(ReasonNotGiven)
class ReasonNotGivenAdmin(PlainEntryAdmin):
    list_display = [*ReasonNotGiven.details(), "state"]
