import django.utils.timezone
from django.db import migrations, models

import clinic.records.date_fields
from clinic.records.renamed_constraints import RenameConstraints
from clinic.records.renamed_triggers import rename_triggers

CONSTRAINTS = {
    "patientkey": {
        "patients_patientkey_stands_once": "patients_patientkey_is_unique",
    },
    "visit": {
        "patients_visit_says_why_it_does_not_stand": "patients_visit_has_a_reason_if_cancelled_or_in_error",
    },
    "sameperson": {
        "patients_sameperson_stands_once": "patients_sameperson_is_active_once",
        "patients_sameperson_says_why": "patients_sameperson_has_a_reason",
    },
    "calendarfeed": {
        "patients_calendarfeed_is_one_of_a_clinician": "patients_calendarfeed_is_active_once",
    },
}


class Migration(migrations.Migration):
    """The columns of renamed fields keep their names, except that of the reminders' last run."""

    dependencies = [
        ("patients", "0013_imports"),
    ]

    operations = [
        rename_triggers(
            {
                "patients_visit_keeps_its_patient": "patients_visit_patient_does_not_change",
                "patients_patient_is_the_same_as_one_that_is_not": "patients_patient_same_as_has_one_level",
            }
        ),
        RenameConstraints(CONSTRAINTS),
        migrations.RenameField("reminderrun", "told", "changes_reported"),
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
            ]
        ),
    ]
