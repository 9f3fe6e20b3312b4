"""What the diary stores about messages to patients and changed working hours. Visits start on whole minutes."""

import datetime as dt
import zoneinfo

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import clinic.records.text
import patients.diary.models.reminders
import patients.diary.models.visit
from patients.diary.models.opening_hours import WEEKDAYS, hours_of


def round_down_to_minutes(apps, schema_editor):
    """In order of their starts, so that visits do not overlap at any time."""
    visits = apps.get_model("patients", "Visit").objects
    for pk, starts_at, minutes in visits.order_by("starts_at").values_list("pk", "starts_at", "minutes").iterator():
        if starts_at.second or starts_at.microsecond:
            begins = starts_at.replace(second=0, microsecond=0)
            visits.filter(pk=pk).update(starts_at=begins, ends_at=begins + dt.timedelta(minutes=minutes))


def mark_visits_outside_hours(apps, schema_editor):
    """Visits without a note that no longer fit the working hours, because these were changed after the booking."""
    zone = zoneinfo.ZoneInfo(apps.get_model("clinic", "Clinic").objects.get(pk=1).time_zone)
    now = django.utils.timezone.now()
    visits = apps.get_model("patients", "Visit").objects.filter(ends_at__gt=now, outside_note="")
    for hours in apps.get_model("patients", "WorkingHours").objects.all():
        outside = [
            visit.pk
            for visit in visits.filter(clinician=hours.clinician_id)
            if not _fits(hours, visit.starts_at.astimezone(zone), visit.ends_at.astimezone(zone))
        ]
        visits.filter(pk__in=outside).update(outside_hours_since=now)


def _fits(hours, starts_at, ends_at):
    ranges = hours_of(getattr(hours, WEEKDAYS[starts_at.weekday()]))
    same_day = starts_at.date() == ends_at.date()
    return same_day and any(begins <= starts_at.time() and ends_at.time() <= ends for begins, ends in ranges)


class Migration(migrations.Migration):
    dependencies = [
        ("clinic", "0001_initial"),
        ("patients", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="historicalremindertext",
            name="cancelled_body",
            field=clinic.records.text.Lines(
                default="Dear {first_name},\n\nyour visit at {clinic} on {day} at {time} is cancelled.\n\nIf you have questions, please call {phone}.",
                max_length=2000,
                validators=[patients.diary.models.reminders.only_known_places],
                verbose_name="if cancelled",
            ),
        ),
        migrations.AddField(
            model_name="historicalremindertext",
            name="changed_subject",
            field=clinic.records.text.Line(
                default="Your visit at {clinic} has changed",
                max_length=150,
                validators=[patients.diary.models.reminders.only_known_places],
                verbose_name="subject of a change",
            ),
        ),
        migrations.AddField(
            model_name="historicalremindertext",
            name="moved_body",
            field=clinic.records.text.Lines(
                default="Dear {first_name},\n\nyour visit at {clinic} on {day} at {time} was moved to {new_day} at {new_time}.\n\nIf you cannot come then, please call {phone}.",
                max_length=2000,
                validators=[patients.diary.models.reminders.only_known_places_of_a_move],
                verbose_name="if moved",
            ),
        ),
        migrations.AddField(
            model_name="reminder",
            name="body",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="reminder",
            name="recipient",
            field=models.CharField(blank=True, max_length=254),
        ),
        migrations.AddField(
            model_name="reminder",
            name="subject",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="remindertext",
            name="cancelled_body",
            field=clinic.records.text.Lines(
                default="Dear {first_name},\n\nyour visit at {clinic} on {day} at {time} is cancelled.\n\nIf you have questions, please call {phone}.",
                max_length=2000,
                validators=[patients.diary.models.reminders.only_known_places],
                verbose_name="if cancelled",
            ),
        ),
        migrations.AddField(
            model_name="remindertext",
            name="changed_subject",
            field=clinic.records.text.Line(
                default="Your visit at {clinic} has changed",
                max_length=150,
                validators=[patients.diary.models.reminders.only_known_places],
                verbose_name="subject of a change",
            ),
        ),
        migrations.AddField(
            model_name="remindertext",
            name="moved_body",
            field=clinic.records.text.Lines(
                default="Dear {first_name},\n\nyour visit at {clinic} on {day} at {time} was moved to {new_day} at {new_time}.\n\nIf you cannot come then, please call {phone}.",
                max_length=2000,
                validators=[patients.diary.models.reminders.only_known_places_of_a_move],
                verbose_name="if moved",
            ),
        ),
        migrations.AddField(
            model_name="visit",
            name="outside_hours_since",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AlterField(
            model_name="absence",
            name="ends_at",
            field=models.DateTimeField(validators=[patients.diary.models.visit.whole_minute], verbose_name="until"),
        ),
        migrations.AlterField(
            model_name="absence",
            name="starts_at",
            field=models.DateTimeField(validators=[patients.diary.models.visit.whole_minute], verbose_name="from"),
        ),
        migrations.AlterField(
            model_name="historicalabsence",
            name="ends_at",
            field=models.DateTimeField(validators=[patients.diary.models.visit.whole_minute], verbose_name="until"),
        ),
        migrations.AlterField(
            model_name="historicalabsence",
            name="starts_at",
            field=models.DateTimeField(validators=[patients.diary.models.visit.whole_minute], verbose_name="from"),
        ),
        migrations.AlterField(
            model_name="historicalvisit",
            name="starts_at",
            field=models.DateTimeField(
                validators=[patients.diary.models.visit.possible_local_time, patients.diary.models.visit.whole_minute],
                verbose_name="start",
            ),
        ),
        migrations.AlterField(
            model_name="visit",
            name="starts_at",
            field=models.DateTimeField(
                validators=[patients.diary.models.visit.possible_local_time, patients.diary.models.visit.whole_minute],
                verbose_name="start",
            ),
        ),
        migrations.CreateModel(
            name="ChangeMessage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("begun_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                ("recipient", models.CharField(blank=True, max_length=254)),
                ("subject", models.TextField(blank=True)),
                ("body", models.TextField(blank=True)),
                ("visit_version", models.PositiveIntegerField()),
                ("takes_place", models.BooleanField()),
                (
                    "new_visit",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="patients.visit",
                    ),
                ),
                (
                    "visit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="change_messages", to="patients.visit"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("visit", "visit_version"), name="patients_a_change_of_a_visit_is_reported_once"
                    )
                ],
            },
        ),
        migrations.RunPython(round_down_to_minutes, migrations.RunPython.noop),
        migrations.RunPython(mark_visits_outside_hours, migrations.RunPython.noop),
    ]
