"""Concurrent calls, each with its own database connection."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

from django.db import connection, transaction
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


def before_commit(first, second):
    """As at_once(), but `second` begins when `first` has done its work, half a second before that is committed."""
    done = threading.Event()

    def uncommitted():
        with transaction.atomic():
            result = first()
            done.set()
            time.sleep(0.5)
        return result

    def meanwhile():
        done.wait(10)
        return second()

    return at_once(uncommitted, meanwhile)
