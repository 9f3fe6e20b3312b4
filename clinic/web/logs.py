"""Log lines: to which request they belong, and in production where an error occurred, never with which data."""

import logging
import traceback
from contextlib import contextmanager
from contextvars import ContextVar

_request_id = ContextVar("id of the request that is being answered", default="-")


@contextmanager
def lines_of(request_id):
    token = _request_id.set(request_id)
    try:
        yield
    finally:
        _request_id.reset(token)


class RequestIdFilter(logging.Filter):
    """Adds `request_id` to every record."""

    def filter(self, record):
        # Django logs the status of a response after all middleware.
        record.request_id = getattr(getattr(record, "request", None), "id", None) or _request_id.get()
        return True


class DiscreetFormatter(logging.Formatter):
    """Leaves out the text of exceptions: a database quotes the rejected row in it."""

    def formatException(self, ei):  # noqa: N802  (logging's own name)
        lines, error = [], ei[1]
        while error is not None:
            lines += [*traceback.format_tb(error.__traceback__), f"{type(error).__qualname__}\n"]
            error = error.__cause__ or error.__context__
        return "".join(lines).rstrip()
