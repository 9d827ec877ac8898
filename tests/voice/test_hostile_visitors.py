"""What anybody can send to the doors of a chat page: refused, and never a fault."""

import json

import pytest
from django.test import Client

from knowledge import ingestion
from tests.voice.test_views import become

ODD = ["\0", "\ud800", "x" * 3000, "{}", "“'\"", "\u202e"]
HARMLESS = {200, 302, 400, 404, 409, 429}


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("door", ["say", "new", "voice/start", "voice/heard", "voice/end"])
def test_no_odd_words_are_a_fault(persona, door, odd):
    client = Client(raise_request_exception=False)
    told = dict.fromkeys(("text", "key", "session", "reason", "events"), odd)
    for body in (told, {"session": odd, "events": [{"kind": odd, "key": odd, "text": odd, "channel": odd}]}):
        address, said = f"/chat/{persona.slug}/{door}/", json.dumps(body)
        answer = client.post(address, said, content_type="application/json", headers={"Accept": "application/json"})
        assert answer.status_code in HARMLESS
        assert client.post(address, {"text": odd.replace("\ud800", ""), "key": "\0"}).status_code in HARMLESS


@pytest.mark.parametrize("odd", ["\0", "9" * 40, "-1", "x" * 3000, "．", "(((((a+)+)+"])
def test_no_odd_address_of_a_quote_is_a_fault(persona, odd):
    client = Client(raise_request_exception=False)
    document = ingestion.ingest(ingestion.receive(persona, "Fees", text="A night costs 25 euros."))
    asked = dict.fromkeys(["start", "end", "quote", "passage"], odd)
    answer = client.get(f"/chat/{persona.slug}/documents/{document.pk}/", asked)
    assert answer.status_code == 200


@pytest.mark.parametrize("odd", [None, 7, [1], {"a": 1}, "\0", "\ud800", True, "x" * 41])
@pytest.mark.parametrize("part", ["kind", "key", "text", "channel", "all"])
def test_no_odd_event_of_a_call_is_a_fault(session, odd, part):
    client = Client(raise_request_exception=False)
    become(client, session.conversation)
    for kind in ("visitor", "persona", "correction", "interruption", "tool"):
        event = {"kind": kind, "key": "one", "text": "Hello", "channel": "spoken"}
        event |= dict.fromkeys(event, odd) if part == "all" else {part: odd}
        body = {"session": session.elevenlabs_conversation_id, "events": [event], "reason": odd}
        for door in ("heard", "end"):
            address = f"/chat/{session.conversation.persona.slug}/voice/{door}/"
            assert client.post(address, body, content_type="application/json").status_code in HARMLESS


@pytest.mark.parametrize("odd", ["[" * 100_000, f"[{'1' * 5000}]"], ids=["deep", "a long number"])
def test_events_within_a_text_are_refused_and_never_a_fault(session, odd):
    client = Client(raise_request_exception=False)
    become(client, session.conversation)
    body = {"session": session.elevenlabs_conversation_id, "events": odd}
    address = f"/chat/{session.conversation.persona.slug}/voice/heard/"
    assert client.post(address, body, content_type="application/json").status_code == 400
