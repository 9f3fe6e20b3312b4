from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0013_imports"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="patientkey",
            name="patients_patientkey_stands_once",
        ),
        migrations.RemoveConstraint(
            model_name="sameperson",
            name="patients_sameperson_stands_once",
        ),
        migrations.RemoveConstraint(
            model_name="sameperson",
            name="patients_sameperson_says_why",
        ),
        migrations.RemoveConstraint(
            model_name="visit",
            name="patients_visit_says_why_it_does_not_stand",
        ),
        migrations.RenameField("reminderrun", "told", "changes_reported"),
        migrations.AddConstraint(
            model_name="patientkey",
            constraint=models.UniqueConstraint(fields=("patient", "key"), name="patients_patientkey_is_unique"),
        ),
        migrations.AddConstraint(
            model_name="sameperson",
            constraint=models.UniqueConstraint(
                condition=models.Q(("undone_at", None)), fields=("other",), name="patients_sameperson_is_active_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="sameperson",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="patients_sameperson_has_a_reason"
            ),
        ),
        migrations.AddConstraint(
            model_name="visit",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ("cancelled", "entered_in_error")), _negated=True),
                    models.Q(("reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="patients_visit_has_a_reason_if_cancelled_or_in_error",
            ),
        ),
    ]
