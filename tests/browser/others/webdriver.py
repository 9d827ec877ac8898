"""WebKit (its GTK port's MiniBrowser), driven over WebDriver: https://www.w3.org/TR/webdriver2/."""

import base64
import contextlib
import json
import os
import shutil
from pathlib import Path

import httpx

from demo import processes

BROWSERS = Path("/usr/lib/x86_64-linux-gnu")
SCREEN = ":97"
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
KEYS = {"Enter": "\ue007", "Escape": "\ue00c"}
FLAGS = ["--automation", "--enable-media-stream=true", "--enable-mock-capture-devices=true"]
# WebDriver tells nothing of the console, so the page itself keeps what goes wrong from the moment it was opened.
KEEP = """
window.complaints = [];
addEventListener("error", (event) => window.complaints.push(String(event.message)), true);
addEventListener("unhandledrejection", (event) => window.complaints.push(String(event.reason)));
addEventListener("securitypolicyviolation", (event) => window.complaints.push(`${event.effectiveDirective} ${event.blockedURI}`));
"""


class WebKit:
    """One window. `complaints` are errors of scripts and refused policies, as far as the page itself could see them."""

    name = "WebKit"

    def __init__(self, http):
        self.http, self.scripts = http, KEEP
        options = {"binary": str(_binary()), "args": FLAGS}
        capabilities = {"alwaysMatch": {"webkitgtk:browserOptions": options}}
        told = self._post("session", capabilities=capabilities)
        self.version, self.path = told["capabilities"]["browserVersion"], f"session/{told['sessionId']}"
        self._post(f"{self.path}/timeouts", script=60_000)

    def _post(self, path, **given):
        answer = self.http.post(path, json=given).json()["value"]
        if isinstance(answer, dict) and "error" in answer:
            raise RuntimeError(f"{path}: {answer['error']}: {answer['message']}")
        return answer

    @property
    def complaints(self):
        return self.run("window.complaints ?? []")

    def prepare(self, script):
        """Run on every page that is opened, as soon as it can be: WebDriver has no way to be first."""
        self.scripts += script

    def resize(self, width, height):
        self._post(f"{self.path}/window/rect", width=width, height=height)

    def open(self, url):
        self._post(f"{self.path}/url", url=url)
        self._post(f"{self.path}/execute/sync", script=self.scripts, args=[])

    def run(self, expression):
        """What the expression, which may be a promise, gives as JSON."""
        script = (
            "const done = arguments[arguments.length - 1];"
            f"(async () => JSON.stringify(await ({expression})) ?? 'null')().then(done, (e) => done('!' + e));"
        )
        told = self._post(f"{self.path}/execute/async", script=script, args=[])
        if told.startswith("!"):
            raise RuntimeError(told[1:])
        return json.loads(told)

    def _find(self, selector):
        return self._post(f"{self.path}/element", using="css selector", value=selector)[ELEMENT]

    def click(self, selector):
        self._post(f"{self.path}/element/{self._find(selector)}/click")

    def type(self, selector, text, key="Enter"):
        self._post(f"{self.path}/element/{self._find(selector)}/value", text=text + KEYS[key])

    def press(self, key):
        taps = [{"type": kind, "value": KEYS.get(key, key)} for kind in ("keyDown", "keyUp")]
        self._post(f"{self.path}/actions", actions=[{"type": "key", "id": "keyboard", "actions": taps}])

    def picture(self, file):
        told = self.http.get(f"{self.path}/screenshot").json()["value"]
        Path(file).write_bytes(base64.b64decode(told))


@contextlib.contextmanager
def webkit(dark=False):
    """A MiniBrowser on a screen of its own, with a pretend microphone."""
    for program, package in {"WebKitWebDriver": "webkit2gtk-driver", "Xvfb": "xvfb"}.items():
        if not shutil.which(program):
            raise SystemExit(
                f"{program} is missing. Install it (on Debian: apt-get install {package}), then try again."
            )
    port = processes.free_port()
    surroundings = {**os.environ, "DISPLAY": SCREEN, "GTK_THEME": "Adwaita:dark" if dark else "Adwaita"}
    surroundings |= {
        "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1",
        "GIO_USE_VFS": "local",
    }  # root may not nest sandboxes
    screen = processes.start(["Xvfb", SCREEN, "-screen", "0", "1400x1000x24", "-nolisten", "tcp"])
    driver = processes.start(["WebKitWebDriver", f"--port={port}"], environment=surroundings)
    try:
        processes.wait_for_port(port, driver)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=90, trust_env=False) as http:
            browser = WebKit(http)
            yield browser
            http.delete(browser.path)
    finally:
        processes.stop(driver)
        processes.stop(screen)


def _binary():
    return next(BROWSERS.glob("webkit2gtk-4.*/MiniBrowser"))
