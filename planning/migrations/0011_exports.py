"""Exports of the data of all patients: what, who, when and why."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import clinic.records.text


class Migration(migrations.Migration):
    dependencies = [
        ("planning", "0010_letters"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DataExport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("everything", "Everything"),
                            ("research", "For research"),
                            ("sessions", "Sessions and muscles"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "dates",
                    models.CharField(
                        blank=True,
                        choices=[("shifted", "Shifted, by another number of days for each patient"), ("kept", "Kept")],
                        max_length=10,
                    ),
                ),
                ("reason", clinic.records.text.Line(help_text="Who receives the data, and for what.", max_length=300)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "by",
                    models.ForeignKey(
                        help_text="Empty if a command on the server did it.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["everything", "research", "sessions"])),
                        name="planning_dataexport_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="planning_dataexport_has_a_reason"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("dates__in", ["shifted", "kept"]), ("kind", "research")),
                            models.Q(models.Q(("kind", "research"), _negated=True), ("dates", "")),
                            _connector="OR",
                        ),
                        name="planning_dataexport_dates_match_its_kind",
                    ),
                ],
            },
        ),
    ]
