"""`manage.py imports`: continue imports that were left, and delete old files."""

from django.core.management import BaseCommand
from django.utils import timezone

from clinic.models import Clinic
from patients.imports.actions.imports import batches_with_old_files, delete_old_file
from patients.imports.import_steps import run_to_the_end
from patients.models import ImportBatch


class Command(BaseCommand):
    help = (
        "Continue each import that is being checked, stored or undone, if no page does so. Delete the files of imports "
        "after 30 days, with their rows."
    )

    def handle(self, **options):
        with timezone.override(Clinic.ours().zone):
            for batch in ImportBatch.objects.running():
                run_to_the_end(batch)
                self.stdout.write(f"Import {batch.pk}: {batch.get_state_display().lower()}.")
            for batch in batches_with_old_files():
                delete_old_file(batch)
                self.stdout.write(f"Import {batch.pk}: its file is deleted.")
