"""A real embeddings endpoint on loopback that speaks OpenAI's protocol, and can be told to fail."""

import hashlib
import json
import re
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np


def hashed(text, width):
    """A vector of a text's words that is the same on every host: texts that share words are near each other."""
    vector = np.zeros(width)
    for word in re.findall(r"\w+", text.lower()):
        seed = int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "big")
        vector += np.random.default_rng(seed).standard_normal(width)
    return vector if vector.any() else np.ones(width)


class Handler(BaseHTTPRequestHandler):
    """Answers with hashed vectors of any length but one, unless its server was told otherwise."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        server = self.server
        server.asked.append({**asked, "path": self.path, "authorization": self.headers.get("Authorization")})
        time.sleep(server.seconds)
        if server.drops:
            self.connection.close()
            self.close_connection = True
            return
        failing, server.failures = server.failures > 0, server.failures - 1
        if failing:
            self.answer(server.status, {"error": {"message": f"No: {asked['input']}"}}, server.headers)
        else:
            self.answer(200, {"object": "list", "model": asked["model"], "data": self.embed(asked)})

    def embed(self, asked):
        width = asked.get("dimensions") or self.server.width
        made = [self.server.embed(text, width) for text in asked["input"]]
        rows = [{"object": "embedding", "index": place, "embedding": list(one)} for place, one in enumerate(made)]
        return self.server.change(rows)

    def answer(self, status, content, headers=()):
        body = json.dumps(content).encode()
        try:
            self.send_response(status)
            for name, value in {
                "Content-Type": "application/json",
                "Content-Length": len(body),
                **dict(headers),
            }.items():
                self.send_header(name, str(value))
            self.end_headers()
            while self.server.trickles:
                self.wfile.write(b" ")
                time.sleep(0.05)
            self.wfile.write(body)
        except OSError:
            """Whoever asked has gone."""

    def log_message(self, *_):
        """Quietly."""


@contextmanager
def running():
    """The server; its attributes say how it behaves."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.asked, server.width, server.seconds, server.drops, server.trickles = [], 48, 0.0, False, False
    server.status, server.failures, server.headers = 500, 0, {}
    server.embed, server.change = hashed, lambda rows: rows
    server.address = f"http://127.0.0.1:{server.server_port}/v1"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield server
    finally:
        server.trickles = False
        server.shutdown()
        server.server_close()
