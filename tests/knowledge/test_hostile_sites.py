"""What a site, or whoever answers for its name, can do to us: nothing beyond the time that one document may take."""

import time

import pytest

from knowledge import fetching, network
from tests.knowledge import web


@pytest.fixture
def site(monkeypatch):
    """Pages at http://www.example.org, as {path: page}; ``site.web`` is the way there."""
    pages = {"/": web.text("<p>The ferry sails at nine.</p>")}
    with web.serve(pages) as server:
        server.web = web.Web(server.server_port)
        monkeypatch.setattr(network, "internet", server.web)
        yield server


def fetch(path="/"):
    return fetching.fetch(f"http://www.example.org{path}")


def test_a_name_server_that_says_nothing_is_not_waited_for(site, settings, monkeypatch):
    settings.DOCUMENT_MAX_SECONDS = 1
    monkeypatch.setattr(site.web, "resolve", lambda host, port: time.sleep(6))
    started = time.monotonic()
    with pytest.raises(fetching.NotFetched, match="too slowly"):
        fetch()
    assert time.monotonic() - started < 3
    assert site.asked == []


def test_a_name_that_cannot_be_looked_up_is_still_said_to_be_unknown(site, monkeypatch):
    def fail(host, port):
        raise OSError("no name server")

    monkeypatch.setattr(site.web, "resolve", fail)
    with pytest.raises(fetching.NotFetched, match="no site of this name"):
        fetch()


@pytest.mark.parametrize(
    "charset", ["punycode", "PunyCode", "idna", "unicode_escape", "raw-unicode-escape", "undefined"]
)
def test_an_encoding_that_no_page_has_is_passed_over(site, charset):
    site.pages["/x"] = web.text("ab-" * 100_000, kind=f"text/html; charset={charset}")
    started = time.monotonic()
    with fetch("/x").file as file:
        assert file.read(3) == b"ab-"
    assert time.monotonic() - started < 3


@pytest.mark.parametrize("headers", [200, 5])
def test_a_head_without_end_is_not_read(site, headers):
    length = 10 if headers == 200 else 100_000
    site.pages["/x"] = {f"X-{number}": "x" * length for number in range(headers)}, b"text"
    with pytest.raises(fetching.NotFetched, match="garbled"):
        fetch("/x")
