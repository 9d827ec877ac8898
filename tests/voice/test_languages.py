"""Which language a page speaks: chosen there, asked for by the browser, or the site's own."""

import os

import pytest
from django.conf import settings

from tests.conftest import DATA_DIR
from voice.words import catalogue

pytestmark = pytest.mark.django_db
ENGLISH, GERMAN = "Who would you like to ask?", "Wen möchten Sie fragen?"


def choose(client, language, **form):
    return client.post("/language/", {"language": language, **form})


def test_a_page_speaks_the_language_that_the_browser_asks_for(client):
    assert GERMAN in client.get("/", headers={"Accept-Language": "fr, de-AT;q=0.8, en;q=0.5"}).content.decode()
    assert ENGLISH in client.get("/", headers={"Accept-Language": "fr"}).content.decode()


def test_the_language_chosen_on_a_page_is_remembered_whatever_the_browser_asks_for(client):
    choose(client, "de", next="/")
    page = client.get("/", headers={"Accept-Language": "en"})
    assert GERMAN in page.content.decode()
    assert '<html lang="de" dir="ltr">' in page.content.decode()
    assert client.cookies[settings.LANGUAGE_COOKIE_NAME]["max-age"] == settings.LANGUAGE_COOKIE_AGE
    assert client.cookies[settings.LANGUAGE_COOKIE_NAME]["httponly"]


def test_a_choice_leads_back_to_the_page_it_was_made_on(client, persona):
    assert choose(client, "de", next="/chat/harbour-guide/?a=b").url == "/chat/harbour-guide/?a=b"
    assert 'name="next" value="/chat/harbour-guide/"' in client.get("/chat/harbour-guide/").content.decode()


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "\\\\evil"])
def test_a_choice_leads_to_no_other_site(client, elsewhere):
    assert choose(client, "de", next=elsewhere).url == "/"


@pytest.mark.parametrize("unknown", ["xx", "", "de\x00", "../de", "fr"])
def test_an_unknown_language_changes_nothing(client, unknown):
    choose(client, unknown, next="/")
    assert ENGLISH in client.get("/").content.decode()


@pytest.mark.parametrize("path", ["/", "/chat/harbour-guide/", "/nothing-here/"])
def test_every_cache_is_told_what_the_language_hangs_on(client, persona, path):
    """A page in a shared cache is never given to somebody who reads another language."""
    vary = {name.strip() for name in client.get(path)["Vary"].split(",")}
    assert {"Cookie", "Accept-Language"} <= vary


def test_a_page_says_in_its_head_which_language_it_is_in(client):
    assert client.get("/", headers={"Accept-Language": "de"})["Content-Language"] == "de"


def test_a_language_written_from_right_to_left_turns_the_page_round(client, settings):
    settings.LANGUAGES = [*settings.LANGUAGES, ("ar", "العربية")]
    assert '<html lang="ar" dir="rtl">' in client.get("/", headers={"Accept-Language": "ar"}).content.decode()


def test_translations_are_compiled_at_start():
    assert catalogue.path("de", DATA_DIR / "locale", "mo").is_file()


def test_a_changed_translation_is_compiled_anew_and_an_unchanged_one_is_not(tmp_path):
    catalogue.compile(tmp_path)
    made = catalogue.path("de", tmp_path, "mo")
    first = made.stat().st_ino
    catalogue.compile(tmp_path)
    assert made.stat().st_ino == first
    os.utime(made, (1, 1))
    catalogue.compile(tmp_path)
    assert made.stat().st_ino != first


def test_a_folder_that_cannot_be_written_to_leaves_the_site_in_english(tmp_path, caplog):
    (tmp_path / "de").write_text("a file where a folder must be")
    catalogue.compile(tmp_path)
    assert "could not be compiled" in caplog.text
