"""Backups, restores and drills that took place."""

import django.utils.timezone
from django.db import migrations, models

import clinic.records.text


class Migration(migrations.Migration):
    dependencies = [
        ("clinic", "0006_set_up_checks"),
    ]

    operations = [
        migrations.CreateModel(
            name="BackupRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("backup", "Backup"), ("restore", "Restore"), ("drill", "Restore drill")],
                        max_length=10,
                    ),
                ),
                ("started_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("succeeded", models.BooleanField()),
                ("path", clinic.records.text.Line(max_length=4096)),
                ("is_encrypted", models.BooleanField(default=False)),
                ("rows", models.PositiveBigIntegerField(default=0)),
                ("problem", clinic.records.text.Line(blank=True, max_length=500)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["backup", "restore", "drill"])),
                        name="clinic_backuprun_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("problem", ""), ("succeeded", True)),
                            models.Q(("succeeded", False), models.Q(("problem", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="clinic_backuprun_either_succeeded_or_has_a_problem",
                    ),
                ],
            },
        ),
    ]
