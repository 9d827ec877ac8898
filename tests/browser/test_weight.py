"""What a first visit loads: little, from here alone, under names that production can keep for ever; and words come first."""

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.test import override_settings
from playwright.sync_api import expect

from tests.browser.chat import Chat
from tests.browser.conftest import QUESTION
from tests.browser.sheet import Sheet

pytestmark = [pytest.mark.django_db(transaction=True)]
PRODUCTION = {**django_settings.STORAGES, "staticfiles": {"BACKEND": "config.storage.StaticStorage"}}
IMPORT = re.compile(r"""(?:from\s*|import\s*\(?\s*)["'](\.[^"']+)["']""")


@pytest.fixture(scope="session")
def gathered(tmp_path_factory):
    """The folder that collectstatic fills for production."""
    folder = tmp_path_factory.mktemp("gathered")
    with override_settings(STATIC_ROOT=folder, STORAGES=PRODUCTION):
        call_command("collectstatic", verbosity=0, interactive=False)
    return folder


@pytest.fixture
def production(gathered, settings):
    """The site hands out those files, under the names they have there."""
    settings.STATIC_ROOT, settings.STORAGES = gathered, PRODUCTION
    settings.STATICFILES_DIRS = [gathered]


def test_the_chat_page_is_one_script_and_one_style_and_less_than_100_kilobytes_compressed(
    open_page, production, standin, agent
):
    page = open_page()
    page.wait_for_load_state("networkidle")
    loaded = page.evaluate("performance.getEntriesByType('resource').map((one) => one.name)")
    sizes = {url: len(gzip.compress(page.request.get(url).body(), 6)) for url in {page.url, *loaded}}
    names = {re.sub(r"\.[0-9a-f]{12}", "", url.split("/")[-1]) for url in loaded}
    assert names - {"icon.svg"} == {"base.css", "page.css", "chat.bundle.js", "elevenlabs-client.js"}
    assert sum(sizes.values()) < 100_000, sizes
    print(f"{len(sizes)} files, {sum(sizes.values())} bytes compressed")


def test_a_call_is_held_from_the_files_of_production(open_page, production, standin, agent):
    chat = Chat(open_page())
    chat.talk()
    expect(chat.turn("Good day.")).to_be_visible()
    chat.ask(QUESTION)
    expect(chat.turn("nine in the morning").locator(".citation")).to_have_count(1, timeout=20_000)
    Sheet(chat.page).open().choose("volume", 40)  # comes late, and yet shares the page's settings
    expect(chat.dock.locator("#volume")).to_have_value("40")


def test_without_esbuild_the_page_loads_its_parts_one_by_one(settings, tmp_path, client, persona):
    settings.STATIC_ROOT, settings.STORAGES, settings.BASE_DIR = tmp_path, PRODUCTION, tmp_path
    call_command("collectstatic", verbosity=0, interactive=False)
    page = client.get("/chat/harbour-guide/").content.decode()
    assert "chat.bundle" not in page
    assert re.search(r'src="[^"]*/chat\.[0-9a-f]{12}\.js"', page)
    assert "modulepreload" in page
    style = next(file for file in (tmp_path / "voice").glob("page.*.css")).read_text()
    assert "faces." in style


def test_the_page_is_sent_compressed(client, persona):
    answer = client.get("/chat/harbour-guide/", headers={"Accept-Encoding": "gzip"})
    assert answer["Content-Encoding"] == "gzip"
    assert len(answer.content) < 15_000


def test_every_module_is_found_under_its_hashed_name(gathered):
    modules = [file for file in (gathered / "voice").glob("*.js") if re.search(r"\.[0-9a-f]{12}\.js$", file.name)]
    assert len(modules) > 10
    for module in modules:
        for name in IMPORT.findall(module.read_text()):
            assert re.search(r"\.[0-9a-f]{12}\.js$", name), f"{module.name} imports {name} under its plain name"
            assert (Path(module.parent) / name).resolve().is_file(), f"{module.name} imports {name}, which is not there"


def test_every_module_is_fetched_at_once(open_page, persona):
    page = open_page()
    asked = page.eval_on_selector_all("[rel=modulepreload]", "links => links.map(link => link.href.split('/').pop())")
    modules = {file.name for file in (django_settings.BASE_DIR / "static" / "voice").glob("*.js")}
    assert set(asked) == modules - {"chat.js"}


def test_a_question_is_answered_while_nothing_of_the_voice_has_arrived(open_page, standin, agent):
    page, waiting = open_page("/healthz"), []
    page.route("**/vendor/**", lambda route: waiting.append(route))  # a line so slow that these do not come
    page.goto("/chat/harbour-guide/")
    chat = Chat(page)
    chat.ask(QUESTION)
    answer = chat.turn("nine in the morning")
    expect(answer.locator(".citation")).to_have_count(1)
    answer.locator(".citation-link").click()
    expect(chat.panel.locator("mark")).to_be_in_viewport()
    assert [route.request.url.split("/")[-1] for route in waiting] == ["elevenlabs-client.js"]
    page.watch.expect("ERR_FAILED")
    for route in waiting:
        route.abort()
