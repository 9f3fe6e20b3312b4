"""The clinic’s list of reasons not to inject, with the shipped ones."""

import django.db.models.deletion
import django.db.models.functions.text
import simple_history.models
from django.conf import settings
from django.db import migrations, models

import clinic.records.text
from clinic.records.created_models import together

# name, whether the user types the reason
SHIPPED = [
    ("Patient unwell", False),
    ("Anticoagulant", False),
    ("Infection", False),
    ("Patient’s wish", False),
    ("Other", True),
]


def fill(apps, schema_editor):
    reasons = apps.get_model("planning", "ReasonNotGiven").objects
    for order, (name, asks_for_words) in enumerate(SHIPPED, start=1):
        reasons.create(name=name, asks_for_words=asks_for_words, order=order * 10)


class Migration(migrations.Migration):
    dependencies = [
        ("planning", "0004_set_entries_of_a_muscle"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="HistoricalReasonNotGiven",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("retired_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("name", clinic.records.text.Line(max_length=100, verbose_name="reason")),
                ("order", models.PositiveSmallIntegerField(default=0)),
                (
                    "asks_for_words",
                    models.BooleanField(
                        default=False,
                        help_text="The user types the reason in their own words, as for “other”.",
                        verbose_name="ask for the reason",
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
                "verbose_name": "historical reason not given",
                "verbose_name_plural": "historical reasons not given",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="ReasonNotGiven",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("retired_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("name", clinic.records.text.Line(max_length=100, verbose_name="reason")),
                ("order", models.PositiveSmallIntegerField(default=0)),
                (
                    "asks_for_words",
                    models.BooleanField(
                        default=False,
                        help_text="The user types the reason in their own words, as for “other”.",
                        verbose_name="ask for the reason",
                    ),
                ),
            ],
            options={
                "verbose_name": "reason not given",
                "verbose_name_plural": "reasons not given",
                "ordering": ["order", "name"],
                "constraints": [
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("name"),
                        name="planning_reasonnotgiven_names_are_unique_ignoring_case",
                        violation_error_message="Another reason has this name.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True), name="planning_reasonnotgiven_has_a_name"
                    ),
                ],
            },
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
    operations = together(operations)
