"""A reverse proxy, as a web server in front of Collum: it ends TLS, passes on the path, and has other sites besides."""

import threading
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

OF_ONE_CONNECTION = {"connection", "keep-alive", "transfer-encoding"}


class Proxy:
    """Serves `path` from a server at the port `behind`, and answers 404 to everything else."""

    def __init__(self, *, behind, path):
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"to": behind, "at": path}))
        self.url = f"http://127.0.0.1:{self._server.server_port}{path}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    to, at = None, None

    def pass_on(self):
        if not self.path.startswith(f"{self.at}/"):
            self.send_error(404)
            return
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        server = HTTPConnection("127.0.0.1", self.to, timeout=60)
        headers = {**dict(self.headers), "X-Forwarded-For": self.client_address[0], "X-Forwarded-Proto": "http"}
        server.request(self.command, self.path, body, headers)
        response = server.getresponse()
        content = response.read()
        self.send_response(response.status)
        for name, value in response.getheaders():
            if name.lower() not in {*OF_ONE_CONNECTION, "content-length"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        server.close()

    do_GET = do_POST = do_HEAD = pass_on  # noqa: N815

    def log_message(self, *_):
        """Nothing: the tests read the answers."""
