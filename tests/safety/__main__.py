"""`make safety`: run the tests that docs/safety.md names, and write the page if all of them pass."""

import datetime as dt
import os
import subprocess
import sys
from collections import defaultdict

import pytest

from tests.safety.document import PAGE, ROOT, Run, missing_tests, rendered, test_ids


class Results:
    """Which of the named tests passed, failed or did not run."""

    def __init__(self):
        self.outcomes = defaultdict(set)

    def pytest_runtest_logreport(self, report):
        if report.when == "call" or report.outcome != "passed":
            self.outcomes[report.nodeid.partition("[")[0]].add(report.outcome)

    def not_green(self):
        return [test for test in test_ids() if self.outcomes.get(test) != {"passed"}]


def main():
    if missing := missing_tests():
        sys.exit("These tests do not exist:\n" + "\n".join(missing))
    os.environ.pop("DATABASE_URL", None)
    results = Results()
    status = pytest.main(["-q", *sys.argv[1:], *test_ids()], plugins=[results])
    if status or (wrong := results.not_green()):
        wrong = results.not_green() if status else wrong
        sys.exit("docs/safety.md is unchanged, because these tests did not pass:\n" + "\n".join(wrong))
    PAGE.write_text(rendered(Run(f"{dt.date.today():%-d %B %Y}", _revision())))  # noqa: DTZ011, the day here
    print(f"{len(test_ids())} tests passed. docs/safety.md is written.")


def _revision():
    try:
        head = _git("rev-parse", "--short=10", "HEAD")
        changed = _git("status", "--porcelain", "--untracked-files=no", "--", ".", ":!docs/safety.md")
    except (OSError, subprocess.CalledProcessError):
        return "not from a Git checkout"
    return f"revision {head}{' and uncommitted changes' if changed else ''}"


def _git(*arguments):
    return subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()


if __name__ == "__main__":
    main()
