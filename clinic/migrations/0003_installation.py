"""An identifier of this installation, for calendars."""

import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("clinic", "0002_login_failures"),
    ]

    operations = [
        migrations.AddField(
            model_name="clinic",
            name="installation",
            field=models.UUIDField(default=uuid.uuid4, editable=False),
        ),
    ]
