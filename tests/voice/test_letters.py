"""A page's letters while a report of the same call is being read."""

import json
import threading

import pytest
from django.db import connection, transaction
from django.utils import timezone

from tests.voice.test_views import become
from voice import letters
from voice.models import Command, Conversation, Session, Turn

SAID = {"kind": "persona", "key": "p1", "text": "The ferry leaves at nine.", "channel": "spoken", "after": None}


@pytest.mark.django_db(transaction=True)
def test_a_letter_and_a_report_of_one_call_wait_for_each_other_in_one_order(session):
    faults = []

    def write():
        try:
            letters.read(session, [SAID])
        except Exception as fault:
            faults.append(fault)
        finally:
            connection.close()

    letter = threading.Thread(target=write)
    with transaction.atomic():  # as a report is read: the session's row first, the thread's in the end
        Session.objects.select_for_update(of=("self",)).get(pk=session.pk)
        letter.start()
        letter.join(0.7)
        Conversation.objects.filter(pk=session.conversation_id).update(last_turn_at=timezone.now())
    letter.join(20)
    assert faults == []
    assert Turn.objects.get().text == SAID["text"]


@pytest.fixture
def full(session, settings):
    """A call with as many turns as it can have."""
    settings.VOICE_MAX_SECONDS = 3
    said = [
        Turn(conversation=session.conversation, session=session, key=f"{session.keys}{n}", text="x") for n in range(200)
    ]
    Turn.objects.bulk_create(said)
    return session


def tell(client, session, *events):
    become(client, session.conversation)
    body = {"session": session.elevenlabs_conversation_id, "events": events}
    address = f"/chat/{session.conversation.persona.slug}/voice/heard/"
    return client.post(address, json.dumps(body), content_type="application/json")


def test_more_turns_than_a_call_can_have_are_refused(client, full):
    response = tell(client, full, {**SAID, "key": "one more"})
    assert (response.status_code, response.json()["error"]["code"]) == (413, "too_much")
    assert "report of the call brings the rest" in response.json()["error"]["message"]
    assert full.turns.count() == 200


def test_what_a_full_call_told_before_is_taken_again_and_corrected(client, full):
    again = {**SAID, "key": "7"}
    assert tell(client, full, again, {**again, "kind": "correction", "text": "y"}).status_code == 200


def test_more_commands_than_a_call_can_have_are_refused(client, session, settings):
    settings.VOICE_MAX_SECONDS = 3
    Command.objects.bulk_create(Command(session=session, key=str(n), name="stop") for n in range(200))
    assert tell(client, session, {"kind": "command", "key": "new", "text": "stop"}).status_code == 413
    assert session.commands.count() == 200
