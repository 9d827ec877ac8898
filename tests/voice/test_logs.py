"""The log of a whole conversation: every line names it, none repeats a secret or what was said."""

import io
import json
import logging
import logging.config
import time
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings as django_settings

from knowledge import ingestion, tracks
from tests.voice.conftest import SECRET, post_signed
from voice import agents, conversations, journal
from voice.crew import Crew
from voice.models import Delivery, Session

pytestmark = pytest.mark.django_db(transaction=True)
TOKEN = "token-of-the-tests-0123456789"
TYPED, SPOKEN = "When does the purple ferry leave?", "What does a violet night cost?"
ANSWER = "The purple ferry leaves at nine. A violet night costs twenty euros."


@pytest.fixture
def log():
    """Everything logged at INFO, as the settings format it for a machine: one object a line."""
    stream = io.StringIO()
    logging.config.dictConfig(
        {
            **django_settings.LOGGING,
            "handlers": {
                "console": {
                    "class": "logging.StreamHandler", "formatter": "json", "filters": ["conversation"], "stream": stream,
                }
            },
            "root": {"handlers": ["console"], "level": "INFO"},
        }
    )  # fmt: skip
    yield stream
    logging.config.dictConfig(django_settings.LOGGING)


@pytest.fixture
def advisor(standin, make_persona, settings):
    settings.SERVICE_TOKENS, settings.ELEVENLABS_WEBHOOK_SECRETS = [TOKEN], [SECRET]
    persona = make_persona(slug="harbour-guide")
    ingestion.ingest(ingestion.receive(persona, "Paper", text=ANSWER))
    agents.sync(agents.note(persona))
    return persona


def hold_a_conversation(client, persona):
    """Typed, then a call with a look-up, its end and its report; ElevenLabs' id of it."""
    client.post("/chat/harbour-guide/say/", {"text": TYPED})
    begun = client.post("/chat/harbour-guide/voice/start/", "{}", content_type="application/json").json()
    call = begun["session"]
    asked = {
        "function_name": "query_persona_knowledge", "conversation_id": call,
        "parameters": {"query": SPOKEN, "persona_id": str(persona.pk)},
    }  # fmt: skip
    answered = client.post(
        "/elevenlabs/function-call", asked, content_type="application/json", headers={"X-Service-Token": TOKEN}
    )
    assert "twenty euros" in answered.json()["result"]["content"]
    heard = [{"kind": "visitor", "key": "v1", "text": SPOKEN}, {"kind": "persona", "key": "p2", "text": ANSWER}]
    told = {"session": call, "events": heard}
    client.post("/chat/harbour-guide/voice/heard/", told, content_type="application/json")
    client.post("/chat/harbour-guide/voice/end/", {"session": call, "reason": "user"}, content_type="application/json")
    transcript = [{"role": "user", "message": SPOKEN, "time_in_call_secs": 1}]
    data = {
        "conversation_id": call,
        "agent_id": persona.agent.elevenlabs_agent_id,
        "status": "done",
        "transcript": transcript,
    }
    post_signed(client, {"type": "post_call_transcription", "event_timestamp": 1790000000, "data": data})
    tracks.follow(call)  # as the worker's task does
    conversations.record(Delivery.objects.get())
    assert journal.flush()
    tracks.follow("")
    return call, begun["signed_url"]


def test_every_line_of_a_call_names_it_and_none_says_what_was_said_or_a_secret(client, advisor, log, settings):
    call, address = hold_a_conversation(client, advisor)
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    told = [line for line in lines if line["logger"].startswith("voice")]
    assert {"voice.sessions", "voice.journal", "voice.webhooks", "voice.conversations"} <= {
        line["logger"] for line in told
    }
    assert {line["conversation"] for line in told} == {call}
    secrets = [
        TOKEN,
        SECRET,
        settings.ELEVENLABS_API_KEY,
        settings.SECRET_KEY,
        address,
        *parse_qs(urlsplit(address).query)["conversation_signature"],
    ]
    for words in (*secrets, "purple", "violet", "twenty euros"):
        assert words not in log.getvalue()


def test_a_refused_token_and_a_forged_report_leave_nothing_of_themselves_in_the_log(client, advisor, log):
    forged = {"function_name": "query_persona_knowledge", "parameters": {"query": "violet"}, "conversation_id": "c"}
    client.post(
        "/elevenlabs/function-call",
        forged,
        content_type="application/json",
        headers={"X-Service-Token": "guess-of-a-stranger"},
    )
    post_signed(client, {"type": "violet", "data": {}}, secret="wsec_guess_of_a_stranger")
    assert log.getvalue()
    for words in ("guess", "violet"):
        assert words not in log.getvalue()


def test_the_next_request_on_a_thread_is_about_nothing_yet(client, advisor, log):
    hold_a_conversation(client, advisor)
    log.truncate(0)
    tracks.follow("conv_of_before")
    client.get("/healthz")
    logging.getLogger("voice").info("after it")
    assert json.loads(log.getvalue().strip("\0").splitlines()[-1])["conversation"] == ""


def test_threads_that_are_given_work_know_whose_it_is(log):
    tracks.follow("conv_7")
    crew = Crew("test-log", hands=1)
    crew.start(logging.getLogger("voice").info, "at work").result(time.monotonic() + 5)
    tracks.follow("")
    assert json.loads(log.getvalue().splitlines()[-1])["conversation"] == "conv_7"


def test_a_line_for_reading_has_it_in_brackets():
    record = logging.LogRecord("voice", logging.INFO, "", 0, "Hello", (), None)
    tracks.follow("conv_7")
    tracks.Conversation().filter(record)
    tracks.follow("")
    form = logging.Formatter(
        **{
            "fmt" if key == "format" else key: value
            for key, value in django_settings.LOGGING["formatters"]["line"].items()
        }
    )
    assert form.format(record).endswith("INFO voice [conv_7] Hello")


def test_what_is_written_down_of_a_call_is_logged_with_its_id(client, advisor, log):
    call, _address = hold_a_conversation(client, advisor)
    (line,) = [json.loads(line) for line in log.getvalue().splitlines() if '"voice.journal"' in line]
    assert line["conversation"] == call == Session.objects.get().elevenlabs_conversation_id
    assert line["message"].startswith("tool call: answered after ")
