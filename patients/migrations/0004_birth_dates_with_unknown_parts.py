"""A birth date as text: `1969-03-14`, `1969-03` or `1969`."""

from django.db import migrations, models

import patients.people.models.patient


def write_dates_in_iso_format(apps, schema_editor):
    """PostgreSQL writes a date as text in the style of the session; SQLite stores it in this form already."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("SET LOCAL datestyle TO ISO")


def birth_date():
    return models.CharField(
        help_text="As 5 Mar 1966 or 5.3.1966. Without an unknown part: Mar 1966, 1966, or unknown.",
        max_length=10,
        validators=[patients.people.models.patient._plausible_birth],
        verbose_name="birth date",
    )


class Migration(migrations.Migration):
    dependencies = [("patients", "0003_indexes_of_rare_references")]

    operations = [
        migrations.RunPython(write_dates_in_iso_format, migrations.RunPython.noop),
        migrations.AlterField("historicalpatient", "date_of_birth", birth_date()),
        migrations.AlterField("patient", "date_of_birth", birth_date()),
    ]
