"""A collector of traces on loopback: reads OTLP over HTTP as its protobuf says, and keeps every byte that came."""

import gzip
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass(frozen=True)
class Span:
    """One that came: ids in hex, attributes by name."""

    name: str
    trace: str
    id: str
    parent: str
    about: dict
    failed: bool
    service: str
    events: int


class Collected:
    """What came so far."""

    def __init__(self, url):
        self.url, self.spans, self.raw, self.paths = url, [], b"", set()

    def take(self, path, body):
        self.raw += body
        self.paths.add(path)
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            (service,) = (one.value.string_value for one in resource.resource.attributes if one.key == "service.name")
            self.spans += [_read(span, service) for scope in resource.scope_spans for span in scope.spans]

    def named(self, name):
        """The one span of that name."""
        (found,) = (span for span in self.spans if span.name == name)
        return found


def _read(span, service):
    about = {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in span.attributes}
    ids = (span.trace_id.hex(), span.span_id.hex(), span.parent_span_id.hex())
    return Span(span.name, *ids, about, span.status.code == 2, service, len(span.events))


@contextmanager
def listening(kind=Collected):
    """A Collected, or another kind of taker, on a free port, until the end of the ``with``."""

    class Door(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            collected.take(self.path, body)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    collected = kind(f"http://127.0.0.1:{server.server_port}")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield collected
    finally:
        server.shutdown()
        server.server_close()
