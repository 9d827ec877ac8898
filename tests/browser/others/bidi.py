"""Firefox, driven over WebDriver BiDi by its own remote port: https://w3c.github.io/webdriver-bidi/."""

import base64
import contextlib
import itertools
import json
import os
import re
import shutil
import tempfile
import time
from pathlib import Path

from websockets.sync.client import connect

from demo import processes

PREFERENCES = {
    "media.navigator.streams.fake": True,
    "media.navigator.permission.disabled": True,
    "media.autoplay.default": 1,  # as a visitor has it: no sound before a press
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "app.normandy.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
}
KEYS = {"Enter": "\ue007", "Escape": "\ue00c"}
ENDPOINT = re.compile(r"WebDriver BiDi listening on (ws://\S+)")


class Firefox:
    """One window. `complaints` are errors and warnings of its console, refused policies among them."""

    name = "Firefox"

    def __init__(self, socket):
        self.socket, self.numbers, self.complaints = socket, itertools.count(1), []
        self.version = self.ask("session.new", capabilities={})["capabilities"]["browserVersion"]
        self.ask("session.subscribe", events=["log.entryAdded"])
        self.tab = self.ask("browsingContext.getTree")["contexts"][0]["context"]

    def ask(self, method, **given):
        number = next(self.numbers)
        self.socket.send(json.dumps({"id": number, "method": method, "params": given}))
        while True:
            told = json.loads(self.socket.recv(timeout=60))
            if told.get("method") == "log.entryAdded" and told["params"]["level"] in ("error", "warn"):
                self.complaints.append(told["params"]["text"])
            if told.get("id") == number:
                if told["type"] == "error":
                    raise RuntimeError(f"{method}: {told['message']}")
                return told["result"]

    def prepare(self, script):
        """Run before every page's own scripts."""
        self.ask("script.addPreloadScript", functionDeclaration=f"() => {{ {script} }}")

    def resize(self, width, height):
        self.ask("browsingContext.setViewport", context=self.tab, viewport={"width": width, "height": height})

    def open(self, url):
        self.ask("browsingContext.navigate", context=self.tab, url=url, wait="complete")

    def run(self, expression):
        """What the expression, which may be a promise, gives as JSON."""
        wrapped = f"(async () => JSON.stringify(await ({expression})) ?? 'null')()"
        told = self.ask("script.evaluate", expression=wrapped, target={"context": self.tab}, awaitPromise=True)
        if told["type"] == "exception":
            raise RuntimeError(told["exceptionDetails"]["text"])
        return json.loads(told["result"]["value"])

    def click(self, selector):
        found = self.ask("browsingContext.locateNodes", context=self.tab, locator={"type": "css", "value": selector})
        element = {"type": "element", "element": {"sharedId": found["nodes"][0]["sharedId"]}}
        presses = [{"type": "pointerMove", "x": 0, "y": 0, "origin": element}]
        presses += [{"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}]
        self._perform({"type": "pointer", "id": "mouse", "actions": presses})

    def type(self, selector, text, key="Enter"):
        self.run(f"document.querySelector({json.dumps(selector)}).focus()")
        self.press(*text, key)

    def press(self, *keys):
        taps = [{"type": kind, "value": KEYS.get(key, key)} for key in keys for kind in ("keyDown", "keyUp")]
        self._perform({"type": "key", "id": "keyboard", "actions": taps})

    def _perform(self, actions):
        self.ask("input.performActions", context=self.tab, actions=[actions])

    def picture(self, file):
        Path(file).write_bytes(
            base64.b64decode(self.ask("browsingContext.captureScreenshot", context=self.tab)["data"])
        )


@contextlib.contextmanager
def firefox(dark=False):
    """A Firefox with a fresh profile and a pretend microphone."""
    program = shutil.which("firefox-esr") or shutil.which("firefox")
    for found, package in {program: "firefox-esr", shutil.which("pulseaudio"): "pulseaudio"}.items():
        if not found:
            raise SystemExit(
                f"{package} is missing. Install it (on Debian: apt-get install {package}), then try again."
            )
    with tempfile.TemporaryDirectory(prefix="advisor-firefox-") as folder:
        chosen = PREFERENCES | {"layout.css.prefers-color-scheme.content-override": 0 if dark else 1}
        lines = (f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in chosen.items())
        Path(folder, "user.js").write_text("".join(lines))
        log = Path(folder, "log")
        command = [program, "--headless", "--no-remote", "--profile", folder, "--remote-debugging-port", "0"]
        hearing, surroundings = _speakers(folder)
        process = processes.start([*command, "about:blank"], log=log, environment=surroundings)
        try:
            with connect(f"{_endpoint(log)}/session", max_size=None, proxy=None) as socket:
                yield Firefox(socket)
        finally:
            processes.stop(process)
            processes.stop(hearing)


def _speakers(folder):
    """A sound server that nobody hears, and the environment to find it by: without one Firefox's sound stands still."""
    surroundings = {**os.environ, "XDG_RUNTIME_DIR": folder}
    modules = ("module-null-sink", f"module-native-protocol-unix socket={folder}/speakers auth-anonymous=1")
    command = ["pulseaudio", "-n", "--exit-idle-time=-1", "--use-pid-file=no", *(f"--load={one}" for one in modules)]
    server = processes.start(command, environment=surroundings)
    return server, {**surroundings, "PULSE_SERVER": f"unix:{folder}/speakers"}


def _endpoint(log, seconds=60):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := ENDPOINT.search(log.read_text(errors="replace")):
            return found[1]
        time.sleep(0.1)
    raise SystemExit(f"Firefox did not say where it listens:\n{log.read_text(errors='replace')[-2000:]}")
