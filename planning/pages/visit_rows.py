"""The rows of Today's table as HTML. Written without templates: a busy day has dozens, each with some twenty texts."""

from django.middleware.csrf import get_token
from django.utils.html import escape
from django.utils.safestring import mark_safe

from clinic.accounts.permissions import Permission, may

NEXT_KEY = ' data-key="n" data-key-name="Next patient" aria-keyshortcuts="n"'
NO_SESSION = '–<span class="visually-hidden">no session</span>'
NONE = ' class="none"'
READY = '<span class="chip ready">Ready for review</span>'
SIMILAR_NAME = ' <span class="chip overdue">similar name today</span>'


class RowWriter:
    """The forms of the rows return to the page of this request."""

    def __init__(self, request):
        self.token = f'<input type="hidden" name="csrfmiddlewaretoken" value="{get_token(request)}">'
        self.next = _hidden("next", escape(request.get_full_path()))
        self.sees_sessions = may(request.user, Permission.SEE_SESSIONS)

    def written(self, row):
        """A row of `visits_of_the_day()`; its texts are escaped here."""
        name, hint = escape(row["name"]), f"{escape(row['born'])} · {escape(row['record_number'])}"
        similar = SIMILAR_NAME if row["similar_name"] else ""
        cells = (
            f'<td class="num time" data-label="">{row["begins"]}</td>'
            f'<td data-label=""><a href="{escape(row["patient_url"])}"><strong>{name}</strong></a>{similar} '
            f'<small class="hint">{hint}</small></td>'
            f'<td data-label="Kind">{escape(row["kind"])}</td>'
            f'<td data-label="Clinician">{escape(row["clinician"])}</td>'
            f'<td data-label="Visit">{self._visit(row)}</td>'
            f'<td data-label="Session"{"" if row["states"] else NONE}>{self._sessions(row)}</td>'
            f'<td class="rowend" data-label="">{self._step(row, name)}</td>'
        )
        return mark_safe(f"<tr data-row>{cells}</tr>")  # noqa: S308, every text is escaped where it is inserted

    def _visit(self, row):
        state, arrived = row["state"], f" {row['arrived']}" if row.get("arrived") else ""
        # The row has one main link: the visit, if its next step is a button.
        main = f" data-row-main{NEXT_KEY if row['is_next'] else ''}" if row["step"].posts else ""
        return f'<a class="chip {state.value}" href="{escape(row["url"])}"{main}>{state.label}{arrived}</a>'

    def _sessions(self, row):
        chips = [f'<span class="chip {state.value}">{escape(state.label)}</span>' for state in row["states"]]
        ready = [READY] if row["is_ready"] and self.sees_sessions else []
        return " ".join([*(chips or [NO_SESSION]), *ready])

    def _step(self, row, name):
        step = row["step"]
        kind = f'class="btn btn-sm {"btn-primary" if step.main else "btn-outline-primary"}"'
        label = f'{escape(step.label)}<span class="visually-hidden">, {name}</span>'
        url = escape(step.url)
        if not step.posts:
            return f'<a {kind} href="{url}" data-row-main{NEXT_KEY if row["is_next"] else ""}>{label}</a>'
        fields = f"{self.token}{_hidden('patient_seen', row['visit'].patient_id)}{self._fields(row)}"
        return f'<form method="post" action="{url}">{fields}<button {kind} type="submit">{label}</button></form>'

    def _fields(self, row):
        if row["step"].posts == "plan":
            return row["plan_form"]["submission_key"]
        return f"{_hidden('state', row['step'].posts)}{_hidden('version', row['visit'].version)}{self.next}"


def _hidden(name, value):
    return f'<input type="hidden" name="{name}" value="{value}">'
