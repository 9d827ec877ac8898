"""Where a request comes from, for limits that dropping a cookie does not begin anew."""

import ipaddress

from django.conf import settings
from django.utils.crypto import salted_hmac

SHARED = 64  # bits of an IPv6 address that one connection has: the rest its owner chooses anew at will


def network(request):
    """The client's IPv4 address, or the /64 of its IPv6 address, as text; "" where none is known, and for this machine's
    own, which is a program here or a proxy that nobody told us of.

    A header is believed behind a proxy alone (BEHIND_TLS_PROXY), and of it only what the nearest PROXIES ones wrote: each
    adds the address that it saw at the right, and further left stands what a client made up.
    """
    address = _read(request.META.get("REMOTE_ADDR", ""))
    if settings.BEHIND_TLS_PROXY:
        told = request.headers.get(settings.CLIENT_ADDRESS_HEADER, "").split(",")
        if 1 <= settings.PROXIES <= len(told):  # from 0 down it would be what a client wrote
            address = _read(told[-settings.PROXIES]) or address
    if address is None or address.is_loopback:
        return ""
    return str(address if address.version == 4 else ipaddress.ip_network((address, SHARED), strict=False))


def mark(request):
    """The same, so that it can be compared and not read."""
    where = network(request)
    return salted_hmac("where a call comes from", where, algorithm="sha256").hexdigest()[:32] if where else ""


def _read(text):
    """An address, also with a port; None for anything else. IPv4 within IPv6 is IPv4."""
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
