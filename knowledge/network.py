"""Which addresses of the internet may be asked, and how they are reached: only public ones, and exactly the one that was
checked. Everything that touches the outside goes through ``internet``, one object, which tests exchange for a rule of
their own."""

import ipaddress
import queue
import re
import socket
import threading
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

PORTS = {"http": 80, "https": 443}
# Names that never lead outside: RFC 6761, 6762, 8375, 7686, and what routers and clouds use.
INSIDE = (
    "localhost",
    "local",
    "internal",
    "intranet",
    "lan",
    "home",
    "corp",
    "home.arpa",
    "localdomain",
    "onion",
    "test",
    "invalid",
)
HOST = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9_-]{1,63}(?<!-))+\.?", re.I)
NUMBER = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)\.?", re.I)  # a host that ends in one is an address, however it is written
UNSEEN = re.compile(r"[\x00-\x20\x7f\\]")
MOST_CHARACTERS = 2000
LOOK_UP_SECONDS = 15  # getaddrinfo knows no deadline: a name server that says nothing can hold it for minutes
TUNNELS = [
    ipaddress.ip_network(net)
    for net in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96", "fec0::/10")
]
CLOSED = _("This address leads into a private network, which is not reached from here. Give one that anybody can open.")
NOT_FOUND = _("There is no site of this name. Check the address for a typing mistake.")


class Forbidden(Exception):
    """An address that is not asked. The message says why, for the person who gave it."""


@dataclass(frozen=True, slots=True)
class Target:
    """A web address taken apart: what is said in the request, and whom to ask for."""

    scheme: str
    host: str  # in ASCII, without brackets
    port: int
    path: str  # with the query

    @property
    def authority(self):
        """As it stands in the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self):
        return f"{self.scheme}://{self.authority}{self.path}"


class Internet:
    """The way outside."""

    def resolve(self, host, port):
        """The numbers behind a name, as texts, in the order in which to try them. Raises OSError."""
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return list(dict.fromkeys(address[4][0] for address in found))

    def allows(self, number):
        """Whether this number is anybody's to ask."""
        return is_public(number)

    def connect(self, number, port, seconds):
        """A connected socket to that very number: no name is looked up here."""
        return socket.create_connection((number, port), timeout=seconds)


internet = Internet()


def parse(url):
    """The Target of a web address. Raises Forbidden for what is none, or can only lead inside."""
    if len(url) > MOST_CHARACTERS or UNSEEN.search(url):
        raise Forbidden(gettext("This is no web address. It begins with https:// and has no spaces in it."))
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as problem:
        raise Forbidden(gettext("This is no web address. Copy it from the address line of a browser.")) from problem
    scheme = parts.scheme.lower()
    if scheme not in PORTS or not parts.hostname:
        raise Forbidden(gettext("Only addresses that begin with https:// or http:// can be read."))
    if parts.username is not None or parts.password is not None:
        raise Forbidden(gettext("An address with a name or a password in it is not read. Give the one without."))
    port = PORTS[scheme] if port is None else port
    if port not in settings.WEB_PORTS:
        raise Forbidden(
            gettext("Port {port} is not one that web pages are read from here. Give an address without a port.").format(
                port=port
            )
        )
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._") + (
        "?" + quote(parts.query, safe="/%:@!$&'()*+,;=~-._?") if parts.query else ""
    )
    return Target(scheme, _check_host(parts.hostname), port, path)


def find(target, seconds=LOOK_UP_SECONDS):
    """The numbers to ask for a target, every one of them public: one look-up, and no other after it. Raises Forbidden,
    and TimeoutError after ``seconds``."""
    try:
        numbers = _resolve_in_time(target, seconds)
    except TimeoutError:
        raise
    except (OSError, UnicodeError) as problem:
        raise Forbidden(NOT_FOUND) from problem
    if not numbers:
        raise Forbidden(NOT_FOUND)
    if not all(internet.allows(number) for number in numbers):
        raise Forbidden(CLOSED)
    return numbers


def _resolve_in_time(target, seconds):
    """On a thread that is left behind when it is late; it ends whenever its look-up does."""
    brought = queue.SimpleQueue()

    def look_up():
        try:
            brought.put((internet.resolve(target.host, target.port), None))
        except (OSError, UnicodeError) as problem:
            brought.put(([], problem))

    threading.Thread(target=look_up, name="look-up", daemon=True).start()
    try:
        numbers, problem = brought.get(timeout=max(0.0, seconds))
    except queue.Empty as late:
        raise TimeoutError from late
    if problem is not None:
        raise problem
    return numbers


def is_public(number):
    """Whether an IP address belongs to the public internet. Forms that carry another address inside do not count."""
    try:
        address = ipaddress.ip_address(number.partition("%")[0])
    except ValueError:
        return False
    if "%" in number or address.is_multicast or address.is_reserved or not address.is_global:
        return False
    return address.version == 4 or not (address.ipv4_mapped or any(address in net for net in TUNNELS))


def _check_host(host):
    if ":" in host:
        return _check_number(host)
    try:
        ascii_host = host.rstrip(".").encode("idna").decode().lower()
    except UnicodeError as problem:
        raise Forbidden(NOT_FOUND) from problem
    if NUMBER.fullmatch(ascii_host.rpartition(".")[2]):
        return _check_number(ascii_host)
    if any(ascii_host == name or ascii_host.endswith(f".{name}") for name in INSIDE) or "." not in ascii_host:
        raise Forbidden(CLOSED)
    if not HOST.fullmatch(ascii_host):
        raise Forbidden(NOT_FOUND)
    return ascii_host


def _check_number(host):
    """Only the plain way of writing an address: 0x7f.1, 2130706433 and 0177.0.0.1 are refused as they stand."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError as problem:
        raise Forbidden(CLOSED) from problem
    if not internet.allows(str(address)):
        raise Forbidden(CLOSED)
    return str(address)
