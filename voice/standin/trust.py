"""Whom the stand-in trusts when it asks somebody over HTTPS."""

import functools
import ssl

import httpx


@functools.cache
def certificates() -> ssl.SSLContext:
    """The usual certificates, read once: httpx reads them for every client, which takes 15 ms of the event loop."""
    return httpx.create_ssl_context(trust_env=False)
