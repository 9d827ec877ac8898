"""The post-call door: proof first, kept before it is read, once however often it comes."""

import json
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.voice.conftest import SECRET, post_signed, signature
from voice import conversations, tallies
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


@pytest.fixture
def no_database():
    """The stores' address points nowhere, as when the database is away. Back again afterwards."""
    known = dict(connection.settings_dict)
    connection.close()
    connection.settings_dict.update(NAME="/nowhere/at/all", PORT="1")
    yield
    connection.close()
    connection.settings_dict.update(known)


@pytest.mark.django_db(transaction=True)
def test_while_the_database_is_away_a_report_is_asked_for_again(machine, no_database):
    response = post_signed(machine, REPORT)
    assert response.status_code == 503
    assert response.json()["error"]["code"] == "not_taken"


def test_a_repeated_report_starts_no_second_reading(machine, monkeypatch):
    started = []
    monkeypatch.setattr("voice.tasks.start", lambda task, *args: started.append(args))
    post_signed(machine, REPORT)
    assert post_signed(machine, REPORT).status_code == 200
    assert len(started) == 1


def test_the_same_bytes_under_a_newer_signature_are_the_same_delivery(machine):
    post_signed(machine, REPORT)
    assert post_signed(machine, REPORT, at=time.time() + 60).status_code == 200
    assert Delivery.objects.count() == 1


def test_an_altered_copy_of_a_kept_report_is_refused_though_rightly_signed(machine):
    post_signed(machine, REPORT)
    altered = {**REPORT, "data": {**REPORT["data"], "transcript": []}}
    response = post_signed(machine, altered)
    assert (response.status_code, response.json()["error"]["code"]) == (409, "altered")
    assert json.loads(Delivery.objects.get().body) == REPORT


def test_a_later_report_of_the_same_conversation_is_another_delivery(machine):
    post_signed(machine, REPORT)
    assert post_signed(machine, {**REPORT, "event_timestamp": REPORT["event_timestamp"] + 9}).status_code == 200
    assert Delivery.objects.count() == 2


@pytest.mark.parametrize("off", [-31 * 60, 31 * 60])
def test_a_rightly_signed_report_of_another_time_is_answered_and_not_believed(machine, session, off):
    assert post_signed(machine, REPORT, at=time.time() + off).status_code == 200
    delivery = Delivery.objects.get()
    assert (delivery.origin, delivery.subject, delivery.body) == ("stale", "conv_1", "")
    assert not Turn.objects.exists()


def test_a_stale_report_that_comes_again_in_time_is_believed_then(machine, session):
    post_signed(machine, REPORT, at=time.time() - 3600)
    assert post_signed(machine, REPORT).status_code == 200
    delivery = Delivery.objects.get()
    assert (delivery.origin, json.loads(delivery.body)) == ("sent", REPORT)


def test_a_stale_copy_of_a_kept_report_changes_nothing(machine):
    post_signed(machine, REPORT)
    assert post_signed(machine, REPORT, at=time.time() - 3600).status_code == 200
    assert Delivery.objects.get().origin == "sent"


@pytest.mark.parametrize(
    ("options", "counted"),
    [({"secret": "wsec_x"}, "reports-wrongly-signed"), ({"at": time.time() - 3600}, "reports-stale")],
)
def test_what_is_not_believed_stands_in_the_log_and_is_counted(machine, caplog, options, counted):
    post_signed(machine, REPORT, **options)
    assert tallies.lately(counted) == 1
    assert "post-call report refused" in caplog.text
    assert "Hello there" not in caplog.text


def test_taking_a_report_of_100_kb_costs_one_insert_and_reads_nothing_of_it(machine, session):
    Workspace.objects.create()
    turns = [{"role": "user", "message": "Hello there. " * 9, "time_in_call_secs": n} for n in range(600)]
    report = {**REPORT, "data": {**REPORT["data"], "transcript": turns}}
    assert len(json.dumps(report)) > 100_000
    with CaptureQueriesContext(connection) as asked:
        post_signed(machine, report)
    verbs = [query["sql"].split()[0] for query in asked if "SAVEPOINT" not in query["sql"]]
    assert verbs == ["SELECT", "INSERT"]  # the webhook's secret, and the delivery
    assert not Turn.objects.exists()


@pytest.mark.parametrize(
    "body",
    [b"[]", b"3", b'"text"', b"null", b"", b"{", b'{"data":' + b"[" * 100_000, b"\xff\xfe\x00"],
)
def test_no_signed_body_of_a_wrong_shape_is_a_fault_of_ours(machine, body):
    headers = {"ElevenLabs-Signature": signature(body)}
    response = machine.post("/elevenlabs/post-call", body, content_type="application/json", headers=headers)
    assert response.status_code == 400
    assert not Delivery.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        b'{"type": "post_call_transcription", "data": {"conversation_id": "conv_1", "cost": NaN}}',
        b'{"type": "post_call_transcription", "data": {"conversation_id": "conv_1", "summary": "\\ud83d"}}',
        b'{"type": 7, "event_timestamp": "soon", "data": {"conversation_id": ["conv_1"]}}',
        b'{"type": "\\u0000", "event_timestamp": 99999999999999999999999, "data": "none"}',
        b"{}",
    ],
)
def test_a_signed_object_is_kept_whatever_is_in_it(machine, body):
    headers = {"ElevenLabs-Signature": signature(body)}
    response = machine.post("/elevenlabs/post-call", body, content_type="application/json", headers=headers)
    assert response.status_code == 200
    assert Delivery.objects.get().body == body.decode()


def test_a_report_that_cannot_be_read_is_tried_five_times_ever_later(machine, session):
    post_signed(machine, {"type": "post_call_transcription", "event_timestamp": 3, "data": None})
    rows, tried = Delivery.objects.filter(event_timestamp=3), []
    for minute in range(400):
        rows.update(received_at=timezone.now() - timedelta(minutes=minute))
        for delivery in Delivery.objects.waiting():
            with pytest.raises(ValueError, match="names no conversation"):
                conversations.record(delivery)
            tried.append(minute)
    assert tried == [0, 1, 5, 30, 240]
