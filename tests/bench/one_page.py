"""`make profile PAGE=…`: what one page of the demo database costs, and where its processor time goes."""

import argparse
import cProfile
import os
import pstats
import statistics
import time
from collections import Counter
from contextlib import contextmanager

WARM_UP = 5  # not counted: templates are compiled, connections opened
TEMPLATES_SHOWN = 15
STATEMENT_LENGTH = 200


def main():
    parser = argparse.ArgumentParser(prog="make profile", description=__doc__)
    parser.add_argument("page", help="the path of any page, such as /patients/1/")
    parser.add_argument("--user", default="neurologist", help="who opens the page")
    parser.add_argument("--rounds", type=int, default=50, help="how often the page is opened")
    parser.add_argument("--top", type=int, default=25, help="how many lines of the profile are shown")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
    import django

    django.setup()
    report(measured(options.page, user=options.user, rounds=options.rounds), options)


def measured(page, *, user, rounds):
    """Apart from each other: counting and profiling slow the page down."""
    opened = opener(page, user)
    for _ in range(WARM_UP):
        opened()
    milliseconds = []
    for _ in range(rounds):
        began = time.process_time()
        opened()
        milliseconds.append((time.process_time() - began) * 1000)
    statements = statements_of(opened)
    with templates_of() as templates:
        opened()
    profile = cProfile.Profile()
    profile.enable()
    for _ in range(rounds):
        response = opened()
    profile.disable()
    return {
        "milliseconds": milliseconds,
        "statements": statements,
        "templates": templates,
        "profile": profile,
        "bytes": len(response.content),
    }


def opener(page, user):
    from django.contrib.auth import get_user_model
    from django.test import Client

    client = Client(headers={"Host": "localhost"})
    client.force_login(get_user_model().objects.get(username=user))

    def opened():
        response = client.get(page)
        if response.status_code != 200:
            raise SystemExit(f"{page}: {response.status_code}")
        return response

    return opened


def statements_of(opened):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        opened()
    return [query["sql"] for query in queries]


@contextmanager
def templates_of():
    """The names of the templates that are rendered in the block, as often as they are."""
    from django.template import Template

    names, render = Counter(), Template._render

    def counted(template, context):
        names[template.name or "(no name)"] += 1
        return render(template, context)

    Template._render = counted
    try:
        yield names
    finally:
        Template._render = render


def report(found, options):
    statements, templates, milliseconds = found["statements"], found["templates"], found["milliseconds"]
    print(
        f"{options.page} as {options.user}: {statistics.median(milliseconds):.1f} ms CPU (median of {options.rounds}), "
        f"{len(statements)} statements, {templates.total()} templates, {found['bytes']:,} bytes\n"
    )
    for number, statement in enumerate(statements, 1):
        print(f"{number:3} {statement[:STATEMENT_LENGTH]}")
    print()
    for name, times in templates.most_common(TEMPLATES_SHOWN):
        print(f"{times:4} × {name}")
    print()
    profile = pstats.Stats(found["profile"])
    profile.strip_dirs().sort_stats("tottime").print_stats(options.top)
    profile.sort_stats("cumulative").print_stats(r"^(?!.*(middleware|wrapper|handler)).*$", options.top)


if __name__ == "__main__":
    main()
