"""The clock time that each email about a visit announces."""

import zoneinfo

from django.db import migrations, models


def fill(apps, schema_editor):
    """Of the emails so far: the times of their visits in the clinic's time zone."""
    clinic = apps.get_model("clinic", "Clinic").objects.first()
    if clinic is None:
        return
    zone = zoneinfo.ZoneInfo(clinic.time_zone)
    for name, visits in (("Reminder", ["visit"]), ("ChangeMessage", ["new_visit", "visit"])):
        model = apps.get_model("patients", name)
        for message in model.objects.select_related(*visits).iterator():
            visit = next(filter(None, (getattr(message, each) for each in visits)))
            if getattr(message, "takes_place", True) or visit != message.visit:
                message.clock_time = f"{visit.starts_at.astimezone(zone):%Y-%m-%d %H:%M}"
                message.save(update_fields=["clock_time"])


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0006_contact_undone"),
    ]

    operations = [
        migrations.AddField(
            model_name="changemessage",
            name="clock_time",
            field=models.CharField(
                blank=True,
                help_text="The date and time that it announces, as 2026-12-01 09:30; empty if none.",
                max_length=16,
            ),
        ),
        migrations.AddField(
            model_name="reminder",
            name="clock_time",
            field=models.CharField(
                blank=True,
                help_text="The date and time that it announces, as 2026-12-01 09:30; empty if none.",
                max_length=16,
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
