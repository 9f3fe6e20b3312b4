from django.db import migrations


def end_logins(apps, schema_editor):
    """Their keys are stored as the browsers send them, and are in older backups of the database too."""
    apps.get_model("clinic", "LoginSession").objects.all().delete()
    apps.get_model("sessions", "Session").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("clinic", "0009_audit_seals"), ("sessions", "0001_initial")]
    operations = [migrations.RunPython(end_logins, end_logins)]
