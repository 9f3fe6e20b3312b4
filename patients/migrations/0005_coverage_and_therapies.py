import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import simple_history.models
from django.conf import settings
from django.db import migrations, models

import clinic.models
import clinic.text
import patients.models.visit


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0004_the_desk"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="HistoricalCoverage",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("recorded_at", models.DateTimeField(default=clinic.models.now, editable=False)),
                ("error_reason", clinic.text.Line(blank=True, editable=False, max_length=300, verbose_name="why")),
                ("error_at", models.DateTimeField(editable=False, null=True)),
                ("payer", clinic.text.Line(max_length=100)),
                ("plan", clinic.text.Line(blank=True, max_length=100)),
                ("member_number", clinic.text.Line(blank=True, max_length=60)),
                (
                    "decision",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("asked_for", "Asked for"),
                            ("approved", "Approved"),
                            ("refused", "Refused"),
                            ("not_needed", "Not needed"),
                        ],
                        max_length=20,
                    ),
                ),
                ("authorisation_number", clinic.text.Line(blank=True, max_length=60)),
                (
                    "valid_from",
                    models.DateField(blank=True, null=True, validators=[patients.models.visit.possible_day]),
                ),
                (
                    "valid_until",
                    models.DateField(blank=True, null=True, validators=[patients.models.visit.possible_day]),
                ),
                (
                    "sessions_authorised",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(99),
                        ],
                    ),
                ),
                (
                    "amount_charged",
                    clinic.text.Line(blank=True, help_text="As typed, with the currency.", max_length=60),
                ),
                (
                    "patients_share",
                    clinic.text.Line(
                        blank=True,
                        help_text="As typed, with the currency.",
                        max_length=60,
                        verbose_name="patient’s share",
                    ),
                ),
                (
                    "note",
                    clinic.text.Lines(
                        blank=True, help_text="For everybody in the clinic; no findings, no doses.", max_length=1000
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
                    "error_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        editable=False,
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
                (
                    "patient",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="patients.patient",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "historical coverage",
                "verbose_name_plural": "historical coverages",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalTherapy",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("recorded_at", models.DateTimeField(default=clinic.models.now, editable=False)),
                ("error_reason", clinic.text.Line(blank=True, editable=False, max_length=300, verbose_name="why")),
                ("error_at", models.DateTimeField(editable=False, null=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("physical_therapy", "Physical therapy"),
                            ("oral_medication", "Oral medication"),
                            ("nerve_block", "Nerve block"),
                            ("earlier_toxin", "Earlier toxin"),
                            ("other", "Other"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "description",
                    clinic.text.Line(blank=True, help_text="What it is, in words; no doses.", max_length=300),
                ),
                ("started", clinic.text.Line(blank=True, help_text="As precisely as known.", max_length=60)),
                ("stopped", clinic.text.Line(blank=True, help_text="Left empty while it goes on.", max_length=60)),
                ("provider", clinic.text.Line(blank=True, help_text="Who gives it.", max_length=200)),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "error_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        editable=False,
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
                (
                    "patient",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="patients.patient",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "historical therapy",
                "verbose_name_plural": "historical therapies",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Coverage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("recorded_at", models.DateTimeField(default=clinic.models.now, editable=False)),
                ("error_reason", clinic.text.Line(blank=True, editable=False, max_length=300, verbose_name="why")),
                ("error_at", models.DateTimeField(editable=False, null=True)),
                ("payer", clinic.text.Line(max_length=100)),
                ("plan", clinic.text.Line(blank=True, max_length=100)),
                ("member_number", clinic.text.Line(blank=True, max_length=60)),
                (
                    "decision",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("asked_for", "Asked for"),
                            ("approved", "Approved"),
                            ("refused", "Refused"),
                            ("not_needed", "Not needed"),
                        ],
                        max_length=20,
                    ),
                ),
                ("authorisation_number", clinic.text.Line(blank=True, max_length=60)),
                (
                    "valid_from",
                    models.DateField(blank=True, null=True, validators=[patients.models.visit.possible_day]),
                ),
                (
                    "valid_until",
                    models.DateField(blank=True, null=True, validators=[patients.models.visit.possible_day]),
                ),
                (
                    "sessions_authorised",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(99),
                        ],
                    ),
                ),
                (
                    "amount_charged",
                    clinic.text.Line(blank=True, help_text="As typed, with the currency.", max_length=60),
                ),
                (
                    "patients_share",
                    clinic.text.Line(
                        blank=True,
                        help_text="As typed, with the currency.",
                        max_length=60,
                        verbose_name="patient’s share",
                    ),
                ),
                (
                    "note",
                    clinic.text.Lines(
                        blank=True, help_text="For everybody in the clinic; no findings, no doses.", max_length=1000
                    ),
                ),
                (
                    "error_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="coverages",
                        to="patients.patient",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "abstract": False,
                "indexes": [models.Index(fields=["patient", "valid_until"], name="patients_coverage_of_patient")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("error_at", None), ("error_by", None), ("error_reason", "")),
                            models.Q(
                                models.Q(("error_reason", ""), _negated=True),
                                ("error_at__isnull", False),
                                ("error_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="patients_coverage_error_has_reason_time_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("payer", ""), _negated=True), name="patients_coverage_names_the_payer"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("decision__in", ["", "asked_for", "approved", "refused", "not_needed"])),
                        name="patients_coverage_decision_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_from", None),
                            ("valid_until", None),
                            ("valid_until__gte", models.F("valid_from")),
                            _connector="OR",
                        ),
                        name="patients_coverage_ends_after_it_begins",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("sessions_authorised", None),
                            models.Q(("sessions_authorised__gte", 1), ("sessions_authorised__lte", 99)),
                            _connector="OR",
                        ),
                        name="patients_coverage_sessions_are_a_small_number",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Therapy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("recorded_at", models.DateTimeField(default=clinic.models.now, editable=False)),
                ("error_reason", clinic.text.Line(blank=True, editable=False, max_length=300, verbose_name="why")),
                ("error_at", models.DateTimeField(editable=False, null=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("physical_therapy", "Physical therapy"),
                            ("oral_medication", "Oral medication"),
                            ("nerve_block", "Nerve block"),
                            ("earlier_toxin", "Earlier toxin"),
                            ("other", "Other"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "description",
                    clinic.text.Line(blank=True, help_text="What it is, in words; no doses.", max_length=300),
                ),
                ("started", clinic.text.Line(blank=True, help_text="As precisely as known.", max_length=60)),
                ("stopped", clinic.text.Line(blank=True, help_text="Left empty while it goes on.", max_length=60)),
                ("provider", clinic.text.Line(blank=True, help_text="Who gives it.", max_length=200)),
                (
                    "error_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="therapies",
                        to="patients.patient",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "therapies",
                "ordering": [models.OrderBy(models.F("error_at"), nulls_first=True), "pk"],
                "abstract": False,
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("error_at", None), ("error_by", None), ("error_reason", "")),
                            models.Q(
                                models.Q(("error_reason", ""), _negated=True),
                                ("error_at__isnull", False),
                                ("error_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="patients_therapy_error_has_reason_time_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                ["physical_therapy", "oral_medication", "nerve_block", "earlier_toxin", "other"],
                            )
                        ),
                        name="patients_therapy_kind_is_known",
                    ),
                ],
            },
        ),
    ]
