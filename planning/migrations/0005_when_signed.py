import datetime as dt

from django.db import migrations, models

KEPT_AS_SIGNED = "planning_injectionsession_is_kept_as_signed__update"


def fill(apps, schema_editor):
    """Sessions that were signed before say when, as their first record does."""
    # This trigger refuses writes to signed sessions; it stands again when `migrate` ends.
    on_table = " ON planning_injectionsession" if schema_editor.connection.vendor == "postgresql" else ""
    schema_editor.execute(f"DROP TRIGGER IF EXISTS {KEPT_AS_SIGNED}{on_table}")
    sessions = apps.get_model("planning", "InjectionSession").objects
    firsts = apps.get_model("planning", "SignedRecord").objects.filter(number=1)
    for session, signed_at in firsts.values_list("session", "signed_at"):
        sessions.filter(pk=session).update(signed_at=dt.datetime.fromisoformat(signed_at))


class Migration(migrations.Migration):
    dependencies = [
        ("planning", "0004_muscle_sets"),
    ]

    operations = [
        migrations.AddField(
            model_name="injectionsession",
            name="signed_at",
            field=models.DateTimeField(editable=False, help_text="When its first record was signed.", null=True),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="injectionsession",
            index=models.Index(
                condition=models.Q(("not_done_at", None), ("signed_at", None)),
                fields=["visit"],
                name="planning_session_open",
            ),
        ),
    ]
