"""What browser tests share: the real site, the real stand-in, Chromium, and a page that is watched."""

import shutil
import threading
import time
from contextlib import contextmanager
from copy import deepcopy

import pytest
from django.conf import settings as site_settings
from django.contrib.auth.models import User
from django.core.signals import request_finished, request_started
from playwright.sync_api import expect, sync_playwright

from config.celery import app as celery
from knowledge import ingestion
from personas.models import Persona, StarterQuestion
from tests.browser import line as lines
from tests.browser import sound
from tests.browser.toured import TOURED
from tests.browser.watching import Watch
from tests.voice.elevenlabs import running
from voice import agents, journal
from voice.models import Agent

QUESTION = "When does the ferry to the island leave?"
SENTENCES = [QUESTION, "What does a night at the pier cost?", "Who keeps the lamp in the lighthouse?"]
TIMETABLE = """The ferry to the island leaves at nine in the morning from pier two.
It returns at five in the afternoon, and in winter at three. Tickets are sold on board."""
HANDBOOK = """A night at the pier costs twenty euros for boats of up to ten metres. Showers are included in the price.

The lamp in the lighthouse is kept by the harbour office. It burns from dusk until dawn all year round."""
expect.set_options(timeout=15_000)  # of a busy machine, not of the page: what must be quick is measured on its own
TOUR_AT_ONCE = "{ const real = setTimeout; window.setTimeout = (run, wait, ...more) => real(run, wait === 2500 ? 0 : wait, ...more); }"
DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}


def pytest_collection_modifyitems(items):
    for item in items:
        if "/browser/" in item.nodeid:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(autouse=True)
def tasks_wait():
    """Tasks go to the real broker and stay there: a page must not depend on them."""
    celery.conf.task_always_eager = False
    yield
    celery.conf.task_always_eager = True


@pytest.fixture(scope="session")
def running_standin(tmp_path_factory):
    folder = tmp_path_factory.mktemp("standin")
    (folder / "sentences.txt").write_text("\n".join(SENTENCES))
    flags = ["--speech", "flite", "--sentences", str(folder / "sentences.txt"), "--webhook-delay", "0.1"]
    with running(folder, *flags) as standin:
        yield standin


@pytest.fixture
def standin(running_standin, settings):
    """The pretend ElevenLabs, empty, with the settings pointed at it."""
    connect(settings, running_standin.url)
    running_standin.empty()
    yield running_standin
    running_standin.mend()


@pytest.fixture(scope="session")
def running_line(tmp_path_factory):
    """A stand-in whose signed addresses lead to a line that a test plays: its address, and the scripts, last first."""
    scripts = []
    with lines.scripted(lambda call: scripts[-1](call)) as address:
        public = address.replace("ws", "http", 1)
        with running(tmp_path_factory.mktemp("line"), "--public-url", public) as standin:
            yield standin, address, scripts


@pytest.fixture
def line(running_line, settings):
    """Calls go to a voice line that the test plays: after `line(script)` every call is `script(line)`."""
    standin, address, scripts = running_line
    connect(settings, standin.url, address)
    standin.empty()
    yield scripts.append
    scripts.clear()


def connect(settings, url, *addresses):
    """Point the settings at a stand-in, and let the page's policy reach it."""
    settings.ELEVENLABS_URL, settings.ELEVENLABS_API_KEY = url, "key-of-the-tests"
    policy = deepcopy(settings.CONTENT_SECURITY_POLICY)
    policy["DIRECTIVES"]["connect-src"] += [url.replace("http", "ws", 1), *addresses]
    settings.CONTENT_SECURITY_POLICY = policy


class Traffic:
    """Requests that the site is answering. The database may only be emptied when nobody asks it anything."""

    def __init__(self):
        self.running, self.last, self.lock = 0, time.monotonic(), threading.Lock()
        request_started.connect(self._begin)
        request_finished.connect(self._end)

    def _begin(self, **_):
        with self.lock:
            self.running += 1

    def _end(self, **_):
        with self.lock:
            self.running, self.last = self.running - 1, time.monotonic()

    def settle(self, quiet=0.4, seconds=15):
        """Wait until there was no request for a moment: what a closed page still sent, a report of a call."""
        until = time.monotonic() + seconds
        while time.monotonic() < until and (self.running > 0 or time.monotonic() - self.last < quiet):
            time.sleep(0.02)
        request_started.disconnect(self._begin)
        request_finished.disconnect(self._end)


@pytest.fixture
def site(live_server, settings):
    """The address of the running site; ElevenLabs' stand-in is told the same one."""
    settings.PUBLIC_URL = live_server.url
    traffic = Traffic()
    yield live_server.url
    traffic.settle()
    journal.flush()


@pytest.fixture
def persona(site):
    """A persona with two documents and starter questions, not yet known to any voice service."""
    persona = Persona.objects.create(
        name="Maren Holt", slug="harbour-guide", status="published", tagline="Knows the pier, the ferry and the lamp.",
        first_message="Good day. What would you like to know?",
    )  # fmt: skip
    for text in SENTENCES:
        StarterQuestion.objects.create(persona=persona, text=text)
    for title, text in {"Island Timetable": TIMETABLE, "Pier Handbook": HANDBOOK}.items():
        ingestion.ingest(ingestion.receive(persona, title, text=text))
    return persona


@pytest.fixture
def agent(persona):
    """The persona's agent on whatever voice service the test has chosen before."""
    agent = agents.note(persona)
    agents.sync(agent)
    agent.refresh_from_db()
    assert agent.state == Agent.State.IN_STEP, agent.problem
    return agent


@pytest.fixture(scope="session")
def playwright():
    """It keeps an event loop in this thread, where Django would refuse its database: allowed as long as that lasts."""
    with pytest.MonkeyPatch.context() as surroundings, sync_playwright() as running:
        surroundings.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield running


@contextmanager
def chromium(playwright, *flags):
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    browser = playwright.chromium.launch(
        executable_path=path, args=["--use-fake-device-for-media-stream", *flags], handle_sigint=False
    )
    try:
        yield browser
    finally:
        browser.close()


@pytest.fixture(scope="session")
def browser(playwright):
    with chromium(playwright) as browser:
        yield browser


@pytest.fixture
def open_page(browser, site):
    """`open_page(path, ...)` opens a watched page; the test fails at its end when a page had cause to complain."""
    contexts, watches = [], []

    def open_(
        path="/chat/harbour-guide/",
        *,
        microphone=True,
        granted=True,
        first=False,
        tour=False,
        viewport=DESKTOP,
        within=None,
        **options,
    ):
        permissions = {True: ["microphone"], False: [], None: None}[granted]  # allowed, blocked, or the browser asks
        context = (within or browser).new_context(base_url=site, viewport=viewport, permissions=permissions, **options)
        contexts.append(context)
        context.add_init_script(TOUR_AT_ONCE if tour else TOURED)
        page = context.new_page()
        page.watch = Watch(page)
        watches.append(page.watch)
        if microphone:
            page.add_init_script(sound.MICROPHONE)
        if not first:
            page.add_init_script("try { localStorage.setItem('clone-advisor.microphone.1', '1'); } catch {}")
        page.goto(path)
        return page

    yield open_
    for context in contexts:
        context.close()
    for watch in watches:
        assert watch.unexpected == []
        assert watch.strangers == set()


@pytest.fixture
def staff(client, open_page):
    """`staff(path, …)` opens a page of the admin as somebody who may do everything."""
    client.force_login(User.objects.create_superuser("anna"))
    key = client.cookies[site_settings.SESSION_COOKIE_NAME].value

    def open_(path, **options):
        page = open_page("/", **{"microphone": False, "granted": False, **options})
        origin = "/".join(page.url.split("/")[:3])
        page.context.add_cookies([{"name": site_settings.SESSION_COOKIE_NAME, "value": key, "url": origin}])
        page.goto(path)
        return page

    return open_
