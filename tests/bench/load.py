"""A mixed day of eight clients, and what a first load of a page needs."""

import gzip
import re
import threading
import time
from itertools import cycle, islice
from urllib.parse import urljoin

from tests.bench.asking import Browser

CLIENTS = 8
SECONDS = 20
# How often each page is opened: the front desk searches and looks at the day, clinicians go from patient to patient.
MIX = {
    "search": 4, "today": 3, "today, one neurologist": 2, "patient": 4, "visit": 4, "session": 3, "sign page": 1,
    "signed record": 1, "diary, day": 2, "diary, week": 1, "follow-ups": 1,
}  # fmt: skip
ACCEPTED = {"Accept-Encoding": "gzip", "Sec-Fetch-Site": "same-origin"}
# What a response makes a browser request, by its type.
LINKED = {
    "text/html": re.compile(r'<link\b(?=[^>]*\brel="(?:stylesheet|icon|modulepreload)")[^>]*\bhref="([^"]+)"'
                            r'|<(?:script|img)\b[^>]*\bsrc="([^"]+)"'),
    "text/css": re.compile(r"""\b(url)\(["']?([\w./-]+)"""),
    "text/javascript": re.compile(r"""\b(from|import)\s*["']([\w./-]+\.js)["']"""),
}  # fmt: skip


def pages_a_second(port, pages, password):
    """The clients begin at different pages of the day."""
    day = [page for page in pages for _ in range(MIX.get(page.name, 0))]
    counts, failures = [], []
    days = [list(islice(cycle(day), start * 3, start * 3 + len(day))) for start in range(CLIENTS)]
    clients = [threading.Thread(target=_client, args=(port, own, password, counts, failures)) for own in days]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    if failures:
        raise failures[0]
    return sum(counts)


def _client(port, day, password, counts, failures):
    try:
        browsers = {name: Browser(port).logged_in(name, password) for name in {page.username for page in day}}
        began, opened = time.perf_counter(), 0
        for page in cycle(day):
            response = browsers[page.username].open(page.request())
            if response.status != 200:
                raise RuntimeError(f"{page.path}: {response.status}")
            opened += 1
            if time.perf_counter() - began > SECONDS:
                break
        counts.append(opened / (time.perf_counter() - began))
    except Exception as error:  # raised again by the main thread
        failures.append(error)


def compressed_bytes(browser, page):
    """The number of bytes of the page as sent, or None if the server does not compress it."""
    response = browser.open(page.request(), **ACCEPTED)
    return len(response.body) if response.headers.get("Content-Encoding") else None


def first_load(browser, page):
    """How many requests a browser with an empty cache sends for the page, and how many bytes it receives for them."""
    size, waiting, seen = 0, [page.path], set()
    while waiting:
        path = waiting.pop()
        if path in seen or not path.startswith("/"):
            continue
        seen.add(path)
        response = browser.get(path, **ACCEPTED)
        size += len(response.body)
        if linked := LINKED.get(response.headers.get_content_type()):
            compressed = response.headers.get("Content-Encoding") == "gzip"
            text = (gzip.decompress(response.body) if compressed else response.body).decode()
            waiting += [urljoin(path, found) for groups in linked.findall(text) for found in groups if "/" in found]
    return len(seen), size
