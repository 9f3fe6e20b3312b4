"""Absences and closures have versions, so that a removal names what was read."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0007_announced_clock_times"),
    ]

    operations = [
        migrations.AddField(
            model_name="absence",
            name="version",
            field=models.PositiveIntegerField(default=1, editable=False),
        ),
        migrations.AddField(
            model_name="closure",
            name="version",
            field=models.PositiveIntegerField(default=1, editable=False),
        ),
        migrations.AddField(
            model_name="historicalabsence",
            name="version",
            field=models.PositiveIntegerField(default=1, editable=False),
        ),
        migrations.AddField(
            model_name="historicalclosure",
            name="version",
            field=models.PositiveIntegerField(default=1, editable=False),
        ),
    ]
