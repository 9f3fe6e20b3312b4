"""The clinic in the admin site: a new time zone concerns the diary."""

import zoneinfo

from django import forms
from django.contrib import admin
from django.db import transaction
from django.shortcuts import redirect

from clinic.accounts.admin import RestrictedHistoryAdmin, SuperuserAdmin
from clinic.accounts.read_form import ReadForm
from clinic.models import Clinic
from clinic.records.exceptions import Refused
from clinic.records.text import counted
from patients.diary.actions.time_zone import affected_by_time_zone, apply_time_zone, keep_clock_times

CLOCK_TIMES, POINTS_IN_TIME = "clock", "point"


class ClinicForm(ReadForm):
    """Asks what becomes of upcoming visits if the time zone changes."""

    on_a_new_time_zone = forms.ChoiceField(
        required=False,
        widget=forms.RadioSelect,
        choices=[
            (CLOCK_TIMES, "Keep the clock times (usual): a visit at 10:00 stays at 10:00"),
            (POINTS_IN_TIME, "Keep the points in time: a visit at 10:00 is shown at another time"),
        ],
        help_text="Needed only if you change the time zone while visits are booked.",
    )

    def clean(self):
        cleaned = super().clean()
        if self.former_zone() and not cleaned.get("on_a_new_time_zone"):
            affected = affected_by_time_zone(self.former_zone())
            if any(affected.values()):
                self.add_error("on_a_new_time_zone", _question(**affected))
        elif self.former_zone() and self.keeps_clock_times():
            self._try_clock_times()
        return cleaned

    def _try_clock_times(self):
        """Whether visits would overlap is known only when their times are changed; this change is rolled back."""
        try:
            with transaction.atomic():
                keep_clock_times(self.former_zone(), zoneinfo.ZoneInfo(self.cleaned_data["time_zone"]), by=None)
                transaction.set_rollback(True)
        except Refused as refused:
            self.add_error("on_a_new_time_zone", str(refused))

    def keeps_clock_times(self):
        return self.cleaned_data.get("on_a_new_time_zone") != POINTS_IN_TIME

    def former_zone(self):
        """The stored time zone, if the typed one differs."""
        has_changed = "time_zone" in self.changed_data and "time_zone" in self.cleaned_data
        return zoneinfo.ZoneInfo(self.initial["time_zone"]) if has_changed else None


def _question(*, visits, absences):
    affected = [counted(number, noun) for number, noun in ((visits, "upcoming visit"), (absences, "absence")) if number]
    return (
        f"The new time zone affects {' and '.join(affected)}. "
        "Choose whether to keep the clock times or the points in time, and save again."
    )


@admin.register(Clinic)
class ClinicAdmin(SuperuserAdmin, RestrictedHistoryAdmin):
    form = ClinicForm
    fieldsets = [(None, {"fields": ["name", "address", "phone", "time_zone", "passkey_signs"]})]

    def get_fieldsets(self, request, obj=None):
        fieldsets = super().get_fieldsets(request, obj)
        if getattr(request, "shows_an_earlier_state", False):
            return fieldsets
        return [*fieldsets, (None, {"fields": ["on_a_new_time_zone"]})]

    def has_add_permission(self, request):
        return False

    def changelist_view(self, request, extra_context=None):
        return redirect("admin:clinic_clinic_change", Clinic.ours().pk)

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if former := form.former_zone():
            apply_time_zone(clinic=obj, former=former, keeps_clock_times=form.keeps_clock_times(), by=request.user)
