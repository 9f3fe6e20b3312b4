"""The counter of the record numbers that Collum makes."""

from django.db import migrations


def fill(apps, schema_editor):
    apps.get_model("patients", "RecordNumberCounter").objects.get_or_create(pk=1)


class Migration(migrations.Migration):
    dependencies = [("patients", "0001_initial")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
