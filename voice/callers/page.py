"""A chat page without a browser: its cookies, its CSRF token, its doors, and the thread as the server draws it."""

import functools
import json
import secrets
import time
from dataclasses import dataclass
from html.parser import HTMLParser

import httpx


class Unreachable(Exception):
    """Nobody answers there."""


class Refused(Exception):
    """The site said no. ``str()`` is its sentence for the visitor, ``code`` the one for the page's script."""

    def __init__(self, status, code, message):
        super().__init__(message)
        self.status, self.code = status, code


@dataclass(frozen=True, slots=True)
class Row:
    """One turn of the thread as the page shows it; ``citations`` are (document, quote) pairs."""

    key: str
    speaker: str  # visitor or persona
    channel: str  # typed or spoken
    text: str
    interrupted: bool
    citations: tuple


class Page:
    """One visitor's chat page: `async with Page("http://127.0.0.1:8000", "harbour-guide") as page`."""

    def __init__(self, site, slug, seconds=20):
        self.address = f"{site.rstrip('/')}/chat/{slug}/"
        apart = {"X-Rehearsal": "yes"}  # counted as no visitor
        self.http = httpx.AsyncClient(timeout=seconds, trust_env=False, verify=certificates(), headers=apart)
        self.drawn = None
        self.waited = []  # (door, milliseconds, status or the fault's name) of every request, in order

    async def __aenter__(self):
        try:
            await self.open()
        except BaseException:
            await self.http.aclose()
            raise
        return self

    async def __aexit__(self, *_raised):
        await self.http.aclose()

    async def open(self):
        """Fetch the page, as on a reload. Raises Unreachable, Refused."""
        self.drawn = _Drawn()
        response = await self._ask("page", "GET", self.address, {"Accept": "text/html"})
        self.drawn.feed(response.text)

    @property
    def offers_voice(self):
        return self.drawn.offers_voice

    @property
    def thread(self):
        """The turns as they were when the page was fetched."""
        return self.drawn.rows

    async def say(self, text):
        """Type a question. Gives the persona's turn as JSON."""
        letter = {"text": text, "key": secrets.token_hex(16)}
        response = await self._post("say", f"{self.address}say/", letter, accept="application/x-ndjson")
        return json.loads(response.text.splitlines()[-1])["turn"]

    async def start_call(self):
        """Ask for an address that opens one call: signed_url, session, context, language, max_seconds."""
        return (await self._post("start", self._door("start"), {})).json()

    async def hear(self, session, events):
        """Tell what was heard. Gives the server's account: turns, citations, looking_in."""
        return (await self._post("heard", self._door("heard"), {"session": session, "events": events})).json()

    async def end_call(self, session, reason="user"):
        await self._post("end", self._door("end"), {"session": session, "reason": reason})

    def _door(self, name):
        """The addresses stand in the page: the script builds none, and neither do we."""
        return str(httpx.URL(self.address).join(self.drawn.doors[name]))

    async def _post(self, door, address, letter, accept="application/json"):
        headers = {"Content-Type": "application/json", "Accept": accept, "X-CSRFToken": self.drawn.token}
        return await self._ask(door, "POST", address, headers, json.dumps(letter))

    async def _ask(self, door, method, address, headers, content=None):
        began, status = time.perf_counter(), 0
        try:
            response = await self.http.request(method, address, headers=headers, content=content)
            status = response.status_code
        except httpx.HTTPError as fault:
            status = type(fault).__name__
            raise Unreachable(f"{address} does not answer ({status}).") from fault
        finally:
            self.waited.append((door, (time.perf_counter() - began) * 1000, status))
        if not response.is_success:
            raise _refusal(response)
        return response


@functools.cache
def certificates():
    """Read once: hundreds of visitors would read them one after the other, and wait for each other."""
    return httpx.create_ssl_context(trust_env=False)


def _refusal(response):
    try:
        error = response.json()["error"]
        return Refused(response.status_code, error["code"], error["message"])
    except (ValueError, LookupError, TypeError):
        return Refused(response.status_code, "", f"{response.url} answers with status {response.status_code}.")


class _Drawn(HTMLParser):
    """What a page's HTML says: the token, the doors, whether it offers to talk, and the thread."""

    def __init__(self):
        super().__init__()
        self.token, self.doors, self.offers_voice, self.rows = "", {}, False, []
        self._row, self._citations, self._into, self._depth = None, [], None, 0

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        classes = (given.get("class") or "").split()
        if tag == "template":
            self._depth += 1  # what lies in a template is not on the page
        elif given.get("name") == "csrfmiddlewaretoken":
            self.token = given["value"]
        elif given.get("id") == "chat":
            self.doors = {name: given[f"data-{name}"] for name in ("start", "heard", "end")}
        elif given.get("id") == "talk":
            self.offers_voice = True
        elif "turn" in classes and not self._depth:
            self._begin(given)
        elif self._row and not self._depth:
            self._into = next((kind for kind in _TEXTS if kind in classes), None)
            if self._into == "citation-title":
                self._citations.append({"citation-title": "", "citation-quote": ""})

    def handle_endtag(self, tag):
        self._depth -= tag == "template"
        self._into = None

    def handle_data(self, data):
        if self._row and self._into == "turn-text":
            self._row["text"] += data
        elif self._row and self._into:
            self._citations[-1][self._into] += data

    @property
    def _whole(self):
        cited = tuple((one["citation-title"].strip(), one["citation-quote"].strip()) for one in self._citations)
        return Row(**self._row | {"text": self._row["text"].strip(), "citations": cited})

    def _begin(self, given):
        self.close_row()
        speaker, channel = given["data-speaker"], given["data-channel"]
        interrupted = "data-interrupted" in given
        self._row = {"key": given["data-key"], "speaker": speaker, "channel": channel, "text": ""}
        self._row |= {"interrupted": interrupted, "citations": ()}

    def close_row(self):
        """Keep the row that was being read."""
        if self._row:
            self.rows.append(self._whole)
        self._row, self._citations = None, []

    def feed(self, data):
        super().feed(data)
        self.close()
        self.close_row()


_TEXTS = ("turn-text", "citation-title", "citation-quote")
