"""What an administrator checked in the set-up."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import clinic.records.text


class Migration(migrations.Migration):
    dependencies = [
        ("clinic", "0005_audit_filters"),
    ]

    operations = [
        migrations.CreateModel(
            name="SetUpCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("time_zone", "Time zone"), ("email", "Test email"), ("backup", "Backup")],
                        max_length=20,
                    ),
                ),
                ("checked_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("succeeded", models.BooleanField(default=True)),
                ("time_zone", models.CharField(blank=True, max_length=64)),
                ("day", models.DateField(blank=True, null=True, verbose_name="restored on")),
                ("error", clinic.records.text.Line(blank=True, max_length=200)),
                (
                    "checked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
    ]
