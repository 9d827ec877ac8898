"""A web address to a file: asked once, by the number that was checked, within limits of time and size.

One page that a person named is fetched, no link is followed from it, and at most once a day: that is a reader's visit,
not a crawler's, so robots.txt is not asked. We say who we are, and ask for what has changed only (ETag, Last-Modified).
No cookies are kept, and proxies of the environment are not used.
"""

import http.client
import socket
import ssl
import tempfile
import threading
import time
import zlib
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import unquote, urljoin

from django.conf import settings
from django.utils.translation import gettext, gettext_lazy

from knowledge import network
from knowledge.formats import decoding
from knowledge.formats.blocks import UnreadableDocument
from knowledge.formats.kinds import ENDINGS, TAKEN
from knowledge.network import Forbidden

MOST_REDIRECTS = 5
STEP_SECONDS = 15  # for one answer of the other side, however little it is
CHUNK = 65_536
REDIRECTS = (301, 302, 303, 307, 308)
TYPES = {
    "text/html": ".html", "application/xhtml+xml": ".html", "application/pdf": ".pdf", "application/x-pdf": ".pdf",
    "text/markdown": ".md", "text/x-markdown": ".md", "text/csv": ".csv", "text/tab-separated-values": ".tsv",
    "application/epub+zip": ".epub",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
}  # fmt: skip
UNTOLD = ("", "application/octet-stream", "binary/octet-stream", "application/zip", "application/force-download")
REFUSALS = {
    401: gettext_lazy("The page asks for a login. Only what anybody can open is read."),
    403: gettext_lazy("The site does not let us read this page (403). Save the page in a browser and upload the file."),
    404: gettext_lazy("There is nothing at this address (404). Check it in a browser."),
    410: gettext_lazy("The page was removed from this address (410)."),
    429: gettext_lazy("The site asks us to come less often (429)."),
}
TOO_SLOW = gettext_lazy(
    "The site answers too slowly. Try again later, or save the page in a browser and upload the file."
)
NO_ANSWER = gettext_lazy("The site does not answer. Check the address in a browser, or try again later.")
BAD_CERTIFICATE = gettext_lazy(
    "The site's certificate is not valid, so nothing it says can be relied on. Tell whoever runs it."
)
GARBLED = gettext_lazy(
    "The site's answer is garbled. Try again later, or save the page in a browser and upload the file."
)
TWISTED = gettext_lazy("The address leads in a circle: it was passed on more than five times.")
DOWNGRADED = gettext_lazy(
    "The address passes on from https to http, where anybody on the way could change what is read. Give another one."
)


class NotFetched(UnreadableDocument):
    """The address gave no document. The message says why, for the person who gave it."""


@dataclass(slots=True)
class Fetched:
    """What an address gave: an open file (None when it has not changed) and what to ask with the next time."""

    file: object
    ending: str = ""
    etag: str = ""
    last_modified: str = ""


def check(url):
    """The web address as it is kept. Raises NotFetched for one that will never be read; nothing is asked."""
    try:
        return network.parse(url.strip()).url
    except Forbidden as refusal:
        raise NotFetched(str(refusal)) from refusal


def fetch(url, etag="", last_modified=""):
    """What stands at an address. Every redirect is checked like the first address. Raises NotFetched."""
    deadline = time.monotonic() + settings.DOCUMENT_MAX_SECONDS
    headers = _headers(etag, last_modified)
    try:
        target = network.parse(url)
        for _ in range(MOST_REDIRECTS + 1):
            with _asked(target, headers, deadline) as answer:
                if answer.status not in REDIRECTS:
                    return _take(target, answer, deadline)
                target = _follow(target, answer)
    except Forbidden as refusal:
        raise NotFetched(str(refusal)) from refusal
    except ssl.SSLCertVerificationError as problem:
        raise NotFetched(BAD_CERTIFICATE) from problem
    except TimeoutError as late:
        raise NotFetched(TOO_SLOW) from late
    except (http.client.HTTPException, zlib.error, ValueError) as problem:
        raise NotFetched(TOO_SLOW if time.monotonic() > deadline else GARBLED) from problem
    except OSError as problem:
        raise NotFetched(TOO_SLOW if time.monotonic() > deadline else NO_ANSWER) from problem
    raise NotFetched(TWISTED)


def _headers(etag, last_modified):
    headers = {
        "User-Agent": f"CloneAdvisor/1 (+{settings.PUBLIC_URL})",
        "Accept": "text/html,application/pdf,text/*;q=0.9,*/*;q=0.5",
        "Accept-Encoding": "gzip",
        "Connection": "close",
    }
    known = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    return headers | {name: value for name, value in known.items() if value}


@contextmanager
def _asked(target, headers, deadline):
    """The answer's head; its body can be read inside. At the deadline the line is cut, whatever is being waited for."""
    connection = _Connection(target, deadline)
    with closing(connection):
        connection.connect()
        watch = threading.Timer(max(0.1, deadline - time.monotonic()), connection.cut)
        watch.daemon = True
        watch.start()
        try:
            connection.shake_hands()
            connection.request("GET", target.path, headers={"Host": target.authority, **headers})
            yield connection.getresponse()
        finally:
            watch.cancel()


class _Connection(http.client.HTTPConnection):
    """A connection to a number that was checked, under the name that was asked for."""

    def __init__(self, target, deadline):
        super().__init__(target.host, target.port)
        self.target = target
        self.deadline = deadline
        self.line = None  # http.client lets go of its own name for it once an answer has begun

    def connect(self):
        problem = None
        seconds = min(network.LOOK_UP_SECONDS, self.deadline - time.monotonic())
        for number in network.find(self.target, seconds)[:4]:
            seconds = min(STEP_SECONDS, self.deadline - time.monotonic())
            if seconds <= 0:
                raise TimeoutError
            try:
                self.sock = network.internet.connect(number, self.target.port, seconds)
                self.sock.settimeout(STEP_SECONDS)
                self.line = self.sock
                return
            except OSError as fault:
                problem = fault
        raise problem

    def shake_hands(self):
        """Prove that the other side is who it was asked for: the name in the certificate, not the number."""
        if self.target.scheme == "https":
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(self.sock, server_hostname=self.target.host, do_handshake_on_connect=False)
            self.line = self.sock
            self.sock.do_handshake()

    def cut(self):
        with suppress(OSError, ValueError):  # it may be over already
            self.line.shutdown(socket.SHUT_RDWR)


def _follow(target, answer):
    following = network.parse(urljoin(target.url, answer.headers.get("Location", "").strip() or "//"))
    if target.scheme == "https" and following.scheme == "http":
        raise Forbidden(DOWNGRADED)
    return following


def _take(target, answer, deadline):
    if answer.status == 304:
        return Fetched(None)
    if answer.status != 200:
        said = gettext("The site answers with an error ({status}). Try again later.").format(status=answer.status)
        raise NotFetched(REFUSALS.get(answer.status, said))
    kind = answer.headers.get_content_type() if answer.headers.get("Content-Type") else ""
    ending = _tell(kind, target)
    file = tempfile.TemporaryFile()  # noqa: SIM115 (whoever asked closes it)
    try:
        _copy(answer, file, deadline)
        _translate(file, kind, answer.headers.get_content_charset())
    except BaseException:
        file.close()
        raise
    kept = [answer.headers.get(name, "") for name in ("ETag", "Last-Modified")]
    return Fetched(file, ending, *(value if _is_plain(value) else "" for value in kept))


def _tell(kind, target):
    """The ending that says which format it is: the declared type's, or the address's where that says nothing."""
    if kind in TYPES:
        return TYPES[kind]
    ending = PurePosixPath(unquote(target.path.partition("?")[0])).suffix.lower()
    if kind in ("text/plain", "text/x-rst") or kind in UNTOLD:
        if ending and ENDINGS.get(ending):
            return ending
        return ".txt" if kind == "text/plain" else ".html"
    named = f" ({kind[:60]})" if _is_plain(kind) else ""
    raise NotFetched(
        gettext("At this address there is a file of another kind{named}. {taken}").format(
            named=named, taken=gettext(TAKEN)
        )
    )


def _copy(answer, file, deadline):
    """The body, unpacked, within the size and the time that one document may have."""
    packing = answer.headers.get("Content-Encoding", "identity").strip().lower()
    if packing not in ("", "identity", "gzip", "x-gzip", "deflate"):
        named = f" ({packing[:20]})" if _is_plain(packing) else ""
        raise NotFetched(
            gettext("The site sends the page packed in a way that cannot be read{named}.").format(named=named)
        )
    unpack = zlib.decompressobj(47) if packing not in ("", "identity") else None  # 47: gzip or zlib, whichever it is
    most = settings.DOCUMENT_MAX_MB * 1024 * 1024
    size = 0
    while chunk := answer.read1(CHUNK):
        while chunk:
            piece, chunk = (unpack.decompress(chunk, CHUNK), unpack.unconsumed_tail) if unpack else (chunk, b"")
            size += len(piece)
            if size > most:
                raise NotFetched(
                    gettext("What stands there is larger than {document_max_mb} MB.").format(
                        document_max_mb=settings.DOCUMENT_MAX_MB
                    )
                )
            if time.monotonic() > deadline:
                raise TimeoutError
            file.write(piece)
    if time.monotonic() > deadline:
        raise TimeoutError
    if answer.length or (unpack and not unpack.eof):  # fewer bytes than were announced
        raise http.client.IncompleteRead(b"", answer.length)


def _is_plain(value):
    """Whether a header's value may be kept, said and sent back: one with a NUL in it, no database takes."""
    return len(value) <= 200 and value.isascii() and value.isprintable()


def _translate(file, kind, charset):
    """The header's word on the encoding counts before the page's own (WHATWG): such text is kept as UTF-8."""
    file.seek(0)
    if not charset or not kind.startswith(("text/", "application/xhtml")):
        return
    text = decoding.decode_as(file.read(), charset)
    file.seek(0)
    if text is None:  # an encoding nobody knows: the page's own word, or a guess
        return
    file.truncate()
    file.write(text.encode("utf-8-sig", "replace"))
    file.seek(0)
