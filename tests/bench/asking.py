"""A server, a client that requests pages, and how long each response took."""

import http.client
import socket
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from http.cookies import SimpleCookie
from urllib.parse import urlencode

HOST = "collum.example"
STARTS_WITHIN_S = 60
FIRST_ASKED = 20  # not counted: templates are compiled, connections opened


class Gunicorn:
    """Started as an installation would, until the `with` block ends."""

    def __init__(self, application, *, cwd, env):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._start = {
            "args": [
                sys.executable, "-m", "gunicorn", application, "--bind", f"127.0.0.1:{self.port}",
                "--workers", "2", "--threads", "4", "--no-control-socket", "--log-level", "error",
            ],
            "cwd": cwd,
            "env": env,
        }  # fmt: skip

    def __enter__(self):
        self._process = subprocess.Popen(**self._start)
        for _ in range(STARTS_WITHIN_S * 10):
            try:
                if Browser(self.port).get("/healthz").status == 200:
                    return self
            except ConnectionError:
                time.sleep(0.1)
            if self._process.poll() is not None:
                break
        raise RuntimeError("gunicorn did not answer")

    def __exit__(self, *error):
        self._process.terminate()
        self._process.wait()


class Browser:
    """Asks one page after the other over one connection, as if a proxy ended TLS before it."""

    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port)
        self.cookies = {}

    def get(self, path, **headers):
        return self._ask("GET", path, **headers)

    def open(self, path, **headers):
        """A page, or (page, what is searched for on it)."""
        return self.get(path, **headers) if isinstance(path, str) else self._send(*path, **headers)

    def _send(self, path, fields, **headers):
        token = next(value for name, value in self.cookies.items() if name.endswith("csrftoken"))
        body = urlencode({**fields, "csrfmiddlewaretoken": token})
        return self._ask("POST", path, body, **{"Content-Type": "application/x-www-form-urlencoded"}, **headers)

    def _ask(self, method, path, body=None, **headers):
        headers |= {"Host": HOST, "X-Forwarded-Proto": "https", "Origin": f"https://{HOST}"}
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        try:
            response = self._response(method, path, body, headers)
        except ConnectionError:  # gunicorn closes a connection that is idle
            self.connection.close()
            response = self._response(method, path, body, headers)
        response.body = response.read()
        for line in response.headers.get_all("Set-Cookie") or ():
            self.cookies |= {name: cookie.value for name, cookie in SimpleCookie(line).items()}
        return response

    def _response(self, *request):
        self.connection.request(*request)
        return self.connection.getresponse()

    def logged_in(self, username, password):
        form = self.get("/accounts/login/")
        if form.status != 200:
            raise RuntimeError(f"The login page answered with {form.status}.")
        response = self._send("/accounts/login/", {"login": username, "password": password})
        if response.status != 302:
            raise RuntimeError(f"{username} was not let in: {response.status}")
        return self


@dataclass(frozen=True)
class Times:
    """Milliseconds."""

    median: float
    percentile_95: float

    @classmethod
    def of(cls, seconds):
        return cls(statistics.median(seconds) * 1000, statistics.quantiles(seconds, n=20)[-1] * 1000)

    def cells(self):
        return f"{self.median:.1f}", f"{self.percentile_95:.1f}"


def timed(questions, *, rounds):
    """How long each (browser, path) took, asked in turn so that all meet the same machine."""
    taken = [[] for _ in questions]
    for number in range(FIRST_ASKED + rounds):
        for times, (browser, path) in zip(taken, questions, strict=True):
            began = time.perf_counter()
            response = browser.open(path)
            seconds = time.perf_counter() - began
            if response.status != 200:
                raise RuntimeError(f"{path}: {response.status}")
            if number >= FIRST_ASKED:
                times.append(seconds)
    return [Times.of(times) for times in taken]
