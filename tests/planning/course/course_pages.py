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


def group_sent(page, group, **typed):
    """What the browser would send of one group of the assessment's page, with `typed` instead of the shown values."""
    form = page.context["groups"][group]
    shown = {field.html_name: "on" if value is True else value for field in form if (value := field.value())}
    return {**shown, **{form.add_prefix(name): value for name, value in typed.items()}}


def groups_with(page, typed):
    """The typed values by the group that has their fields."""
    groups = {}
    for name, value in typed.items():
        group = next(group for group, form in page.context["groups"].items() if name in form.fields)
        groups.setdefault(group, {})[name] = value
    return groups


def save_groups(client, path, **typed):
    """Open the page, type, and save each group with typed text by its button: the last response."""
    page = client.get(path)
    for group, values in groups_with(page, typed).items():
        response = client.post(path, group_sent(page, group, **values))
    return response
