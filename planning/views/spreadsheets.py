"""What is taken along for a spreadsheet."""

from django.http import HttpResponse
from django.utils import timezone

from planning.exchange import as_csv


def csv_download(rows, *, name):
    """The rows as a file; its name says what it is and when it was made, and nothing of what is in it."""
    return HttpResponse(
        as_csv(rows),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}-{timezone.localdate()}.csv"'},
    )
