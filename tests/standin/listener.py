"""A tiny web server for tests: it writes down what reaches it and answers what it was told to."""

import json
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Received:
    """One request as it came."""

    method: str
    path: str
    headers: dict
    body: bytes

    @property
    def json(self):
        """The body read as JSON."""
        return json.loads(self.body)


class Listener:
    """Listens on a free port of this machine. Set `answer`, `status` and `delay`; read `received`."""

    def __init__(self):
        self.received: list[Received] = []
        self.answer = {"result": {"content": "The lamp burns for forty hours.", "citations": []}, "success": True}
        self.statuses: list[int] = []
        self.delay = 0.0
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def wait(self, count: int = 1, path: str = "/", seconds: float = 20) -> list[Received]:
        """The requests whose path begins so, as soon as there are so many. Fails when they do not come."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            found = [request for request in list(self.received) if request.path.startswith(path)]
            if len(found) >= count:
                return found
            time.sleep(0.02)
        raise AssertionError(f"{count} requests to {path} were awaited, these came: {self.received}")

    def close(self) -> None:
        """Stop listening."""
        self.server.shutdown()
        self.server.server_close()


def _handler(listener: Listener):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = self._read_chunks() if "chunked" in self.headers.get("Transfer-Encoding", "") else self._read_body()
            listener.received.append(Received(self.command, self.path, dict(self.headers), body))
            time.sleep(listener.delay)
            status = listener.statuses.pop(0) if listener.statuses else 200
            answer = listener.answer if isinstance(listener.answer, bytes) else json.dumps(listener.answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_PUT = do_POST

        def log_message(self, *_arguments):
            """Tests print enough."""

        def _read_body(self):
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))

        def _read_chunks(self):
            body = b""
            while size := int(self.rfile.readline().strip() or b"0", 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return body

    return Handler
