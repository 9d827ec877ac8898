"""What a first visit loads: little, from here alone, and under names that production can keep for ever."""

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command

pytestmark = [pytest.mark.django_db(transaction=True)]
IMPORT = re.compile(r"""(?:from\s*|import\s*\(?\s*)["'](\.[^"']+)["']""")


def test_the_chat_page_weighs_less_than_100_kilobytes_compressed(open_page, standin, agent):
    page = open_page()
    page.wait_for_load_state("networkidle")
    loaded = page.evaluate("performance.getEntriesByType('resource').map((one) => one.name)")
    sizes = {url: len(gzip.compress(page.request.get(url).body(), 6)) for url in {page.url, *loaded}}
    assert any("elevenlabs-client" in url for url in sizes), "the client was not loaded, so it was not weighed"
    assert sum(sizes.values()) < 100_000, sizes
    print(f"{len(sizes)} files, {sum(sizes.values())} bytes compressed")


def test_every_module_is_found_under_its_hashed_name(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {
        **django_settings.STORAGES,
        "staticfiles": {"BACKEND": "config.storage.StaticStorage"},
    }
    call_command("collectstatic", verbosity=0, interactive=False)
    modules = [file for file in (tmp_path / "voice").glob("*.js") if re.search(r"\.[0-9a-f]{12}\.js$", file.name)]
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
