"""MACs of audit entries, and seals. Entries that exist get their MAC here, so it covers them from now on."""

import uuid
from collections import defaultdict

import django.utils.timezone
from django.db import migrations, models

from clinic.records import macs

AT_A_TIME = 5_000


def add_macs(apps, schema_editor):
    connection = schema_editor.connection
    entries = apps.get_model("clinic", "AuditEntry").objects.order_by("pk")
    patients = apps.get_model("clinic", "AuditedPatient").objects.order_by("patient_id")
    last = 0
    while batch := list(entries.filter(pk__gt=last)[:AT_A_TIME]):
        concerned = defaultdict(list)
        found = patients.filter(entry__gt=last, entry__lte=batch[-1].pk)
        for entry_id, patient_id in found.values_list("entry_id", "patient_id"):
            concerned[entry_id].append(patient_id)
        _store(connection, [_with_mac(entry, concerned[entry.pk]) for entry in batch])
        last = batch[-1].pk


def _with_mac(entry, patient_ids):
    entry.nonce = uuid.uuid4()
    entry.mac = macs.mac(
        "entry",
        [
            str(entry.nonce), macs.microseconds(entry.at), entry.actor_id, entry.roles, entry.action,
            entry.object_type, entry.object_id, entry.outcome, entry.route, entry.request_id, None, "", *patient_ids,
        ],
    )  # fmt: skip
    return entry


def _store(connection, batch):
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "UPDATE clinic_auditentry entry SET nonce = new.nonce, mac = new.mac "
                "FROM unnest(%s::bigint[], %s::uuid[], %s::text[]) AS new (id, nonce, mac) WHERE entry.id = new.id",
                [[row.pk for row in batch], [str(row.nonce) for row in batch], [row.mac for row in batch]],
            )
        else:
            cursor.executemany(
                "UPDATE clinic_auditentry SET nonce = %s, mac = %s WHERE id = %s",
                [(row.nonce.hex, row.mac, row.pk) for row in batch],
            )


def on_postgresql(*statements):
    """On SQLite, no trigger exists while migrations run."""

    def run(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            for statement in statements:
                schema_editor.execute(statement)

    return migrations.RunPython(run, migrations.RunPython.noop)


class Migration(migrations.Migration):
    dependencies = [
        ("clinic", "0008_second_factor"),
    ]

    operations = [
        migrations.CreateModel(
            name="AuditSeal",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("first_entry", models.BigIntegerField(unique=True)),
                ("last_entry", models.BigIntegerField(unique=True)),
                ("entries", models.BigIntegerField()),
                ("digest", models.CharField(max_length=64)),
                ("previous_mac", models.CharField(max_length=85, unique=True)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("mac", models.CharField(max_length=85)),
            ],
            options={
                "ordering": ["number"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("entries__gte", 1),
                            ("first_entry__gte", 1),
                            ("last_entry__gte", models.F("first_entry")),
                        ),
                        name="clinic_auditseal_range_is_not_empty",
                    )
                ],
            },
        ),
        # They were never filled in.
        migrations.RemoveField(model_name="auditentry", name="hash"),
        migrations.RemoveField(model_name="auditentry", name="previous_hash"),
        migrations.AddField(
            model_name="auditentry",
            name="nonce",
            field=models.UUIDField(default=uuid.uuid4),
        ),
        migrations.AddField(
            model_name="auditentry",
            name="seal_number",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="auditentry",
            name="seal_digits",
            field=models.CharField(default="", max_length=16),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="auditentry",
            name="mac",
            field=models.CharField(default="", max_length=85),
            preserve_default=False,
        ),
        on_postgresql("SET CONSTRAINTS ALL IMMEDIATE", "ALTER TABLE clinic_auditentry DISABLE TRIGGER USER"),
        migrations.RunPython(add_macs, migrations.RunPython.noop),
        on_postgresql("ALTER TABLE clinic_auditentry ENABLE TRIGGER USER"),
        migrations.AddConstraint(
            model_name="auditentry",
            constraint=models.UniqueConstraint(fields=("nonce",), name="clinic_auditentry_is_not_a_copy"),
        ),
    ]
