from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0004_the_desk"),
        ("planning", "0006_vials_by_day"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="injectionsession",
            name="fell_with_visit",
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.AddConstraint(
            model_name="injectionsession",
            constraint=models.CheckConstraint(
                condition=models.Q(("fell_with_visit", False), ("not_done_at__isnull", False), _connector="OR"),
                name="planning_session_that_fell_with_its_visit_is_not_done",
            ),
        ),
    ]
