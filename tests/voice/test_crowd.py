"""Many pretend visitors at once: what the soak is made of, in small."""

import asyncio

import pytest

from benchmarks import crowd, watching
from knowledge import ingestion
from voice import agents, journal
from voice.models import Session, ToolCall, Turn

TEXT = "The ferry to Gull Island leaves at nine in the morning from pier two. A return ticket costs twelve crowns."
QUESTIONS = ["When does the ferry to Gull Island leave?", "What does a return ticket cost?"]


@pytest.fixture
def persona(make_persona, standin, live_server, settings):
    """In step with the stand-in, which calls the live server's tool door."""
    settings.PUBLIC_URL = live_server.url
    persona = make_persona(slug="harbour-guide")
    ingestion.ingest(ingestion.receive(persona, "Timetable", text=TEXT))
    agents.sync(agents.note(persona))
    return persona


def test_a_crowd_is_answered_told_once_and_leaves_no_call_open(live_server, persona):
    personas = [("harbour-guide", QUESTIONS)]
    told = asyncio.run(crowd.gather(live_server.url, 6, 4, 1, pause=(0.2, 0.6), personas=personas))
    assert journal.flush()
    assert told.exchanges >= 6 and told.most > 1
    assert (dict(told.failed), dict(told.refused), dict(told.faults), told.lost) == ({}, {}, {}, 0)
    assert not Session.objects.filter(ended_at=None).exists()
    assert ToolCall.objects.filter(outcome="answered").count() == told.exchanges
    said = Turn.objects.exclude(text=persona.first_message)
    assert [said.filter(speaker=speaker).count() for speaker in ("visitor", "persona")] == [told.exchanges] * 2


@pytest.mark.usefixtures("persona")
def test_a_crowd_tells_why_starts_were_refused(live_server, settings):
    settings.VOICE_MAX_SESSIONS = 0
    told = asyncio.run(
        crowd.gather(live_server.url, 2, 1, 0, pause=(0.2, 0.6), personas=[("harbour-guide", QUESTIONS)])
    )
    assert set(told.refused) == {"busy"}


def test_what_rises_steadily_has_its_slope_and_what_does_not_has_none():
    assert watching.slope([(0, 100), (1800, 150), (3600, 200)]) == pytest.approx(100)
    assert watching.slope([(0, 100), (1800, 100), (3600, 100)]) == 0
    assert watching.slope([(7, 100)]) == 0
