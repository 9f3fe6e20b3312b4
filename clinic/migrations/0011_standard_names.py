import django.utils.timezone
from django.db import migrations, models

from clinic.records.renamed_constraints import RenameConstraints
from clinic.records.renamed_triggers import rename_triggers

CONSTRAINTS = {
    "user": {
        "clinic_user_names_are_unique_whatever_the_case": "clinic_user_names_are_unique_ignoring_case",
    },
    "apitoken": {
        "clinic_apitoken_names_are_unique_while_they_stand": "clinic_apitoken_names_are_unique_while_valid",
        "clinic_apitoken_may_something": "clinic_apitoken_has_a_permission",
        "clinic_apitoken_ends_after_it_was_made": "clinic_apitoken_expires_after_its_creation",
    },
    "auditedpatient": {
        "clinic_a_patient_stands_once_in_an_entry": "clinic_a_patient_is_unique_in_an_entry",
    },
}


def with_fields_renamed():
    """The columns keep their names."""
    rules = ("clinic_apitoken_names_are_unique_while_valid", "clinic_apitoken_expires_after_its_creation")
    unique = models.UniqueConstraint(
        models.F("person"),
        models.functions.Lower("name"),
        models.F("session_auth_hash"),
        condition=models.Q(("revoked_at", None)),
        name=rules[0],
    )
    expires = models.CheckConstraint(condition=models.Q(("expires_at__gt", models.F("created_at"))), name=rules[1])
    return [
        *(migrations.RemoveConstraint("apitoken", name) for name in rules),
        migrations.AlterField(
            "apitoken", "made_at", models.DateTimeField(db_column="made_at", default=django.utils.timezone.now)
        ),
        migrations.RenameField("apitoken", "made_at", "created_at"),
        migrations.AlterField("apitoken", "made_under", models.CharField(db_column="made_under", max_length=64)),
        migrations.RenameField("apitoken", "made_under", "session_auth_hash"),
        migrations.AlterModelOptions("apitoken", {"ordering": ["-created_at", "-pk"]}),
        migrations.AddConstraint("apitoken", unique),
        migrations.AddConstraint("apitoken", expires),
    ]


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("clinic", "0010_end_logins"),
    ]

    operations = [
        rename_triggers(
            {
                f"clinic_{table}_is_only_added_to": f"clinic_{table}_is_append_only"
                for table in ("auditentry", "auditedpatient")
            }
        ),
        RenameConstraints(CONSTRAINTS),
        migrations.SeparateDatabaseAndState(state_operations=with_fields_renamed()),
    ]
