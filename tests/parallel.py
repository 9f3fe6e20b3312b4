"""Concurrent calls, each with its own database connection."""

import threading
from concurrent.futures import ThreadPoolExecutor

from django.db import connection
from django.utils import timezone


def at_once(*calls):
    """What each call returned, or the exception that it raised; all start together."""
    start, zone = threading.Barrier(len(calls)), timezone.get_current_timezone()

    def run(call):
        try:
            start.wait()
            with timezone.override(zone):
                return call()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))
