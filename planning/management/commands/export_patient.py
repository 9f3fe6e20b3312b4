"""`manage.py export_patient`: a patient's whole record as JSON."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from clinic.models import Clinic
from patients.models import Patient
from planning.reports.export import export_patient


class Command(BaseCommand):
    help = "Write a patient’s whole record as JSON, to a file that only you can read or to the terminal."

    def add_arguments(self, parser):
        parser.add_argument("record_number")
        parser.add_argument("--output", type=Path, help="A file that does not exist yet.")

    def handle(self, *, record_number, output, **options):
        patient = Patient.objects.with_record_number(record_number).first()
        if patient is None:
            raise CommandError("No patient has this record number.")
        if output is not None and output.exists():
            raise CommandError(f"{output} exists already. Name another file.")
        with timezone.override(Clinic.ours().zone):
            text = export_patient(patient=patient, by=None)
        if output is None:
            self.stdout.write(text)
            return
        output.touch(mode=0o600)
        output.write_text(text + "\n", encoding="utf-8")
        self.stderr.write(f"Written to {output}.")
