"""Log lines: to which request they belong, and in production where an error occurred, never with which data."""

import datetime as dt
import json
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


class JsonFormatter(logging.Formatter):
    """One JSON object on each line, without the text of exceptions: a database quotes the rejected row in it."""

    def format(self, record):
        line = {
            "time": dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "request_id": getattr(record, "request_id", "-"),
            "message": record.getMessage(),
        }
        if record.exc_info and record.exc_info[1] is not None:
            line["exception"] = _places_of(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False)


def _places_of(error):
    lines = []
    while error is not None:
        lines += [*traceback.format_tb(error.__traceback__), f"{type(error).__qualname__}\n"]
        error = error.__cause__ or error.__context__
    return "".join(lines).rstrip()


def configuration(*, as_json, level):
    # A seal in the log is out of reach of the database's administrator, so no level of production hides it.
    seals = "INFO" if as_json else "WARNING"
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "plain": {"format": "%(asctime)s %(levelname)s %(name)s %(request_id)s %(message)s"},
            "json": {"()": JsonFormatter},
        },
        "filters": {"request_id": {"()": RequestIdFilter}},
        "handlers": {
            "console": {
                "class": "logging.StreamHandler",
                "filters": ["request_id"],
                "formatter": "json" if as_json else "plain",
            },
        },
        "loggers": {"clinic.startup": {"level": "INFO"}, "clinic.seals": {"level": seals}},
        "root": {"handlers": ["console"], "level": level},
    }
