import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import simple_history.models
from django.conf import settings
from django.db import migrations, models

import clinic.text
import patients.models.frame
import patients.models.outbound
import patients.models.visit

LENGTHS = {"first_assessment": 45, "injection": 30, "review": 20, "other": 20}
REMINDER = {
    "days_before": 3,
    "subject": "Your visit at {clinic}",
    "body": (
        "Dear {first_name},\n\nyou have a visit at {clinic} on {day} at {time}.\n\n"
        "If you cannot come, please call {phone}.\n"
    ),
}


def fill(apps, schema_editor):
    """How long visits take, and what a reminder says, until the clinic says otherwise."""
    for kind, minutes in LENGTHS.items():
        apps.get_model("patients", "VisitLength").objects.get_or_create(kind=kind, defaults={"minutes": minutes})
    apps.get_model("patients", "ReminderText").objects.get_or_create(pk=1, defaults=REMINDER)


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0003_same_person"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="followup",
            name="aside_until",
            field=models.DateField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="historicalfollowup",
            name="aside_until",
            field=models.DateField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="historicalvisit",
            name="booked_at",
            field=models.DateTimeField(default=django.utils.timezone.now, editable=False),
        ),
        migrations.AddField(
            model_name="historicalvisit",
            name="moved_from",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="patients.visit",
            ),
        ),
        migrations.AddField(
            model_name="historicalvisit",
            name="outside_note",
            field=clinic.text.Line(
                blank=True,
                help_text="Why it lies outside of the working hours, in an absence or on a day on which the clinic is closed.",
                max_length=300,
                verbose_name="booked all the same, because",
            ),
        ),
        migrations.AddField(
            model_name="visit",
            name="booked_at",
            field=models.DateTimeField(default=django.utils.timezone.now, editable=False),
        ),
        migrations.AddField(
            model_name="visit",
            name="moved_from",
            field=models.OneToOneField(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="moved_to",
                to="patients.visit",
            ),
        ),
        migrations.AddField(
            model_name="visit",
            name="outside_note",
            field=clinic.text.Line(
                blank=True,
                help_text="Why it lies outside of the working hours, in an absence or on a day on which the clinic is closed.",
                max_length=300,
                verbose_name="booked all the same, because",
            ),
        ),
        migrations.CreateModel(
            name="Closure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", clinic.text.Line(max_length=100)),
                ("first_day", models.DateField(validators=[patients.models.visit.possible_day])),
                ("last_day", models.DateField(validators=[patients.models.visit.possible_day])),
                ("added_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                "indexes": [models.Index(fields=["last_day"], name="patients_closure_by_day")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("last_day__gte", models.F("first_day"))),
                        name="patients_closure_ends_not_before_its_start",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True), name="patients_closure_has_a_name"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalAbsence",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("starts_at", models.DateTimeField(verbose_name="from")),
                ("ends_at", models.DateTimeField(verbose_name="until")),
                (
                    "reason",
                    clinic.text.Line(
                        blank=True, help_text="For the desk: holiday, congress, theatre list.", max_length=100
                    ),
                ),
                ("added_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "clinician",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "historical absence",
                "verbose_name_plural": "historical absences",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalClosure",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("name", clinic.text.Line(max_length=100)),
                ("first_day", models.DateField(validators=[patients.models.visit.possible_day])),
                ("last_day", models.DateField(validators=[patients.models.visit.possible_day])),
                ("added_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "historical closure",
                "verbose_name_plural": "historical closures",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalReminderText",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "days_before",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(60),
                        ],
                        verbose_name="days before the visit",
                    ),
                ),
                ("subject", clinic.text.Line(max_length=150, validators=[patients.models.outbound.only_known_places])),
                ("body", clinic.text.Lines(max_length=2000, validators=[patients.models.outbound.only_known_places])),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "historical reminder text",
                "verbose_name_plural": "historical reminder texts",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalVisitLength",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("first_assessment", "First assessment"),
                            ("injection", "Injection"),
                            ("review", "Review"),
                            ("other", "Other"),
                        ],
                        db_index=True,
                        editable=False,
                        max_length=20,
                    ),
                ),
                (
                    "minutes",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(600),
                        ]
                    ),
                ),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "historical visit length",
                "verbose_name_plural": "historical visit lengths",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalWorkingHours",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("monday", patients.models.frame.HoursField(blank=True, default="", max_length=100)),
                ("tuesday", patients.models.frame.HoursField(blank=True, default="", max_length=100)),
                ("wednesday", patients.models.frame.HoursField(blank=True, default="", max_length=100)),
                ("thursday", patients.models.frame.HoursField(blank=True, default="", max_length=100)),
                ("friday", patients.models.frame.HoursField(blank=True, default="", max_length=100)),
                ("saturday", patients.models.frame.HoursField(blank=True, default="", max_length=100)),
                ("sunday", patients.models.frame.HoursField(blank=True, default="", max_length=100)),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "clinician",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "historical working hours",
                "verbose_name_plural": "historical working hours",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Reminder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("begun_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                (
                    "visit",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reminder", to="patients.visit"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ReminderText",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "days_before",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(60),
                        ],
                        verbose_name="days before the visit",
                    ),
                ),
                ("subject", clinic.text.Line(max_length=150, validators=[patients.models.outbound.only_known_places])),
                ("body", clinic.text.Lines(max_length=2000, validators=[patients.models.outbound.only_known_places])),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("pk", 1)), name="patients_there_is_one_reminder_text")
                ],
            },
        ),
        migrations.CreateModel(
            name="VisitLength",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("first_assessment", "First assessment"),
                            ("injection", "Injection"),
                            ("review", "Review"),
                            ("other", "Other"),
                        ],
                        editable=False,
                        max_length=20,
                        unique=True,
                    ),
                ),
                (
                    "minutes",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(600),
                        ]
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("minutes__gte", 1), ("minutes__lte", 600)),
                        name="patients_visitlength_is_up_to_ten_hours",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["first_assessment", "injection", "review", "other"])),
                        name="patients_visitlength_kind_is_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="WorkingHours",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("monday", patients.models.frame.HoursField(blank=True, default="", max_length=100)),
                ("tuesday", patients.models.frame.HoursField(blank=True, default="", max_length=100)),
                ("wednesday", patients.models.frame.HoursField(blank=True, default="", max_length=100)),
                ("thursday", patients.models.frame.HoursField(blank=True, default="", max_length=100)),
                ("friday", patients.models.frame.HoursField(blank=True, default="", max_length=100)),
                ("saturday", patients.models.frame.HoursField(blank=True, default="", max_length=100)),
                ("sunday", patients.models.frame.HoursField(blank=True, default="", max_length=100)),
                (
                    "clinician",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="working_hours",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "working hours",
            },
        ),
        migrations.CreateModel(
            name="Absence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("starts_at", models.DateTimeField(verbose_name="from")),
                ("ends_at", models.DateTimeField(verbose_name="until")),
                (
                    "reason",
                    clinic.text.Line(
                        blank=True, help_text="For the desk: holiday, congress, theatre list.", max_length=100
                    ),
                ),
                ("added_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "clinician",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="absences",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["clinician", "ends_at"], name="patients_absence_by_clinician")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("starts_at"))),
                        name="patients_absence_ends_after_its_start",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CalendarFeed",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("token_hash", models.CharField(max_length=64, unique=True)),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "clinician",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="calendar_feeds",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("revoked_at", None)),
                        fields=("clinician",),
                        name="patients_calendarfeed_is_one_of_a_clinician",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ContactAttempt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "how",
                    models.CharField(
                        choices=[
                            ("phone", "Telephone"),
                            ("text_message", "Text message"),
                            ("email", "Email"),
                            ("letter", "Letter"),
                            ("in_person", "In person"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("reached", "Reached"),
                            ("no_answer", "No answer"),
                            ("message_left", "Message left"),
                            ("sent", "Sent"),
                            ("will_call_back", "Will call back"),
                            ("wrong_contact", "Wrong number or address"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "note",
                    clinic.text.Line(blank=True, help_text="For the desk: no findings, no doses.", max_length=300),
                ),
                (
                    "call_again_on",
                    models.DateField(
                        blank=True,
                        help_text="Puts the follow-up aside until that day.",
                        null=True,
                        validators=[patients.models.visit.possible_day],
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "follow_up",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contact_attempts",
                        to="patients.followup",
                    ),
                ),
            ],
            options={
                "ordering": ["-at", "-pk"],
                "indexes": [models.Index(fields=["follow_up", "-at"], name="patients_contact_of_follow_up")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("how__in", ["phone", "text_message", "email", "letter", "in_person"])),
                        name="patients_contactattempt_way_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "outcome__in",
                                ["reached", "no_answer", "message_left", "sent", "will_call_back", "wrong_contact"],
                            )
                        ),
                        name="patients_contactattempt_outcome_is_known",
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="patient",
            index=models.Index(
                condition=models.Q(("no_follow_up_reason", ""), ("same_as", None), ("status", "active")),
                fields=["sort_name", "date_of_birth"],
                name="patients_patient_expected",
            ),
        ),
        migrations.AddIndex(
            model_name="visit",
            index=models.Index(
                condition=models.Q(("state__in", ("booked", "arrived"))),
                fields=["starts_at"],
                name="patients_visit_to_be_done",
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
