"""The sets in which a muscle is, counted on its page."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("planning", "0003_session_by_given_on"),
    ]

    operations = [
        migrations.AlterField(
            model_name="musclesetentry",
            name="muscle",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="set_entries", to="planning.muscle"
            ),
        ),
    ]
