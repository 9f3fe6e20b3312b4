"""Which sessions of Django belong to which user, with the browser; and whether a passkey signs."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("clinic", "0007_backup_runs"),
    ]

    operations = [
        migrations.AddField(
            model_name="clinic",
            name="passkey_signs",
            field=models.BooleanField(
                default=False,
                help_text="A signer who has a passkey can sign with it instead of the password.",
                verbose_name="signing with a passkey",
            ),
        ),
        migrations.AddField(
            model_name="historicalclinic",
            name="passkey_signs",
            field=models.BooleanField(
                default=False,
                help_text="A signer who has a passkey can sign with it instead of the password.",
                verbose_name="signing with a passkey",
            ),
        ),
        migrations.CreateModel(
            name="LoginSession",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("session_key", models.CharField(max_length=40, unique=True)),
                ("began_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("browser", models.CharField(max_length=40)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="login_sessions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-began_at", "-pk"],
            },
        ),
    ]
