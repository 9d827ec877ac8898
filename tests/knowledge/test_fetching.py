"""Web addresses: only public ones are asked, by the number that was checked, within limits."""

import datetime
import gzip
import ipaddress
import ssl
import time

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from knowledge import fetching, network
from tests.knowledge import web


@pytest.fixture
def site(monkeypatch):
    """Pages at http://www.example.org, as {path: page}; ``site.web`` is the way there, ``site.asked`` the requests."""
    pages = {"/": web.text("<p>The ferry sails at nine.</p>")}
    with web.serve(pages) as server:
        server.web = web.Web(server.server_port)
        monkeypatch.setattr(network, "internet", server.web)
        yield server


def fetch(path="/", host="www.example.org", **known):
    return fetching.fetch(f"http://{host}{path}", **known)


def body(fetched):
    with fetched.file as file:
        return file.read()


def refusal(url):
    with pytest.raises(fetching.NotFetched) as refused:
        fetching.fetch(url)
    return str(refused.value)


def test_a_page_is_fetched_by_the_number_that_was_checked_under_its_own_name(site):
    assert b"The ferry sails at nine." in body(fetch())
    assert site.web.looked_up == ["www.example.org"]
    assert site.web.connected == [(web.PUBLIC, 80)]
    assert site.asked[0].headers["Host"] == "www.example.org"


def test_it_says_who_it_is_and_brings_nothing_along(site, settings):
    settings.PUBLIC_URL = "https://advisor.example"
    fetch().file.close()
    headers = site.asked[0].headers
    assert headers["User-Agent"] == "CloneAdvisor/1 (+https://advisor.example)"
    assert {"Cookie", "Authorization", "Referer"} & set(headers) == set()


def test_a_proxy_of_the_environment_is_not_used(site, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert b"nine" in body(fetch())


def test_a_name_is_looked_up_once_so_that_a_second_answer_counts_for_nothing(site):
    site.web.names = {"rebind.example.org": [[web.PUBLIC], ["127.0.0.1"]]}
    assert b"nine" in body(fetch(host="rebind.example.org"))
    assert site.web.looked_up == ["rebind.example.org"]
    assert site.web.connected == [(web.PUBLIC, 80)]


@pytest.mark.parametrize("numbers", [["127.0.0.1"], [web.PUBLIC, "10.0.0.1"], [web.PUBLIC, "::1"], ["fd00::1"], []])
def test_a_name_that_leads_inside_is_not_asked_even_when_it_leads_outside_too(site, numbers):
    site.web.names = {"inside.example.org": numbers}
    assert "private network" in refusal("http://inside.example.org/") or not numbers
    assert site.web.connected == []


INSIDE = [
    "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "017700000001", "0", "0.0.0.0", "127.0.0.1.",
    "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1",
    "255.255.255.255", "[::]", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:8.8.8.8]", "[64:ff9b::7f00:1]", "[64:ff9b::808:808]",
    "[64:ff9b:1::1]", "[2002:7f00:1::]", "[2002:808:808::]", "[2001:0:4136:e378:8000:63bf:3fff:fdd2]", "[::127.0.0.1]", "[fe80::1]",
    "[fe80::1%25eth0]", "[fc00::1]", "[fec0::1]", "[ff02::1]", "[2001:db8::1]", "localhost", "LOCALHOST.", "a.localhost", "db.internal",
    "printer.local", "router.lan", "metadata", "metadata.google.internal", "x.home.arpa", "hidden.onion", "①②⑦.⓪.⓪.①",
]  # fmt: skip


@pytest.mark.parametrize("host", INSIDE)
def test_what_can_only_lead_inside_is_refused_before_anything_is_asked(site, host):
    assert refusal(f"http://{host}/")
    with pytest.raises(fetching.NotFetched):
        fetching.check(f"http://{host}/")
    assert site.web.connected == []


@pytest.mark.parametrize("host", INSIDE)
def test_a_page_that_passes_on_to_the_inside_is_not_followed(site, host):
    site.pages["/away"] = web.passing_on(f"http://{host}/secret")
    assert refusal("http://www.example.org/away")
    assert [request.path for request in site.asked] == ["/away"]


def test_a_page_that_passes_on_to_a_name_that_leads_inside_is_not_followed(site):
    site.web.names = {"inside.example.org": ["192.168.0.1"]}
    site.pages["/away"] = web.passing_on("http://inside.example.org/secret")
    assert "private network" in refusal("http://www.example.org/away")
    assert site.web.connected == [(web.PUBLIC, 80)]


@given(st.ip_addresses(v=4))
def test_a_public_number_is_one_that_is_global(address):
    if network.is_public(str(address)):
        assert address.is_global
        assert not (address.is_private or address.is_loopback or address.is_link_local or address.is_multicast)


@given(st.ip_addresses(v=4))
def test_no_number_is_public_in_the_wrapping_of_another(address):
    packed = int(address)
    for prefix in ("::ffff:0:0", "64:ff9b::", "::"):
        assert not network.is_public(str(ipaddress.IPv6Address(int(ipaddress.IPv6Address(prefix)) | packed)))


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd", "ftp://www.example.org/", "gopher://www.example.org/", "javascript:alert(1)", "www.example.org", "",
        "http:///path", "http://user@www.example.org/", "http://user:word@www.example.org/", "http://@www.example.org/",
        "http://www.example.org:22/", "http://www.example.org:8080/", "http://www.example.org:99999/", "http://www exa.org/",
        "http://www.example.org/\r\nX: y", "http://www.example.org\\@127.0.0.1/", "http://" + "a" * 3000 + ".org/", "http://[::1/",
        "http://-x.example.org/", "http://x..org/",
    ],
)  # fmt: skip
def test_what_is_no_address_of_the_web_is_refused_with_a_sentence(site, url):
    assert refusal(url).endswith((".", "443, are."))
    assert site.web.connected == []


def test_an_address_is_kept_as_it_is_asked():
    assert (
        fetching.check(" HTTPS://WWW.Example.ORG:443/Fähre?q=ä#top ") == "https://www.example.org/F%C3%A4hre?q=%C3%A4"
    )


def test_a_name_in_letters_beyond_ascii_is_asked_in_its_other_spelling(site):
    site.web.names = {"xn--mwe-sna.example.org": [web.PUBLIC]}
    assert b"nine" in body(fetch(host="möwe.example.org"))


def test_a_page_that_moved_is_followed(site):
    site.pages["/old"] = web.passing_on("/new", 301)
    site.pages["/new"] = web.text("here")
    assert body(fetch("/old")).endswith(b"here")


def test_a_page_that_passes_on_in_a_circle_is_given_up(site):
    site.pages["/a"] = web.passing_on("/a")
    assert "in a circle" in refusal("http://www.example.org/a")
    assert len(site.asked) == 6


def test_a_page_that_passes_on_to_nowhere_is_refused(site):
    site.pages["/a"] = {":status": "302"}, b""
    assert refusal("http://www.example.org/a")


def test_what_is_larger_than_a_document_may_be_is_not_read_to_its_end(site, settings):
    settings.DOCUMENT_MAX_MB = 1
    site.pages["/big"] = web.text("x" * (2 * 1024 * 1024), "text/plain")
    assert "larger than 1 MB" in refusal("http://www.example.org/big")


def test_what_would_unpack_without_end_is_not_unpacked(site, settings):
    settings.DOCUMENT_MAX_MB = 1
    site.pages["/bomb"] = web.bomb(60)
    assert "larger than 1 MB" in refusal("http://www.example.org/bomb")


@pytest.mark.parametrize("slow", [web.dripping, web.dripping_head, lambda handler: time.sleep(4)])
def test_a_site_that_takes_its_time_is_left(site, settings, slow):
    settings.DOCUMENT_MAX_SECONDS = 1
    site.pages["/slow"] = slow
    began = time.monotonic()
    assert "too slowly" in refusal("http://www.example.org/slow")
    assert time.monotonic() - began < 3


def test_a_packed_page_is_unpacked(site):
    site.pages["/gz"] = {"Content-Type": "text/plain", "Content-Encoding": "gzip"}, gzip.compress(b"packed")
    assert body(fetch("/gz")) == b"packed"


@pytest.mark.parametrize(
    "page",
    [
        ({"Content-Type": "text/plain", "Content-Encoding": "gzip"}, gzip.compress(b"x" * 9_000)[:-20]),
        ({"Content-Type": "text/plain", "Content-Encoding": "gzip"}, b"not packed"),
        ({"Content-Type": "text/plain", "Content-Length": "100"}, b"short"),
        ({"Content-Type": "text/plain", "Transfer-Encoding": "chunked"}, b"zz\r\nno"),
    ],
)
def test_an_answer_that_is_cut_off_or_garbled_is_refused(site, page):
    site.pages["/x"] = page
    assert "garbled" in refusal("http://www.example.org/x")


def test_a_way_of_packing_that_is_not_known_is_named(site):
    site.pages["/x"] = {"Content-Type": "text/plain", "Content-Encoding": "br"}, b"x"
    assert "(br)" in refusal("http://www.example.org/x")


@pytest.mark.parametrize(
    ("status", "word"), [(401, "login"), (403, "403"), (404, "404"), (410, "removed"), (500, "500"), (204, "204")]
)
def test_what_the_site_refuses_is_said_with_its_reason(site, status, word):
    site.pages["/x"] = {":status": str(status)}, b""
    assert word in refusal("http://www.example.org/x")


def test_a_site_that_does_not_answer_is_said(site, monkeypatch):
    monkeypatch.setattr(site.web, "port", 9)
    assert "does not answer" in refusal("http://www.example.org/")


def test_the_other_number_is_asked_when_the_first_does_not_answer(site, monkeypatch):
    site.web.names = {"two.example.org": [web.OTHER, web.PUBLIC]}
    connect = site.web.connect

    def half_dead(number, port, seconds):
        if number == web.OTHER:
            raise ConnectionRefusedError
        return connect(number, port, seconds)

    monkeypatch.setattr(site.web, "connect", half_dead)
    assert b"nine" in body(fetch(host="two.example.org"))


@pytest.mark.parametrize(
    ("kind", "path", "ending"),
    [
        ("text/html", "/a.pdf", ".html"), ("application/pdf", "/x", ".pdf"), ("text/plain", "/notes.md", ".md"), ("text/plain", "/x", ".txt"),
        ("text/csv; charset=utf-8", "/x", ".csv"), ("application/epub+zip", "/x", ".epub"), ("application/octet-stream", "/a.docx", ".docx"),
        (None, "/page", ".html"), ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "/x", ".docx"),
    ],
)  # fmt: skip
def test_the_format_is_the_one_that_is_declared_else_the_one_in_the_address(site, kind, path, ending):
    site.pages[path] = ({"Content-Type": kind} if kind else {}), b"x"
    fetched = fetch(path)
    fetched.file.close()
    assert fetched.ending == ending


def test_a_picture_is_refused_with_its_kind(site):
    site.pages["/x"] = {"Content-Type": "image/png"}, b"x"
    assert "image/png" in refusal("http://www.example.org/x")


def test_the_encoding_that_the_site_declares_counts_before_any_guess(site):
    site.pages["/x"] = {"Content-Type": "text/html; charset=koi8-r"}, "<p>Гавань открыта".encode("koi8-r")
    assert body(fetch("/x")).decode("utf-8-sig") == "<p>Гавань открыта"


def test_what_has_not_changed_is_not_sent_again(site):
    def page(handler):
        handler.send_response(304 if handler.headers["If-None-Match"] == '"one"' else 200)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    site.pages["/x"] = page
    assert fetch("/x", etag='"one"').file is None
    site.pages["/y"] = web.text("new", etag='"two"', last_modified="Tue, 24 Nov 2026 10:00:00 GMT")
    fetched = fetch("/y", etag='"one"')
    fetched.file.close()
    assert (fetched.etag, fetched.last_modified) == ('"two"', "Tue, 24 Nov 2026 10:00:00 GMT")


@pytest.fixture
def certificate(tmp_path):
    """(a server's TLS, the file to trust it by) for secure.example.org."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "secure.example.org")])
    now = datetime.datetime.now(datetime.UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
    made = made.not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=1))
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName("secure.example.org")]), critical=False)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True).sign(
        key, hashes.SHA256()
    )
    (tmp_path / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / "key.pem").write_bytes(private)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    return tls, tmp_path / "cert.pem"


@pytest.fixture
def secure(monkeypatch, certificate):
    pages = {"/": web.text("secret no more"), "/down": web.passing_on("http://www.example.org/")}
    with web.serve(pages, certificate[0]) as server:
        server.web = web.Web(server.server_port)
        monkeypatch.setattr(network, "internet", server.web)
        yield server


def test_the_certificate_is_checked_for_the_name_not_for_the_number(secure, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[1]))
    assert body(fetching.fetch("https://secure.example.org/")).endswith(b"secret no more")
    assert secure.web.connected == [(web.PUBLIC, 443)]
    assert "certificate is not valid" in refusal("https://other.example.org/")


def test_a_certificate_that_nobody_vouches_for_is_refused(secure):
    assert "certificate is not valid" in refusal("https://secure.example.org/")


def test_an_address_is_not_followed_from_https_to_http(secure, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[1]))
    assert "from https to http" in refusal("https://secure.example.org/down")
