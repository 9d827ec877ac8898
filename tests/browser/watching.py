"""A page that is watched: whatever its console, its policy or its network complain about fails the test at its end."""

from urllib.parse import urlsplit

VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy: ${event.effectiveDirective} blocked ${event.blockedURI} (${event.sourceFile})`));
"""


class Watch:
    """Keeps what a page complained of. What a test provokes on purpose it names with `expect`."""

    def __init__(self, page):
        self.complaints, self.hosts, self.expected = [], set(), []
        page.add_init_script(VIOLATIONS)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        page.on("request", lambda request: self._note(request.url))
        page.on("websocket", lambda socket: self._note(socket.url))

    def expect(self, *words):
        """Complaints with these words are part of the test."""
        self.expected += words

    def _console(self, message):
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.type}: {message.text}")

    def _note(self, url):
        self.hosts.add(urlsplit(url).hostname)

    @property
    def unexpected(self):
        return [one for one in self.complaints if not any(words in one for words in self.expected)]

    @property
    def strangers(self):
        """Hosts that are not this machine."""
        return self.hosts - {"localhost", "127.0.0.1", None, ""}
