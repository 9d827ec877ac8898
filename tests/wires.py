"""A wire to a server that can be long, dead, cut, or talk nonsense: what toxiproxy does, as far as we need it."""

import asyncio
import contextlib
import threading


class Wire:
    """Listens on ``port`` and passes on to the server's port. Set its attributes at any time.

    ``delay`` seconds pass before an answer arrives; while ``dead`` whatever is sent vanishes; while ``says`` is set, that
    is the answer to everything and the server hears nothing.
    """

    def __init__(self, target):
        self.target, self.port = target, 0
        self.delay, self.dead, self.says = 0.0, False, None
        self._loop = asyncio.new_event_loop()
        self._open = set()

    def cut(self):
        """Close every connection there is; new ones are taken."""
        self._loop.call_soon_threadsafe(self._cut)

    def mend(self):
        """A good wire again. What was swallowed meanwhile stays lost, and with it the connections it belonged to."""
        hurt = self.dead or self.says is not None
        self.delay, self.dead, self.says = 0.0, False, None
        if hurt:
            self.cut()

    def _cut(self):
        for writer in list(self._open):
            writer.transport.abort()

    async def _accept(self, reader, writer):
        try:
            inner, outer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        self._open |= {writer, outer}
        try:
            there, back = self._pass_on(reader, outer, writer), self._bring_back(inner, writer)
            await asyncio.wait(
                [asyncio.ensure_future(there), asyncio.ensure_future(back)], return_when="FIRST_COMPLETED"
            )
        finally:
            self._open -= {writer, outer}
            for one in (writer, outer):
                one.transport.abort()

    async def _pass_on(self, reader, outer, writer):
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                if self.says is not None:
                    writer.write(self.says)
                elif not self.dead:
                    outer.write(data)

    async def _bring_back(self, inner, writer):
        with contextlib.suppress(OSError):
            while data := await inner.read(65536):
                if self.delay:  # timers of one length go off in their order
                    self._loop.call_later(self.delay, self._write, writer, data)
                elif not self.dead:
                    writer.write(data)

    def _write(self, writer, data):
        if not (self.dead or writer.is_closing()):
            writer.write(data)


@contextlib.contextmanager
def wire(target):
    """A Wire before the server on port ``target``, on a thread of its own."""
    made = Wire(target)
    ready = threading.Event()

    def run():
        asyncio.set_event_loop(made._loop)
        server = made._loop.run_until_complete(asyncio.start_server(made._accept, "127.0.0.1", 0))
        made.port = server.sockets[0].getsockname()[1]
        ready.set()
        made._loop.run_forever()
        server.close()
        made._cut()
        made._loop.run_until_complete(asyncio.sleep(0.05))  # so that what was cut is seen to be

    thread = threading.Thread(target=run, name="wire", daemon=True)
    thread.start()
    ready.wait()
    try:
        yield made
    finally:
        made._loop.call_soon_threadsafe(made._loop.stop)
        thread.join(5)
