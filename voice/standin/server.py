"""Serving: one process, one event loop, connections that a fault can reach."""

import logging
import socket
import threading
import time

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from voice.standin import logs
from voice.standin.app import build
from voice.standin.faults import TRANSPORTS
from voice.standin.options import Options

logger = logging.getLogger("standin")

LARGEST_FRAME = 16 * 1024 * 1024


class Protocol(H11Protocol):
    """uvicorn's HTTP, with every connection noted by the address of its other side."""

    def connection_made(self, transport):
        super().connection_made(transport)
        TRANSPORTS[tuple(transport.get_extra_info("peername")[:2])] = transport


def make_server(options: Options) -> uvicorn.Server:
    """A server that is not running yet."""
    config = uvicorn.Config(
        build(options),
        host=options.host,
        port=options.port,
        http=Protocol,
        ws="websockets-sansio",
        ws_max_size=LARGEST_FRAME,
        ws_ping_interval=None,
        loop="asyncio",
        lifespan="on",
        proxy_headers=False,
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=2,
    )
    return uvicorn.Server(config)


def serve(options: Options, say=print) -> None:
    """Serve until Ctrl-C. Says where, with what voice, and what it listens for. Raises SystemExit for a taken port."""
    logs.start(options.log_format, logging.WARNING if options.quiet else logging.INFO)
    listening = _listen(options)
    host, port = listening.getsockname()[:2]
    server = make_server(options)
    if not options.quiet:
        say(f"The ElevenLabs stand-in listens on http://{host}:{port} (what it imitates: http://{host}:{port}/docs).")
        for note in server.config.app.state.standin.notes:
            say(note)
    try:
        server.run(sockets=[listening])
    except KeyboardInterrupt:
        return


class Running:
    """A stand-in in a thread of this process, for tests: `with Running(Options(port=0)) as standin: standin.url`."""

    def __init__(self, options: Options):
        self.listening = _listen(options)
        self.url = "http://{}:{}".format(*self.listening.getsockname()[:2])
        self.server = make_server(options)
        self.standin = self.server.config.app.state.standin
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [self.listening]}, daemon=True)

    def __enter__(self):
        self.thread.start()
        give_up = time.monotonic() + 30
        while not self.server.started:
            if time.monotonic() > give_up or not self.thread.is_alive():
                raise RuntimeError("the stand-in did not start")
            time.sleep(0.01)
        return self

    def __exit__(self, *_raised):
        self.server.should_exit = True
        self.thread.join(timeout=10)
        self.listening.close()


def _listen(options: Options) -> socket.socket:
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((options.host, options.port))
    except OSError as problem:
        listening.close()
        where = f"{options.host}:{options.port}"
        raise SystemExit(
            f"The stand-in cannot listen on {where} ({problem.strerror}). Stop what does, or give another --port."
        ) from None
    listening.listen(128)
    return listening
