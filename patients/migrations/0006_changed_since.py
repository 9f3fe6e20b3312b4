import django.utils.timezone
from django.db import migrations, models
from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import Coalesce


def take_from_history(apps, schema_editor):
    """When a patient was changed last is known from the history; of whom it knows nothing, when they were registered."""
    patients, history = (apps.get_model("patients", name).objects for name in ("Patient", "HistoricalPatient"))
    last = history.filter(id=OuterRef("pk")).order_by("-history_date", "-history_id").values("history_date")
    patients.update(updated_at=Coalesce(Subquery(last[:1]), F("registered_at")))
    history.update(updated_at=F("history_date"))


class Migration(migrations.Migration):
    dependencies = [("patients", "0005_coverage_and_therapies")]

    operations = [
        migrations.AddField(
            model_name="historicalpatient",
            name="updated_at",
            field=models.DateTimeField(blank=True, default=django.utils.timezone.now, editable=False),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="patient",
            name="updated_at",
            field=models.DateTimeField(auto_now=True, default=django.utils.timezone.now),
            preserve_default=False,
        ),
        migrations.RunPython(take_from_history, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="patient",
            index=models.Index(fields=["updated_at", "id"], name="patients_patient_by_change"),
        ),
    ]
