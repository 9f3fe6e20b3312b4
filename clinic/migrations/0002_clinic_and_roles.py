"""The clinic's own row, the roles as groups, and the table of the cache that counts failed logins."""

from django.core.management import call_command
from django.db import migrations

ROLES = ["neurologist", "trainee", "clinic staff", "catalogue manager", "auditor"]


def fill(apps, schema_editor):
    apps.get_model("clinic", "Clinic").objects.get_or_create(pk=1, defaults={"name": "Our clinic"})
    groups = apps.get_model("auth", "Group").objects
    for role in ROLES:
        groups.get_or_create(name=role)


def make_cache_table(apps, schema_editor):
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    dependencies = [("clinic", "0001_initial"), ("auth", "0012_alter_user_first_name_max_length")]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.RunPython(make_cache_table, migrations.RunPython.noop),
    ]
