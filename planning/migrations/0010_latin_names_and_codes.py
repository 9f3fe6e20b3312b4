"""Latin names and codes are unique among all muscles, as names are.

Where a catalogue has one twice already, the muscle that was added first has its key, and the other keeps its text
without one until either changes.
"""

from django.db import migrations

from planning.models.muscle import CODE_PREFIXES, code_key, key_of, names_in


def fill(apps, schema_editor):
    muscles = list(apps.get_model("planning", "Muscle").objects.order_by("pk"))
    keys = apps.get_model("planning", "MuscleKey").objects
    owners = {}
    for keys_of in (_names, _latin_names, _codes):
        for muscle in muscles:
            for key in keys_of(muscle):
                owners.setdefault(key, muscle)
    keys.all().delete()
    keys.bulk_create(keys.model(muscle=muscle, key=key) for key, muscle in owners.items() if key)


def _names(muscle):
    return [key_of(name) for name in (muscle.name, muscle.short_name, *names_in(muscle.synonyms))]


def _latin_names(muscle):
    return [key_of(muscle.latin_name)]


def _codes(muscle):
    return [code_key(system, getattr(muscle, system)) for system in CODE_PREFIXES]


class Migration(migrations.Migration):
    dependencies = [("planning", "0009_instruments")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
