"""Forms of the course pages: every field as shown, and newly typed values."""

from tests import builders


def assessment_path(visit):
    return f"/visits/{visit.pk}/assessment/"


def response_path(visit, session):
    return f"/visits/{visit.pk}/sessions/{session.pk}/response/"


def sent_by(page, **typed):
    """What the browser would send of the page's form, with `typed` instead of the shown values."""
    form = page.context["form"]
    sent = {}
    for field in form:
        value = field.value()
        if field.name in {"submission_key", "unchanged"}:
            continue
        if value not in (None, "", False, []):
            sent[field.html_name] = "on" if value is True else value
    if "submission_key" in form.fields:
        sent["submission_key" if not form.prefix else f"{form.prefix}-submission_key"] = builders.a_submission_key()
    return {**sent, **{form.add_prefix(name): value for name, value in typed.items()}}


def send(client, path, **typed):
    """Open the page, type, and send it."""
    return client.post(path, sent_by(client.get(path), **typed))
