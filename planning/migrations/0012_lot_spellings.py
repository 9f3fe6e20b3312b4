from django.db import migrations, models

import clinic.text
import patients.models.keys
from planning.models.lot import lot_key


def fill(apps, schema_editor):
    """Every spelling of a lot that a vial or a signed record has."""
    models_with_lots = (apps.get_model("planning", name) for name in ("Vial", "SignedLot"))
    typed = set().union(*(model.objects.values_list("lot_number", flat=True).distinct() for model in models_with_lots))
    spelling = apps.get_model("planning", "LotSpelling")
    spelling.objects.bulk_create(
        (spelling(typed=lot, key=lot_key(lot)) for lot in sorted(typed - {""})), batch_size=1000
    )


class Migration(migrations.Migration):
    dependencies = [("planning", "0011_who_typed_a_dose")]

    operations = [
        migrations.CreateModel(
            name="LotSpelling",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("typed", clinic.text.Line(max_length=60, unique=True)),
                ("key", patients.models.keys.KeyField(max_length=900)),
            ],
            options={"indexes": [models.Index(fields=["key"], name="planning_lotspelling_by_key")]},
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.RemoveIndex(model_name="signedlot", name="planning_signedlot_by_key"),
        migrations.RemoveIndex(model_name="vial", name="planning_vial_by_lot"),
        migrations.RemoveField(model_name="signedlot", name="lot_key"),
        migrations.RemoveField(model_name="vial", name="lot_key"),
        migrations.AddIndex(
            model_name="signedlot",
            index=models.Index(fields=["lot_number"], name="planning_signedlot_by_lot"),
        ),
        migrations.AddIndex(
            model_name="vial",
            index=models.Index(
                condition=models.Q(("lot_number", ""), _negated=True),
                fields=["lot_number"],
                name="planning_vial_by_lot",
            ),
        ),
    ]
