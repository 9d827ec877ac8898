"""The running doors do what the schema says: schemathesis sends them what it allows, and what it does not.

Every check it has is on. The doors are the real WSGI application with its real stores; only a report's signature is made
on the way in, where the header asks for it, since it is one over the bytes. `CONFORMANCE_EXAMPLES=500` looks longer, and
`CONFORMANCE_SEED=any` somewhere else.
"""

import copy
import io
import os

import pytest
import redis
import schemathesis
from django.core.wsgi import get_wsgi_application
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.config import (
    ChecksConfig,
    GenerationConfig,
    NotAServerErrorConfig,
    ProjectConfig,
    ProjectsConfig,
    SchemathesisConfig,
)
from schemathesis.core.parameters import ParameterLocation

from knowledge import ingestion
from tests.conftest import PORTS, SERVICE_TOKEN
from tests.voice.conftest import signature
from voice import bodies, journal
from voice.contract import routes
from voice.models import Conversation, PhoneNumber, Turn

SEED = os.environ.get("CONFORMANCE_SEED")
EXAMPLES = int(os.environ.get("CONFORMANCE_EXAMPLES") or 12)
SIGN_THIS = "sign-this"
METRICS_TOKEN = "metrics-token-of-the-tests"
CONFIG = SchemathesisConfig(
    projects=ProjectsConfig(
        default=ProjectConfig(
            generation=GenerationConfig(with_security_parameters=False, deterministic=not SEED),
            # 503 is a word of ours, for what passes; anything else of its kind is a fault.
            checks=ChecksConfig(
                not_a_server_error=NotAServerErrorConfig(expected_statuses=["2xx", "3xx", "4xx", "503"])
            ),
        )
    )
)
SCHEMA = schemathesis.openapi.from_dict(copy.deepcopy(routes.schema()), config=CONFIG)

# The page's doors forgive: a form without a script says "3" for 3, and of what a page heard only what makes sense is taken.
# What they refuse has its tests one by one, in test_views.py and its neighbours.
load_all_checks()
FORGIVEN = CHECKS.get_by_names(["negative_data_rejection", "positive_data_acceptance"])


def signing(application):
    """The application behind somebody who signs what is marked for it."""

    def wrapped(environ, start_response):
        if environ.get("HTTP_ELEVENLABS_SIGNATURE") == SIGN_THIS:
            body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            environ = {**environ, "wsgi.input": io.BytesIO(body), "HTTP_ELEVENLABS_SIGNATURE": signature(body)}
        return application(environ, start_response)

    return wrapped


SCHEMA.app = signing(bodies.with_length(get_wsgi_application()))


class Home:
    """Somebody at a persona's page, and rows that what is asked can be about."""

    def __init__(self, session, browser):
        self.session, self.persona, self.statuses = session, session.conversation.persona, []
        self.turn = Turn.objects.create(
            conversation=session.conversation, speaker="persona", text="At nine.", key="1", at=timezone.now()
        )
        browser.get(f"/chat/{self.persona.slug}/")
        Conversation.objects.update(visitor=browser.session["visitor"])
        self.cookies = {name: morsel.value for name, morsel in browser.cookies.items()}

    def proof(self, case):
        """Headers and cookies that the door's own security asks for."""
        if case.operation.path.startswith("/elevenlabs/post-call"):
            return {"headers": {"ElevenLabs-Signature": SIGN_THIS}}
        if case.operation.path.startswith("/elevenlabs/"):
            return {"headers": {"X-Service-Token": SERVICE_TOKEN}}
        if case.operation.path == "/metrics":
            return {"headers": {"Authorization": f"Bearer {METRICS_TOKEN}"}}
        headers = {"Accept": "application/json", "X-CSRFToken": self.cookies["csrftoken"]}
        return {"headers": headers, "cookies": self.cookies}

    def lead(self, case):
        """What is asked is about rows that are there, so that it gets as far as an answer."""
        if "slug" in (case.path_parameters or {}) and not case.meta.is_negative_at(ParameterLocation.PATH):
            case.path_parameters["slug"] = self.persona.slug
        if not case.meta.generation.mode.is_negative and isinstance(case.body, dict):
            told = {
                "session": self.session.elevenlabs_conversation_id,
                "turn": self.turn.pk,
                "thread": "",
                "joins": True,
            }
            if case.operation.path == "/elevenlabs/function-call":
                told = {"conversation_id": self.session.elevenlabs_conversation_id}
                case.body["parameters"]["persona_id"] = str(self.persona.pk)
            if case.operation.path == "/elevenlabs/conversation-start":
                told = {"called_number": "+15551234567", "agent_id": "agent_1"}
            case.body.update({name: value for name, value in told.items() if name in case.body})


@pytest.fixture
def home(transactional_db, session, webhook_secret, settings, django_user_model):
    settings.ALLOWED_HOSTS, settings.METRICS_TOKEN = ["localhost", "testserver"], METRICS_TOKEN
    persona = session.conversation.persona
    ingestion.ingest(ingestion.receive(persona, "Timetable", text="# Ferry\n\nThe ferry leaves at nine from pier two."))
    PhoneNumber.objects.create(elevenlabs_number_id="phnum_1", number="+15551234567", persona=persona)
    browser = Client()
    browser.force_login(django_user_model.objects.create_superuser("anna"))
    made = Home(session, browser)
    yield made
    journal.flush()
    assert set(made.statuses) & {200, 503}, "nothing got as far as an answer, so nothing was tried"


@SCHEMA.parametrize()
@hypothesis_settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=not SEED,
    suppress_health_check=list(HealthCheck),
    database=None,
)
def test_a_door_does_what_the_schema_says(case, home):
    with redis.Redis(port=PORTS["valkey"]) as connection:
        connection.flushall()  # nobody is too fast here
    home.lead(case)
    excluded = FORGIVEN if case.operation.path.startswith(("/chat/", "/test-voice/")) else []
    answer = case.call_and_validate(excluded_checks=excluded, **home.proof(case))
    home.statuses.append(answer.status_code)
