"""The possible duplicates among the patients who are registered already."""

from django.db import migrations
from django.db.models.functions import Coalesce

from patients import alike


def compare(apps, schema_editor):
    patients = apps.get_model("patients", "Patient").objects.annotate(person=Coalesce("same_as_id", "pk"))
    identities = patients.values_list(*alike.COMPARED).iterator()
    pairs = apps.get_model("patients", "PossibleDuplicate").objects
    found = alike.pairs_among(alike.Identity(*identity) for identity in identities)
    pairs.bulk_create(pairs.model(one_id=one, other_id=other) for one, other in sorted(found))


class Migration(migrations.Migration):
    dependencies = [("patients", "0007_possible_duplicates")]

    operations = [migrations.RunPython(compare, migrations.RunPython.noop)]
