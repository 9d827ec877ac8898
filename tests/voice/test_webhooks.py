"""The post-call door: proof first, kept before it is read, once however often it comes."""

import json

import pytest
from django.test import Client

from tests.voice.conftest import SECRET, post_signed, signature
from voice import conversations
from voice.agents import workspace
from voice.models import Delivery, Turn, Workspace

pytestmark = pytest.mark.django_db
REPORT = {
    "type": "post_call_transcription",
    "event_timestamp": 1739537297,
    "data": {
        "conversation_id": "conv_1", "agent_id": "agent_1", "status": "done",
        "transcript": [{"role": "user", "message": "Hello there.", "time_in_call_secs": 2}],
        "metadata": {"start_time_unix_secs": 1739537200, "call_duration_secs": 22},
    },
}  # fmt: skip


@pytest.fixture
def machine(webhook_secret):
    """A client that checks for CSRF tokens, as the site does, and has none."""
    return Client(enforce_csrf_checks=True)


def test_a_signed_report_is_kept_as_it_came_and_answered_with_200(machine):
    assert post_signed(machine, REPORT).status_code == 200
    assert json.loads(Delivery.objects.get().body) == REPORT


def test_an_unsigned_report_is_refused_and_not_kept(machine):
    response = machine.post("/elevenlabs/post-call", json.dumps(REPORT), content_type="application/json")
    assert response.status_code == 401
    assert response.json()["success"] is False
    assert not Delivery.objects.exists()


def test_a_report_signed_by_somebody_else_is_refused_and_not_kept(machine):
    assert post_signed(machine, REPORT, secret="wsec_somebody_else").status_code == 401
    assert not Delivery.objects.exists()


def test_a_report_delivered_twice_is_kept_once_and_read_once(machine, session):
    post_signed(machine, REPORT)
    post_signed(machine, REPORT)
    delivery = Delivery.objects.get()
    conversations.record(delivery)
    conversations.record(delivery)
    assert [turn.text for turn in Turn.objects.all()] == ["Hello there."]


def test_a_report_before_its_conversation_is_known_waits_and_is_read_later(machine, conversation):
    post_signed(machine, REPORT)
    delivery = Delivery.objects.get()
    conversations.record(delivery)
    delivery.refresh_from_db()
    assert delivery.read_at is None
    assert "has this id yet" in delivery.problem
    conversation.sessions.create(elevenlabs_conversation_id="conv_1")
    conversations.record(delivery)
    delivery.refresh_from_db()
    assert delivery.read_at is not None
    assert delivery.problem == ""


def test_an_unknown_kind_of_event_is_kept_and_answered_with_200(machine):
    assert post_signed(machine, {"type": "something_new", "data": {}}).status_code == 200
    assert Delivery.objects.get().kind == "something_new"


def test_two_different_events_without_a_time_are_both_kept(machine):
    post_signed(machine, {"type": "something_new", "data": {"number": 1}})
    post_signed(machine, {"type": "something_new", "data": {"number": 2}})
    assert Delivery.objects.count() == 2


def test_a_body_that_is_not_json_is_refused_by_name_even_when_signed(machine):
    body = b"not json"
    headers = {"ElevenLabs-Signature": signature(body)}
    response = machine.post("/elevenlabs/post-call", body, content_type="application/json", headers=headers)
    assert response.status_code == 400
    assert "JSON" in response.json()["error"]["message"]


def test_without_a_secret_the_door_is_closed_in_a_way_that_is_tried_again(settings, client):
    settings.ELEVENLABS_WEBHOOK_SECRETS = []
    assert post_signed(client, REPORT).status_code == 503
    assert not Delivery.objects.exists()


def test_the_secret_that_sync_made_opens_the_door_and_is_not_kept_in_plain_text(client, settings):
    settings.ELEVENLABS_WEBHOOK_SECRETS = []
    Workspace.objects.create(webhook_secret=workspace._encrypted(SECRET))
    assert SECRET not in Workspace.objects.get().webhook_secret
    assert post_signed(client, REPORT).status_code == 200


def test_a_report_larger_than_thirty_megabytes_is_refused(machine, monkeypatch):
    monkeypatch.setattr("voice.webhooks.MAX_REPORT_BYTES", 1000)
    assert post_signed(machine, {**REPORT, "filler": "x" * 1000}).status_code == 413


@pytest.mark.parametrize("method", ["get", "put", "delete", "patch"])
def test_other_methods_are_refused_with_405(machine, method):
    assert getattr(machine, method)("/elevenlabs/post-call").status_code in (401, 405)


def test_a_report_that_cannot_be_read_keeps_the_reason_for_staff(machine, session):
    post_signed(machine, {**REPORT, "data": {"conversation_id": "conv_1", "transcript": "?", "metadata": 3}})
    post_signed(machine, {"type": "post_call_transcription", "event_timestamp": 3, "data": None})
    broken = Delivery.objects.get(event_timestamp=3)
    with pytest.raises(ValueError, match="names no conversation"):
        conversations.record(broken)
    broken.refresh_from_db()
    assert broken.attempts == 1
    assert "names no conversation" in broken.problem
