"""What Chromium complains of: errors and warnings in the console, errors of a page, reports of the content policy."""

import re
from contextlib import contextmanager
from urllib.parse import urlsplit

REFUSED = "the server responded with a status of"
AWAY = "net::ERR_"
# htmx logs both when a page is left while a request is under way. A failure also logs sendError or responseError.
LEFT = ("error: htmx:afterRequest", "error: htmx:sendAbort")


class Watch:
    def __init__(self):
        self._heard = []
        self._expected = []
        self._expected_at = []
        self._is_away = False

    def follow(self, context):
        context.on("console", self._hear)
        context.on("weberror", lambda error: self._heard.append((f"error of a page: {error.error}", "")))

    def expects(self, *messages):
        """Allow what a test provokes on purpose: complaints that contain one of these texts."""
        self._expected += messages

    def expects_at(self, path, message):
        """Allow this text at URLs whose path matches."""
        self._expected_at.append((re.compile(path), message))

    def complaints(self):
        return [f"{message} at {url}" for message, url in self._heard if not self._is_expected(message, url)]

    def _is_expected(self, message, url):
        path = urlsplit(url).path
        return (
            message.startswith(LEFT)
            or any(expected in message for expected in self._expected)
            or any(pattern.search(path) and expected in message for pattern, expected in self._expected_at)
        )

    @contextmanager
    def away(self):
        """What is logged in the meantime is not caused by the page."""
        self._is_away = True
        yield
        self._is_away = False

    def _hear(self, message):
        if self._is_away:
            return
        if message.type in ("error", "warning"):
            self._heard.append((f"{message.type}: {message.text}", message.location.get("url", "")))
