"""A small web on loopback: real servers, reached under public numbers. What the fetcher checks stays as it is; only the
last step, the socket, leads here instead of outside."""

import contextlib
import gzip
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from knowledge import network

PUBLIC = "93.184.216.34"
OTHER = "2606:2800:220:1:248:1893:25c8:1946"


class Web(network.Internet):
    """Names and numbers of the test's own: ``names`` are {host: numbers}, or a list of such answers, one a look-up."""

    def __init__(self, port, names=None):
        self.port = port
        self.names = names or {}
        self.looked_up = []
        self.connected = []

    def resolve(self, host, port):
        self.looked_up.append(host)
        found = self.names.get(host, [PUBLIC] if host.endswith("example.org") else None)
        if found is None:
            raise OSError("no such name")
        return found.pop(0) if found and isinstance(found[0], list) else found

    def connect(self, number, port, seconds):
        self.connected.append((number, port))
        return socket.create_connection(("127.0.0.1", self.port), timeout=seconds)


class Pages(BaseHTTPRequestHandler):
    """Answers with what the server's ``pages`` has for a path: a function of the handler, or (headers, bytes)."""

    def do_GET(self):
        self.server.asked.append(self)
        page = self.server.pages.get(self.path, ({":status": "404"}, b""))
        if callable(page):
            page(self)
            return
        headers, body = page
        self.send_response(int(headers.get(":status", "200")))
        for name, value in headers.items():
            if not name.startswith(":"):
                self.send_header(name, value)
        if "Content-Length" not in headers:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(body)

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def serve(pages, tls=None):
    """A server of these pages; ``asked`` are the requests it had."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    server.daemon_threads, server.pages, server.asked = True, pages, []
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def text(body, kind="text/html; charset=utf-8", **headers):
    """A page of this text."""
    given = {name.replace("_", "-").title(): value for name, value in headers.items()}
    return {"Content-Type": kind, **given}, body.encode()


def passing_on(to, status=302):
    return {":status": str(status), "Location": to}, b""


def dripping(handler):
    """A body that never ends, a byte at a time."""
    handler.send_response(200)
    handler.send_header("Content-Type", "text/plain")
    handler.end_headers()
    with contextlib.suppress(OSError):
        while True:
            handler.wfile.write(b"x")
            time.sleep(0.05)


def dripping_head(handler):
    """A head that never ends."""
    with contextlib.suppress(OSError):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            handler.wfile.write(b"x")
            time.sleep(0.05)


def bomb(megabytes):
    """Nothing but zeros, packed."""
    packed = gzip.compress(b"0" * (megabytes * 1024 * 1024))
    return {"Content-Type": "text/plain", "Content-Encoding": "gzip"}, packed
