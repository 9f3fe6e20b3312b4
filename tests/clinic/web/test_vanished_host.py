"""The host of the database vanishes without a word: requests end soon with 503, and succeed when it is back."""

import contextlib
import ctypes
import socket
import struct
import threading
import time

import pytest
from django.db import close_old_connections, connection
from django.test import Client

pytestmark = [
    pytest.mark.engine,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no network"),
]

# socket.SO_ATTACH_FILTER and SO_DETACH_FILTER of Linux, which Python does not name
ATTACH_FILTER, DETACH_FILTER = 26, 27
DROP_EVERYTHING = struct.pack("HBBI", 6, 0, 0, 0)  # a BPF program of one instruction: return 0 bytes of the packet
# As short as libpq allows; the defaults are asserted in test_production.
SOON = {"connect_timeout": 2, "tcp_user_timeout": 1500, "keepalives_idle": 1, "keepalives_interval": 1}
SOON_S = 60  # a few seconds on an idle machine; a quarter of an hour without these settings


class Line:
    """Passes on what it receives, until the kernel drops each packet that arrives: none is acknowledged then."""

    def __init__(self, host, port):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._to = (host, port)
        self._ends = [self._listener]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.create_connection(self._to)
                self._ends.append(near)
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=self._pass_on, args=(one, other), daemon=True).start()

    def _pass_on(self, one, other):
        with contextlib.suppress(OSError):
            while received := one.recv(65536):
                other.sendall(received)
        for end in (one, other):
            end.close()

    def cut(self):
        program = ctypes.create_string_buffer(DROP_EVERYTHING)
        for end in self._ends:
            end.setsockopt(socket.SOL_SOCKET, ATTACH_FILTER, struct.pack("HL", 1, ctypes.addressof(program)))

    def restore(self):
        self._listener.setsockopt(socket.SOL_SOCKET, DETACH_FILTER, 0)

    def close(self):
        self._listener.close()


@pytest.fixture
def line(monkeypatch):
    """Between Collum and its database."""
    own = connection.settings_dict
    line = Line(own["HOST"], int(own["PORT"] or 5432))
    connection.close()
    with monkeypatch.context() as patch:
        patch.setitem(own, "PORT", line.port)
        patch.setitem(own, "OPTIONS", {**own["OPTIONS"], **SOON})
        yield line
        connection.close()
    line.close()


@pytest.fixture
def attempts(monkeypatch):
    """To connect; one item for each."""
    made, connect = [], connection.get_new_connection
    monkeypatch.setattr(connection, "get_new_connection", lambda how: (made.append(how), connect(how))[1])
    return made


def ask(path):
    """The response as a server gives it, and how long it took."""
    close_old_connections()
    began = time.monotonic()
    response = Client(raise_request_exception=False).get(path)
    return response, time.monotonic() - began


def test_requests_end_and_recover_when_the_host_vanishes(line, settings, attempts):
    settings.SEAL_AFTER_SECONDS = 0  # each request looks for entries to seal
    assert ask("/accounts/login/")[0].status_code == 200

    # When the host vanishes, the open connection ends first; then none can be made
    line.cut()
    for path in ("/accounts/login/", "/accounts/login/", "/api/v1/patients/"):
        attempts.clear()
        response, seconds = ask(path)
        assert (response.status_code, response["Retry-After"]) == (503, "5")
        assert seconds < SOON_S
    assert len(attempts) == 1  # not one for each part of a request
    assert ask("/readyz")[0].status_code == 503
    assert ask("/healthz")[0].status_code == 200

    # When it is back, the next request succeeds
    line.restore()
    assert ask("/accounts/login/")[0].status_code == 200
