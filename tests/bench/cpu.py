"""What each page costs inside one process: processor time next to its floor, calls of functions, queries, bytes.

The number of calls is the same on every machine. Only processor time of this process is counted, so another program
that is running changes little. PostgreSQL's part is not included; `make bench` measures it as time on the clock.
"""

import cProfile
import io
import json
import re
import statistics
import sys
import time
from functools import partial
from itertools import chain, count
from urllib.parse import urlencode

from tests.pageforms import sendings

HOST = "localhost"
SAVING = "saving a row"
SAVED_ON = "session"  # the name of the page
WARM_UP = 2  # not counted: templates are compiled, connections opened
FEWEST_ROUNDS = 7
FLOORS_IN_A_ROUND = 4  # half of them before the page, half after it; they are short, so they are opened more often
COUNTED_OPENINGS = 5  # the fewest queries and calls: at times, a page also saves the login session or a seal
COUNTED = 0.75  # the slowest quarter is left out: what another program delayed


def measured(pages, *, seconds):
    """By name of the page, and for saving a row: the figures. Each takes that many seconds of processor time."""
    from tests.bench.wsgi import application

    openers = {name: Opener(application, name) for name in {page.username for page in pages}}
    series = [of_page(page, openers[page.username], seconds) for page in pages]
    series += [of_saving(page, openers[page.username], seconds) for page in pages if page.name == SAVED_ON]
    # All pages in turn, so that a minute in which the machine is busy is not the minute of a single page.
    while left := [each for each in series if each.is_unfinished()]:
        for each in left:
            each.take()
    return {each.name: each.figures() for each in series}


def of_page(page, opened, seconds):
    asked = partial(opened, page.path, {"q": page.searched} if page.searched else None)
    return Series(
        page.name, asked, lambda size: opened(page.floor(user=opened.user_id, size=size)), seconds,
        bare=partial(opened, page.bare()),
    )  # fmt: skip


def of_saving(page, opened, seconds):
    """Saving the note of the first row of a session as the page's script does it."""
    body = opened(page.path).decode()
    form = next(each for each in sendings(body, page.path) if re.search(r"/injections/\d+/$", each.path))
    row = re.search(r"/injections/(\d+)/$", form.path)[1]
    note, version = (next(name for name in form.fields if name.endswith(f"-{end}")) for end in ("note", "version"))
    current, notes = {version: form.fields[version]}, count()

    def save():
        fields = {**form.fields, **current, note: f"note {next(notes)}"}
        saved = opened(form.path, fields, HTTP_X_REQUESTED_WITH="fetch")
        current[version] = re.search(rf"\brow-{row}:(\d+)", saved.decode())[1]
        return saved

    floor = f"/floor/save/?row={row}&user={opened.user_id}&bytes="
    return Series(SAVING, save, lambda size: opened(f"{floor}{size}"), seconds)


class Series:
    """The processor times of a page, of its floor and of its bare view."""

    def __init__(self, name, asked, floor, seconds, bare=None):
        self.name, self.seconds = name, seconds
        for _ in range(WARM_UP):
            self.size = len(asked())
        self.queries = min(queries_of(asked) for _ in range(COUNTED_OPENINGS))
        self.calls = min(calls_of(asked) for _ in range(COUNTED_OPENINGS))
        self.asked = {"cpu": asked}
        self.floors = {"floor": partial(floor, self.size)} | ({"bare": bare} if bare else {})
        self.times = {name: [] for name in (*self.asked, *self.floors)}

    def is_unfinished(self):
        taken = self.times["cpu"]
        return len(taken) < FEWEST_ROUNDS or sum(taken) < self.seconds

    def take(self):
        floors = list(self.floors.items()) * (FLOORS_IN_A_ROUND // 2)
        for name, asked in chain(floors, self.asked.items(), floors):
            began = time.process_time()
            asked()
            self.times[name].append(time.process_time() - began)

    def figures(self):
        found = {name: typical(times) * 1000 for name, times in self.times.items()}
        ratios = {f"to_{name}": found["cpu"] / found[name] for name in self.floors}
        return {**found, **ratios, "queries": self.queries, "calls": self.calls, "bytes": self.size}


def typical(times):
    return statistics.mean(sorted(times)[: max(1, round(len(times) * COUNTED))])


def queries_of(asked):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        asked()
    return len(queries)


def calls_of(asked):
    """Of functions, those written in C included."""
    profile = cProfile.Profile()
    profile.enable()
    asked()
    profile.disable()
    return sum(each.callcount for each in profile.getstats())


class Opener:
    """Calls the WSGI application as a server would, logged in as a user."""

    def __init__(self, application, username):
        from django.conf import settings
        from django.contrib.auth import get_user_model
        from django.test import Client

        client, user = Client(headers={"Host": HOST}), get_user_model().objects.get(username=username)
        client.force_login(user)
        self.application, self.user_id, self.secret = application, user.pk, "s" * 32
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        self.cookie = f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={self.secret}"

    def __call__(self, path, fields=None, **headers):
        path, _, query = path.partition("?")
        body = urlencode({**fields, "csrfmiddlewaretoken": self.secret}).encode() if fields else b""
        status = []
        response = self.application(
            {
                "REQUEST_METHOD": "POST" if fields else "GET",
                "PATH_INFO": path,
                "QUERY_STRING": query,
                "CONTENT_TYPE": "application/x-www-form-urlencoded",
                "CONTENT_LENGTH": str(len(body)),
                "HTTP_HOST": HOST,
                "HTTP_COOKIE": self.cookie,
                "REMOTE_ADDR": "127.0.0.1",
                "SERVER_NAME": HOST,
                "SERVER_PORT": "80",
                "SERVER_PROTOCOL": "HTTP/1.1",
                "wsgi.url_scheme": "http",
                "wsgi.input": io.BytesIO(body),
                "wsgi.errors": sys.stderr,
                **headers,
            },
            lambda line, headers: status.append(line),
        )
        content = b"".join(response)
        response.close()
        if not status[0].startswith("200"):
            raise RuntimeError(f"{path}: {status[0]}")
        return content


def main():
    """Measure the pages of the database in DATABASE_URL, and print their figures as JSON."""
    from tests.bench import wsgi  # noqa: F401  (sets up Django)
    from tests.bench.pages import pages

    json.dump(measured(pages(ask), seconds=float(sys.argv[1])), sys.stdout)


def ask(statement, parameters=()):
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall()


if __name__ == "__main__":
    main()
