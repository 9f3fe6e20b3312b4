import django.utils.timezone
from django.db import migrations, models
from django.db.models.functions import Lower

from clinic.records.renamed_triggers import rename_triggers


def expiry_constraint(name, created):
    return models.CheckConstraint(condition=models.Q(("expires_at__gt", models.F(created))), name=name)


def unique_names(session_auth_hash):
    return models.UniqueConstraint(
        models.F("person"),
        Lower("name"),
        models.F(session_auth_hash),
        condition=models.Q(("revoked_at", None)),
        name="clinic_apitoken_names_are_unique_while_valid",
    )


class Migration(migrations.Migration):
    """The columns keep their names, because an earlier version can serve next to this one."""

    dependencies = [
        ("clinic", "0011_plain_names"),
    ]

    operations = [
        rename_triggers(
            {
                f"clinic_{table}_is_only_added_to": f"clinic_{table}_is_append_only"
                for table in ("auditentry", "auditedpatient", "auditseal")
            }
        ),
        migrations.AddConstraint(
            "apitoken", expiry_constraint("clinic_apitoken_expires_after_its_creation", "made_at")
        ),
        migrations.RemoveConstraint("apitoken", "clinic_apitoken_ends_after_it_was_made"),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveConstraint("apitoken", "clinic_apitoken_expires_after_its_creation"),
                migrations.RemoveConstraint("apitoken", "clinic_apitoken_names_are_unique_while_valid"),
                migrations.AlterField(
                    "apitoken",
                    "made_at",
                    models.DateTimeField(db_column="made_at", default=django.utils.timezone.now),
                ),
                migrations.RenameField("apitoken", "made_at", "created_at"),
                migrations.AlterField(
                    "apitoken", "made_under", models.CharField(db_column="made_under", max_length=64)
                ),
                migrations.RenameField("apitoken", "made_under", "session_auth_hash"),
                migrations.AlterModelOptions("apitoken", {"ordering": ["-created_at", "-pk"]}),
                migrations.AddConstraint("apitoken", unique_names("session_auth_hash")),
                migrations.AddConstraint(
                    "apitoken", expiry_constraint("clinic_apitoken_expires_after_its_creation", "created_at")
                ),
            ]
        ),
    ]
