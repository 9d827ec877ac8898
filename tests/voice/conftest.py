"""What the voice tests share: personas, threads, signed reports, and a broker that only takes notes."""

import hashlib
import hmac
import json
import time
import uuid

import pytest
from django.contrib.auth.models import User

from config.celery import app as celery
from personas.models import Persona
from tests.conftest import DATABASE
from tests.voice import elevenlabs
from voice.models import Agent, Conversation, Session, ToolCall

# The first brings its own stores, so once is enough; the other is about PostgreSQL.
collect_ignore = ["test_fire.py", "test_schema.py"] if DATABASE == "sqlite" else []

SECRET = "wsec_of_the_tests_0123456789"


@pytest.fixture(autouse=True)
def tasks_wait():
    """Tasks go to the real broker and stay there: what is started is looked at, not run in the caller."""
    celery.conf.task_always_eager = False
    yield
    celery.conf.task_always_eager = True


@pytest.fixture(scope="session")
def running_standin(tmp_path_factory):
    with elevenlabs.running(
        tmp_path_factory.mktemp("standin"), "--concurrency", "100", "--initiation-seconds", "20"
    ) as standin:
        yield standin


@pytest.fixture
def standin(running_standin, settings):
    """An empty stand-in that the gateway talks to."""
    settings.ELEVENLABS_URL = running_standin.url
    settings.ELEVENLABS_API_KEY = "key-of-the-tests"
    settings.ELEVENLABS_TIMEOUT_SECONDS = 2
    running_standin.empty()
    yield running_standin
    running_standin.mend()


@pytest.fixture
def staff(client):
    """Somebody who may do everything in the admin."""
    client.force_login(User.objects.create_superuser("anna"))
    return client


@pytest.fixture
def webhook_secret(settings):
    settings.ELEVENLABS_WEBHOOK_SECRETS = [SECRET]
    return SECRET


@pytest.fixture
def make_persona():
    def make(name="Harbour guide", **fields):
        defaults = {"slug": f"persona-{uuid.uuid4().hex[:8]}", "status": "published", "first_message": "Good morning."}
        return Persona.objects.create(name=name, **{**defaults, **fields})

    return make


@pytest.fixture
def persona(db, make_persona):
    return make_persona(slug="harbour-guide")


@pytest.fixture
def conversation(persona):
    return Conversation.objects.create(persona=persona, visitor=uuid.uuid4())


@pytest.fixture
def session(conversation):
    """A live call of that thread; its agent is known."""
    Agent.objects.filter(persona=conversation.persona).update(elevenlabs_agent_id="agent_1", state="in_step")
    return Session.objects.create(conversation=conversation, elevenlabs_conversation_id="conv_1")


@pytest.fixture
def looked_up():
    """A tool call of that session, answered from the timetable."""

    def look(session, quote="The ferry leaves at nine."):
        citation = {
            "document": "Timetable", "document_id": str(uuid.UUID(int=1)), "passage_id": 5, "page": 1, "heading": "",
            "quote": quote, "start": 0, "end": len(quote),
        }  # fmt: skip
        return ToolCall.objects.create(
            session=session, persona=session.conversation.persona, function="query_persona_knowledge",
            outcome="answered", content=quote, citations=[citation],
        )  # fmt: skip

    return look


def signature(body, secret=SECRET, at=None):
    """The header as ElevenLabs makes it: HMAC-SHA256 over "t.body"."""
    at = int(time.time() if at is None else at)
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v0={digest}"


def post_signed(client, report, **options):
    """Deliver a report as ElevenLabs does."""
    body = json.dumps(report).encode()
    headers = {"ElevenLabs-Signature": signature(body, **options)}
    return client.post("/elevenlabs/post-call", body, content_type="application/json", headers=headers)
