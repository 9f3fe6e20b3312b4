import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("clinic", "0010_end_logins"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="apitoken",
            name="clinic_apitoken_names_are_unique_while_they_stand",
        ),
        migrations.RemoveConstraint(
            model_name="apitoken",
            name="clinic_apitoken_may_something",
        ),
        migrations.RemoveConstraint(
            model_name="auditedpatient",
            name="clinic_a_patient_stands_once_in_an_entry",
        ),
        migrations.RemoveConstraint(
            model_name="user",
            name="clinic_user_names_are_unique_whatever_the_case",
        ),
        migrations.AddConstraint(
            model_name="apitoken",
            constraint=models.UniqueConstraint(
                models.F("person"),
                django.db.models.functions.text.Lower("name"),
                models.F("made_under"),
                condition=models.Q(("revoked_at", None)),
                name="clinic_apitoken_names_are_unique_while_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="apitoken",
            constraint=models.CheckConstraint(
                condition=models.Q(("scope", ""), _negated=True), name="clinic_apitoken_has_a_permission"
            ),
        ),
        migrations.AddConstraint(
            model_name="auditedpatient",
            constraint=models.UniqueConstraint(
                fields=("entry", "patient_id"), name="clinic_a_patient_is_unique_in_an_entry"
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Lower("username"), name="clinic_user_names_are_unique_ignoring_case"
            ),
        ),
    ]
