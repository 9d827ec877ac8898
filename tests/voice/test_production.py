"""As on a public address: nothing left to warn of, every answer guarded, no word of a stranger's believed."""

import os
import secrets
import subprocess
import sys

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver

from config import settings as written
from tests.conftest import ROOT

PUBLIC = {
    "PUBLIC_URL": "https://advisor.example",
    "ALLOWED_HOSTS": "advisor.example",
    "BEHIND_TLS_PROXY": "True",
    "DEBUG": "False",
    "ELEVENLABS_API_KEY": "sk_of_the_test",
    "ELEVENLABS_URL": "",
    "LOG_LEVEL": "WARNING",
}
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains; preload",
}
UNREADY = {"readyz", "post_call"}  # 503 until there is a worker, and a secret to prove reports with
FOR_MACHINES = {"function_call", "conversation_start", "post_call"}  # JSON alone, and somebody waits on the line


def example():
    """Settings as .env.example has them, whatever ran before."""
    lines = (line.partition("=") for line in (ROOT / ".env.example").read_text().splitlines())
    return {name: value for name, equals, value in lines if equals and not name.startswith("#")}


def test_before_going_live_there_is_nothing_to_warn_of_and_nothing_is_silenced(tmp_path):
    (tmp_path / "model").symlink_to(ROOT / "var" / "model")
    given = {
        **example(), **PUBLIC, "SECRET_KEY": secrets.token_urlsafe(50), "SERVICE_TOKENS": secrets.token_urlsafe(32),
        "DATA_DIR": str(tmp_path),
    }  # fmt: skip
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    done = subprocess.run(command, cwd=ROOT, env={"PATH": os.environ["PATH"], **given}, capture_output=True, text=True)
    said = "System check identified no issues (0 silenced).\n"
    assert (done.stdout, done.stderr, done.returncode) == (said, "", 0)


@pytest.fixture
def site(settings, make_persona):
    """Settings of a public address, and a client that comes through a TLS proxy."""
    settings.SECURE_HSTS_SECONDS, settings.SECURE_SSL_REDIRECT = 31_536_000, True
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = settings.SECURE_HSTS_PRELOAD = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.ALLOWED_HOSTS = ["advisor.example"]
    make_persona(slug="harbour-guide")
    return Client(raise_request_exception=False, headers={"Host": "advisor.example", "X-Forwarded-Proto": "https"})


def addresses():
    """Every address of ours as a stranger would try it, by name."""
    (ours,) = (part for part in get_resolver().url_patterns if getattr(part, "app_name", "") == "voice")
    filled = {
        "<slug:slug>": "harbour-guide",
        "<uuid:thread>": "0190a6a0-0000-7000-8000-000000000000",
        "<uuid:document_id>": "0190a6a0-0000-7000-8000-000000000000",
        "<int:size>": "192",
        "<path:content_type_id>": "1",
        "<path:object_id>": "0190a6a0-0000-7000-8000-000000000000",
    }
    for pattern in ours.url_patterns:
        assert isinstance(pattern, URLPattern)
        path = str(pattern.pattern)
        for placeholder, value in filled.items():
            path = path.replace(placeholder, value)
        assert "<" not in path, f"{pattern.name} takes something that this test does not know"
        yield pattern.name, f"/{path}"


def guards(response):
    return {name: response.headers.get(name) for name in ALWAYS}


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "address"), [*addresses()])
@pytest.mark.parametrize("method", ["get", "post"])
def test_every_door_answers_with_the_guards_of_a_page(site, method, name, address):
    response = getattr(site, method)(address)
    assert response.status_code < 500 or name in UNREADY
    assert guards(response) == ALWAYS
    if name not in FOR_MACHINES:
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]
        assert "microphone=(self)" in response.headers["Permissions-Policy"]


@pytest.mark.django_db
def test_a_page_that_is_not_there_and_one_that_breaks_are_guarded_too(site, monkeypatch):
    monkeypatch.setattr("voice.views.pages.render", lambda *_: 1 / 0, raising=False)
    missing = site.get("/nothing/here/")
    broken = site.get("/chat/harbour-guide/")
    assert (missing.status_code, broken.status_code) == (404, 500)
    assert guards(missing) == guards(broken) == ALWAYS


@pytest.mark.django_db
@pytest.mark.parametrize("host", ["evil.example", "advisor.example.evil.example", "advisor.example@evil.example", ""])
def test_a_name_that_is_not_ours_is_refused(site, host):
    assert site.get("/", headers={"Host": host or "\0"}).status_code == 400


@pytest.mark.django_db
def test_a_host_that_only_a_forwarded_header_names_is_not_believed(site):
    answer = site.get("/nothing/here/", headers={"X-Forwarded-Host": "evil.example"})
    assert b"evil.example" not in answer.content


@pytest.mark.django_db
def test_without_a_proxy_of_ours_nobody_can_say_that_they_came_over_tls(site, settings):
    settings.SECURE_PROXY_SSL_HEADER = None
    answer = site.get("/", headers={"X-Forwarded-Proto": "https"})
    assert (answer.status_code, answer["Location"]) == (301, "https://advisor.example/")


def test_no_check_is_silenced():
    assert getattr(written, "SILENCED_SYSTEM_CHECKS", []) == []
