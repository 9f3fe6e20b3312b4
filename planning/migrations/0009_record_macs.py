"""MACs of signed records. Records that exist get theirs here."""

from django.db import migrations, models

from clinic.records import macs

COLUMNS = (
    "id", "session_id", "number", "content_text", "content_hash", "previous_hash", "signer_id", "signer_name",
    "signer_roles", "signed_at", "meaning", "hash",
)  # fmt: skip


def add_macs(apps, schema_editor):
    records = apps.get_model("planning", "SignedRecord").objects
    on_postgresql = schema_editor.connection.vendor == "postgresql"
    if on_postgresql:  # on SQLite, no trigger exists while migrations run
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        schema_editor.execute("ALTER TABLE planning_signedrecord DISABLE TRIGGER USER")
    for row in records.order_by("pk").values_list(*COLUMNS).iterator(chunk_size=500):
        records.filter(pk=row[0]).update(mac=macs.mac("signed record", row))
    if on_postgresql:
        schema_editor.execute("ALTER TABLE planning_signedrecord ENABLE TRIGGER USER")


class Migration(migrations.Migration):
    dependencies = [
        ("planning", "0008_withdrawn_reviews"),
    ]

    operations = [
        migrations.AddField(
            model_name="signedrecord",
            name="mac",
            field=models.CharField(default="", max_length=85),
            preserve_default=False,
        ),
        migrations.RunPython(add_macs, migrations.RunPython.noop),
    ]
