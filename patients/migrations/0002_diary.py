"""Visits start on whole minutes."""

import datetime as dt

from django.db import migrations, models

import patients.diary.models.visit


def round_down_to_minutes(apps, schema_editor):
    """In order of their starts, so that visits do not overlap at any time."""
    visits = apps.get_model("patients", "Visit").objects
    for pk, starts_at, minutes in visits.order_by("starts_at").values_list("pk", "starts_at", "minutes").iterator():
        if starts_at.second or starts_at.microsecond:
            begins = starts_at.replace(second=0, microsecond=0)
            visits.filter(pk=pk).update(starts_at=begins, ends_at=begins + dt.timedelta(minutes=minutes))


class Migration(migrations.Migration):
    dependencies = [
        ("clinic", "0001_initial"),
        ("patients", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="absence",
            name="ends_at",
            field=models.DateTimeField(validators=[patients.diary.models.visit.whole_minute], verbose_name="until"),
        ),
        migrations.AlterField(
            model_name="absence",
            name="starts_at",
            field=models.DateTimeField(validators=[patients.diary.models.visit.whole_minute], verbose_name="from"),
        ),
        migrations.AlterField(
            model_name="historicalabsence",
            name="ends_at",
            field=models.DateTimeField(validators=[patients.diary.models.visit.whole_minute], verbose_name="until"),
        ),
        migrations.AlterField(
            model_name="historicalabsence",
            name="starts_at",
            field=models.DateTimeField(validators=[patients.diary.models.visit.whole_minute], verbose_name="from"),
        ),
        migrations.AlterField(
            model_name="historicalvisit",
            name="starts_at",
            field=models.DateTimeField(
                validators=[patients.diary.models.visit.possible_local_time, patients.diary.models.visit.whole_minute],
                verbose_name="start",
            ),
        ),
        migrations.AlterField(
            model_name="visit",
            name="starts_at",
            field=models.DateTimeField(
                validators=[patients.diary.models.visit.possible_local_time, patients.diary.models.visit.whole_minute],
                verbose_name="start",
            ),
        ),
        migrations.RunPython(round_down_to_minutes, migrations.RunPython.noop),
    ]
