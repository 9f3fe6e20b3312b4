"""What a database must still contain after an upgrade: `python -m tests.upgrades.facts` prints it as JSON."""

import json
import os

import django

OF_EVENTS = ("__insert", "__update", "__delete", "__truncate")


def facts():
    from django.apps import apps
    from django.db import DatabaseError, connection, transaction

    from clinic.models import AuditEntry
    from clinic.records import triggers
    from planning.models import Injection, SignedRecord

    def is_refused(write):
        try:
            with transaction.atomic():
                write()
        except DatabaseError:
            return True
        return False

    guards = {guard.name for guard in triggers.guards()}
    record = SignedRecord.objects.first()
    signed_row = Injection.objects.filter(session=record.session_id)
    return {
        "engine": connection.vendor,
        "rows": {
            model._meta.db_table: model._base_manager.count()
            for model in apps.get_models(include_auto_created=True)
            if model._meta.app_label in {"clinic", "patients", "planning"}
        },
        "records": [[one.pk, one.number, one.content, one.content_hash] for one in SignedRecord.objects.order_by("pk")],
        "audit": list(AuditEntry.objects.order_by("pk").values_list("pk", "action")),
        "doses": list(Injection.objects.order_by("pk").values_list("pk", "planned_dose", "given_dose")),
        "guards_missing": triggers.missing(),
        "guards_unknown": sorted(name for name in triggers._present() - guards if name.endswith(OF_EVENTS)),
        "signed_record_is_kept": is_refused(lambda: SignedRecord.objects.filter(pk=record.pk).update(number=99)),
        "signed_dose_is_kept": is_refused(lambda: signed_row.update(given_dose="9.99")),
    }


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
    django.setup()
    print(json.dumps(facts(), default=str))  # noqa: T201
