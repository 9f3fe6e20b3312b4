"""`manage.py openapi`: write the OpenAPI document."""

from django.conf import settings
from django.core.management.base import BaseCommand

from clinic.api.documents import as_text

DOCUMENT = settings.BASE_DIR / "docs" / "openapi.json"


class Command(BaseCommand):
    help = "Write docs/openapi.json from the current code."

    def handle(self, **options):
        DOCUMENT.write_text(as_text(), encoding="utf-8")
        self.stdout.write(f"Written to {DOCUMENT.relative_to(settings.BASE_DIR)}.")
