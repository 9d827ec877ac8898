"""A page with nothing on it but the official browser client, and whoever sits in front of it."""

import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.browser import sound
from tests.browser.watching import Watch
from tests.conftest import ROOT

HERE = Path(__file__).parent
CLIENT = ROOT / "node_modules" / "@elevenlabs" / "client"
FILES = {
    "/": HERE / "page.html",
    "/page.js": HERE / "page.js",
    "/client.js": CLIENT / "dist" / "lib.iife.js",  # as npm delivers it, LiveKit and all
    "/worklets/rawAudioProcessor.js": CLIENT / "worklets" / "rawAudioProcessor.js",
    "/worklets/audioConcatProcessor.js": CLIENT / "worklets" / "audioConcatProcessor.js",
}
TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8"}
PATIENCE = 30


@contextmanager
def serving(standin_url):
    """The page on a free port of this machine: its address. Its policy lets it reach the stand-in and nothing else."""
    ways_out = f"{standin_url} {standin_url.replace('http', 'ws')}"
    policy = f"default-src 'none'; script-src 'self'; connect-src {ways_out}; media-src 'self' blob:"
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(policy))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


def _handler(policy):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            file = FILES.get(self.path)
            self.send_response(200 if file else 404)
            self.send_header("Content-Security-Policy", policy)
            self.send_header("Permissions-Policy", "microphone=(self)")
            self.send_header("Content-Type", TYPES[file.suffix] if file else "text/plain")
            self.end_headers()
            self.wfile.write(file.read_bytes() if file else b"")

        def log_message(self, *_arguments):
            """Tests print enough."""

    return Handler


class Visitor:
    """Somebody in front of the page. `start` and `do` reach the client; `notes` are what it called back."""

    def __init__(self, page):
        self.page, self.watch = page, Watch(page)
        self.id = None

    def start(self, **options) -> dict:
        """`Conversation.startSession`; gives {"id", "type"} or how it was refused."""
        answer = self.page.evaluate("options => bench.start(options)", options)
        self.id = answer.get("id")
        return answer

    def begin_anew(self) -> None:
        """End what was going on, and forget what was noted."""
        self.page.evaluate("bench.forget()")
        self.watch.complaints.clear()

    def do(self, verb: str, *given):
        """A method of the conversation, with what it returned (or threw, as a dict with `refused`)."""
        return self.page.evaluate("([verb, ...given]) => bench.do(verb, ...given)", [verb, *given])

    def say(self, wav: str) -> None:
        """Say a WAV (in base64) into the scripted microphone."""
        self.page.evaluate("file => window.speak(file)", wav)

    def all_notes(self) -> list[dict]:
        """Every callback so far, in order: name, payload, at (milliseconds)."""
        return self.page.evaluate("bench.notes")

    def notes(self, name: str) -> list:
        """The payloads of one callback, in order."""
        return [note["payload"] for note in self.all_notes() if note["name"] == name]

    def wait(self, name: str, fits=lambda payload: True, seconds=PATIENCE):
        """The first payload of this callback that fits. Fails when none comes."""
        until = time.monotonic() + seconds
        while True:
            notes = self.notes(name)
            for payload in notes:
                if fits(payload):
                    return payload
            assert time.monotonic() < until, f"no such {name}: {notes[-10:]}"
            self.page.wait_for_timeout(50)

    def wait_for_words(self, words: str, role: str = "agent"):
        """The message of this role with these words in it."""
        return self.wait("onMessage", lambda message: message["role"] == role and words in message["message"])

    def wait_until(self, expression: str) -> None:
        """Wait for something to be true in the page."""
        self.page.wait_for_function(f"() => {expression}", timeout=PATIENCE * 1000)

    def listen(self) -> None:
        """Begin to measure what is really played: `window.ear`."""
        self.page.evaluate(sound.EAR)


@contextmanager
def sitting(browser, address, *, microphone="device", granted=True):
    """A visitor with the browser's own pretend `device`, a `scripted` microphone, or one that was not granted."""
    context = browser.new_context(permissions=["microphone"] if granted else None)
    try:
        page = context.new_page()
        if microphone == "scripted":
            page.add_init_script(sound.MICROPHONE)
        visitor = Visitor(page)
        page.goto(address)
        yield visitor
        assert visitor.watch.strangers == set()
    finally:
        context.close()
