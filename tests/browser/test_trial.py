"""Staff try the voice on a page of their own."""

import pytest
from playwright.sync_api import expect

from tests.browser import sound
from tests.browser.conftest import DESKTOP, PHONE, QUESTION
from tests.browser.test_access import complaints, is_wider_than_the_screen

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("standin", "agent")]


@pytest.fixture
def trial(staff, persona, site, settings, tmp_path):
    """`trial(…)` opens the page, its microphone ready to speak."""
    settings.PUBLIC_URL = site
    persona.starter_questions.create(text=QUESTION)
    words = sound.as_text(sound.speak("Hello, can you hear me?", tmp_path, before=0, after=2))

    def open_(**options):
        page = staff("/test-voice/", microphone=True, granted=True, **options)
        page.words = words
        return page

    return open_


def check(page, name):
    return page.locator(f"#check-{name}")


def run(page, *, speak=True, heard="Yes"):
    page.locator("#run").click()
    if speak:
        expect(check(page, "microphone")).to_have_attribute("data-state", "running", timeout=20_000)
        page.evaluate("file => window.speak(file)", page.words)
    page.get_by_role("button", name=heard, exact=True).click(timeout=20_000)
    expect(page.locator("#verdict")).not_to_be_empty(timeout=40_000)


def test_everything_is_tried_and_told_with_figures(trial):
    page = trial()
    run(page)
    expect(page.locator("#verdict")).to_have_text("Everything passed.")
    expect(check(page, "microphone")).to_contain_text("heard you")
    parts = check(page, "call").locator(".part")
    expect(parts).to_have_count(5)
    expect(parts.first).to_contain_text("ms")
    page.locator("#microphone-action").click()


def test_a_silent_microphone_and_a_silent_speaker_come_with_advice(trial):
    page = trial()
    run(page, speak=False, heard="No")
    expect(check(page, "microphone")).to_contain_text("nothing was heard")
    expect(check(page, "microphone").locator(".check-advice")).to_contain_text("not muted")
    expect(check(page, "speaker").locator(".check-advice")).to_contain_text("volume")
    expect(page.locator("#verdict")).to_contain_text("2 of 5 failed")


def test_a_service_that_is_away_fails_its_parts_and_no_others(trial, standin):
    page = trial()
    page.watch.expect("503")
    standin.http.post("/standin/faults", json={"on": "http", "do": "status", "status": 503, "path": "*signed*"})
    run(page)
    expect(check(page, "call")).to_contain_text("No call could be held")
    expect(check(page, "server").locator(".part[data-state=failed]")).to_have_count(1)
    expect(check(page, "microphone")).to_have_attribute("data-state", "passed")


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_axe_finds_nothing_and_the_page_fits(trial, viewport):
    page = trial(viewport=viewport)
    assert complaints(page) == []
    run(page, heard="No")
    assert complaints(page) == []
    assert not is_wider_than_the_screen(page)
