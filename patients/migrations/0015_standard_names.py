import django.utils.timezone
from django.db import migrations, models

import clinic.records.date_fields
from clinic.records.renamed_triggers import rename_triggers


class Migration(migrations.Migration):
    """The columns keep their names, because an earlier version can serve next to this one."""

    dependencies = [
        ("patients", "0014_plain_names"),
    ]

    operations = [
        rename_triggers(
            {
                "patients_visit_keeps_its_patient": "patients_visit_patient_does_not_change",
                "patients_patient_is_the_same_as_one_that_is_not": "patients_patient_same_as_has_one_level",
            }
        ),
        migrations.AddConstraint(
            "calendarfeed",
            models.UniqueConstraint(
                condition=models.Q(("revoked_at", None)),
                fields=("clinician",),
                name="patients_calendarfeed_is_active_once",
            ),
        ),
        migrations.RemoveConstraint("calendarfeed", "patients_calendarfeed_is_one_of_a_clinician"),
        migrations.AddConstraint(
            "columnmatch",
            models.UniqueConstraint(fields=("kind", "heading"), name="patients_columnmatch_is_unique"),
        ),
        migrations.RemoveConstraint("columnmatch", "patients_columnmatch_is_remembered_once"),
        migrations.AddConstraint(
            "delay",
            models.UniqueConstraint(fields=("clinician", "day"), name="patients_delay_is_unique_for_clinician_and_day"),
        ),
        migrations.RemoveConstraint("delay", "patients_delay_is_one_of_a_clinician_and_day"),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    "calendarfeed",
                    "made_at",
                    models.DateTimeField(db_column="made_at", default=django.utils.timezone.now),
                ),
                migrations.RenameField("calendarfeed", "made_at", "created_at"),
                *(
                    operation
                    for model in ("followup", "historicalfollowup")
                    for operation in (
                        migrations.AlterField(
                            model,
                            "aside_until",
                            clinic.records.date_fields.TypedDate(
                                blank=True, db_column="aside_until", editable=False, null=True
                            ),
                        ),
                        migrations.RenameField(model, "aside_until", "postponed_until"),
                    )
                ),
                migrations.AlterField(
                    "importbatch",
                    "file_words",
                    models.CharField(db_column="file_words", editable=False, max_length=300),
                ),
                migrations.RenameField("importbatch", "file_words", "file_description"),
            ]
        ),
    ]
