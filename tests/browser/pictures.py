"""Pictures of every state of the page, to be looked at: `python -m pytest tests/browser/pictures.py [-k "390 and dark"]`.

They go to var/pictures, one folder for each width and theme. Nothing is asserted but that each state was reached.
"""

import io
from itertools import count

import pytest
from django.conf import settings as site
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from PIL import Image
from playwright.sync_api import expect

from knowledge import ingestion
from personas.models import Persona, StarterQuestion
from tests.browser.chat import Chat
from tests.browser.conftest import DESKTOP, HANDBOOK, PHONE, QUESTION, SENTENCES

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("standin", "agent")]
FOLDER = site.BASE_DIR / "var" / "pictures"
LOOKS = [
    *((size, scheme) for size in (PHONE, DESKTOP) for scheme in ("light", "dark")),
    ({"width": 360, "height": 640}, "light"),
    ({"width": 1920, "height": 1080}, "light"),
]
LONG_NAME = "Dr. Wilhelmina Featherstonehaugh-Donaudampfschifffahrtsgesellschaft"
ARABIC = """تغادر العبارة إلى الجزيرة في الساعة التاسعة صباحا من الرصيف الثاني. وتعود في الساعة الخامسة مساء."""
ARABIC_QUESTION = "متى تغادر العبارة إلى الجزيرة؟"
SHOW = "async ([state, facts]) => (await import('/static/voice/dock.js')).show(state, facts)"
STATES = {
    "asking": {},
    "connecting": {},
    "listening": {},
    "hearing": {},
    "thinking": {},
    "searching": {"words": "Looking in Island Timetable"},
    "searching-two": {"words": "Looking in Island Timetable, Rules for Guests of the Lighthouse and the Pier"},
    "speaking": {},
    "weak": {"hint": "The connection is weak; hold on."},
}


class Camera:
    """Takes numbered pictures of one page into one folder."""

    def __init__(self, page, folder):
        self.page, self.folder, self.number = page, folder, count(1)

    def take(self, name):
        self.page.evaluate("() => document.fonts.ready")
        self.page.wait_for_timeout(350)
        self.page.screenshot(path=self.folder / f"{next(self.number):02}-{name}.png")


@pytest.fixture
def others(persona):
    """Beside the harbour guide: one with a picture and far too long a name, one who speaks Arabic, one without much."""
    shades = Image.linear_gradient("L").resize((256, 256))
    portrait = io.BytesIO()
    Image.merge("RGB", (shades, shades.rotate(90), shades.rotate(180))).save(portrait, "PNG")
    long = Persona.objects.create(
        name=LONG_NAME, slug="long", tagline="Knows everything about the shipping of steam, and says so at length. " * 2,
        description="A very thorough lady. " * 30, first_message="Good day! " * 20, status="draft",
    )  # fmt: skip
    long.avatar.save("long.png", ContentFile(portrait.getvalue()))
    arabic = Persona.objects.create(
        name="ليلى حداد", slug="laila", language="ar", status="published", tagline="تعرف الميناء والعبارة والفنار.",
        first_message="مرحبا! ماذا تريد أن تعرف؟",
    )  # fmt: skip
    StarterQuestion.objects.create(persona=arabic, text=ARABIC_QUESTION)
    ingestion.ingest(ingestion.receive(arabic, "جدول العبارات", text=ARABIC))
    bare = Persona.objects.create(name="Bo", slug="bo", status="published")
    ingestion.ingest(ingestion.receive(bare, "Handbook", text=HANDBOOK))


@pytest.mark.parametrize(
    ("size", "scheme"), LOOKS, ids=lambda value: str(value.get("width", value) if isinstance(value, dict) else value)
)
def test_pictures(open_page, others, client, size, scheme):
    folder = FOLDER / f"{size['width']}-{scheme}"
    folder.mkdir(parents=True, exist_ok=True)
    page = open_page("/", viewport=size, color_scheme=scheme, has_touch=size["width"] < 500)
    page.watch.expect("")  # a picture of a failure is welcome here
    camera = Camera(page, folder)
    camera.take("list")
    typing(Chat(page), camera)
    calling(Chat(page), camera)
    failing(Chat(page), camera)
    strangers(Chat(page), camera)
    behind_the_door(Chat(page), camera, client)


def typing(chat, camera):
    chat.page.goto("/chat/harbour-guide/")
    camera.take("empty")
    chat.page.locator(".starter").first.click()
    card = chat.turn("nine in the morning").locator(".citation-link")
    expect(card).to_be_visible()
    camera.take("answer")
    card.click()
    expect(chat.panel.locator("mark")).to_be_visible()
    camera.take("source")
    document = card.evaluate("link => link.href")
    chat.page.goto(document)
    camera.take("document")
    chat.page.goto("/chat/harbour-guide/")


def calling(chat, camera):
    chat.talk()
    chat.expect_state("speaking")
    camera.take("greeting")
    chat.expect_state("listening")
    for name, facts in STATES.items():
        chat.page.evaluate(SHOW, [{"searching-two": "searching", "weak": "listening"}.get(name, name), facts])
        camera.take(f"call-{name}")
    chat.ask(SENTENCES[1])
    expect(chat.turn("twenty euros").locator(".citation")).to_have_count(1)
    chat.expect_state("speaking")
    camera.take("spoken-citation")
    chat.turn("A night").locator(".citation-link").click()
    expect(chat.panel.locator("mark")).to_be_visible()
    camera.take("spoken-source")
    chat.page.keyboard.press("Escape")
    chat.hang_up()
    chat.expect_state("ended")
    camera.take("ended-interrupted-rating")
    chat.page.locator(".star").nth(3).click()
    camera.take("rated")


def failing(chat, camera):
    for text in (*SENTENCES, "What is the capital of a country far away?", *SENTENCES):
        chat.ask(text)
        expect(chat.page.locator("#send")).not_to_have_attribute("aria-disabled", "true")
    camera.take("long-thread")
    chat.page.evaluate(
        "() => { navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('', 'NotAllowedError'); }; }"
    )
    chat.talk()
    expect(chat.notice).to_be_visible()
    camera.take("failure")
    chat.page.locator("#notice-close").click()
    chat.page.evaluate("scrollTo(0, 0)")
    camera.take("scrolled-up")
    chat.page.locator("#keep summary").click()
    camera.take("menu")


def strangers(chat, camera):
    chat.page.goto("/chat/laila/")
    chat.page.evaluate("document.documentElement.dir = 'rtl'")
    camera.take("arabic")
    chat.ask(ARABIC_QUESTION)
    expect(chat.page.locator(".citation")).to_have_count(1)
    camera.take("arabic-answer")
    chat.page.locator(".citation-link").click()
    expect(chat.panel.locator("#document")).to_be_visible()
    camera.take("arabic-source")
    chat.page.goto("/chat/bo/")
    camera.take("bare")
    chat.page.goto("/nowhere/")
    camera.take("not-found")


def behind_the_door(chat, camera, client):
    origin = "/".join(chat.page.url.split("/")[:3])
    client.force_login(User.objects.create_superuser("anna"))
    key = client.cookies[site.SESSION_COOKIE_NAME].value
    chat.page.context.add_cookies([{"name": site.SESSION_COOKIE_NAME, "value": key, "url": origin}])
    chat.page.goto("/")
    camera.take("list-of-staff")
    chat.page.goto("/chat/long/")
    camera.take("draft-long-name")
    chat.ask(QUESTION * 6 + " " + "x" * 120)
    expect(chat.page.locator(".turn[data-speaker=persona]:not([data-pending])")).to_be_visible()
    camera.take("draft-long-words")
