"""Ends a commit that takes too long: PostgreSQL waits for a standby without a limit.

It is not cancelled, because the server would then make the change visible, although no standby has it. Cutting the
connection leaves the transaction as it is: it ends when a standby has it, or with its server.
"""

import contextlib
import os
import socket
import threading


@contextlib.contextmanager
def cut_after(connection, *, seconds):
    # A descriptor of its own: libpq could close its own, and another connection could get the same number.
    with socket.socket(fileno=os.dup(connection.fileno())) as line:
        timer = threading.Timer(seconds, _cut, [line])
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()


def _cut(line):
    with contextlib.suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
