"""The runs of the reminders."""

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0004_birth_dates_with_unknown_parts"),
    ]

    operations = [
        migrations.CreateModel(
            name="ReminderRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("started_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("ended_at", models.DateTimeField(null=True)),
                ("sent", models.PositiveIntegerField(default=0)),
                ("told", models.PositiveIntegerField(default=0, verbose_name="messages about changes")),
                ("failed", models.PositiveIntegerField(default=0)),
                ("held_back", models.PositiveIntegerField(default=0)),
            ],
            options={
                "ordering": ["-pk"],
            },
        ),
    ]
