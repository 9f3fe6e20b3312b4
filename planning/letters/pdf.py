"""A letter as PDF, where the server has WeasyPrint and what it needs from the system (Pango)."""

from functools import cache

from django.template.loader import render_to_string


@cache
def _weasyprint():
    try:
        import weasyprint
    except (ImportError, OSError):  # the package is missing, or a library of the system
        return None
    return weasyprint


def is_available():
    return _weasyprint() is not None


def rendered(text, *, title):
    """The bytes of a PDF. It loads nothing: neither files of the server nor anything from a network."""
    library = _weasyprint()
    page = render_to_string(
        "planning/letters/letter_pdf.html", {"paragraphs": text.strip().split("\n\n"), "title": title}
    )
    fetcher = library.URLFetcher(allowed_protocols={"data"})
    return library.HTML(string=page, url_fetcher=fetcher).write_pdf()
