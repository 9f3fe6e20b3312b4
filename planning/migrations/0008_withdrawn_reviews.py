"""Reviews that were withdrawn by the user who asked."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("planning", "0007_map_places"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="reviewrequest",
            name="planning_reviewrequest_is_open_once",
        ),
        migrations.AddField(
            model_name="reviewrequest",
            name="withdrawn_at",
            field=models.DateTimeField(editable=False, help_text="By the user who asked.", null=True),
        ),
        migrations.AddConstraint(
            model_name="reviewrequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(("answered_at", None), ("withdrawn_at", None)),
                fields=("session",),
                name="planning_reviewrequest_is_open_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="reviewrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(("answered_at", None), ("withdrawn_at", None), _connector="OR"),
                name="planning_reviewrequest_answered_is_not_withdrawn",
            ),
        ),
    ]
