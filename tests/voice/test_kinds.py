"""Events of every kind and size, from the door to the thread that staff see."""

import base64
import json
import time
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.voice.conftest import post_signed
from voice import conversations
from voice.models import Conversation, Delivery, Session, Turn

pytestmark = pytest.mark.django_db
SOUND = b"ID3" + bytes(range(256)) * 50


def event(kind, conversation_id="conv_1", **data):
    return {"type": kind, "event_timestamp": 1_790_000_000, "data": {"conversation_id": conversation_id, **data}}


def deliver(client, report):
    """Through the door and read."""
    response = post_signed(client, report)
    delivery = Delivery.objects.order_by("-pk").first()
    conversations.record(delivery)
    delivery.refresh_from_db()
    return response, delivery


@pytest.fixture
def staff(client):
    client.force_login(User.objects.create_superuser("anna"))
    return client


def timeline(staff, session):
    return staff.get(f"/admin/voice/conversation/{session.conversation_id}/change/").content.decode()


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"failure_reason": "busy"}, "The line was busy."),
        ({"failure_reason": "no-answer", "metadata": {"type": "twilio", "body": {"SipResponseCode": "487"}}},
         "Nobody answered. (SIP 487)"),
        ({"failure_reason": "unknown", "metadata": {"type": "sip", "body": {"sip_status_code": 503, "error_reason": "gone"}}},
         "The call could not be set up. (SIP 503, gone)"),
        ({"failure_reason": "fraud"}, "The call could not be set up: fraud."),
        ({}, "The call could not be set up."),
        ({"failure_reason": None, "metadata": [], "agent_id": 5}, "The call could not be set up."),
    ],
)  # fmt: skip
def test_a_call_that_could_not_be_set_up_stands_in_the_timeline_with_its_reason(
    staff, webhook_secret, session, told, words
):
    response, delivery = deliver(staff, event("call_initiation_failure", **told))
    session.refresh_from_db()
    assert (response.status_code, delivery.problem, session.status, session.ending) == (200, "", "failed", words)
    assert session.ended_at.timestamp() == 1_790_000_000
    assert f"Call failed</strong>: {words}" in timeline(staff, session)


def test_a_recording_is_filed_once_and_leaves_the_row(staff, webhook_secret, session):
    _, delivery = deliver(staff, event("post_call_audio", full_audio=base64.b64encode(SOUND).decode()))
    session.refresh_from_db()
    assert session.recording.read() == SOUND
    assert json.loads(delivery.body)["data"] == {"conversation_id": "conv_1", "bytes_filed": len(SOUND)}
    page = timeline(staff, session)
    address = f"/admin/voice/conversation/recordings/{session.pk}/"
    assert f'src="{address}"' in page
    played = staff.get(address)
    assert (b"".join(played.streaming_content), played["Content-Type"]) == (SOUND, "audio/mpeg")


def test_a_recording_that_is_delivered_and_read_again_stays_one_file(staff, webhook_secret, session):
    audio = event("post_call_audio", full_audio=base64.b64encode(SOUND).decode())
    _, delivery = deliver(staff, audio)
    session.refresh_from_db()
    name = session.recording.name
    Delivery.objects.update(read_at=None)
    deliver(staff, audio)
    session.refresh_from_db()
    assert (Delivery.objects.count(), session.recording.name, session.recording.read()) == (1, name, SOUND)


def test_a_recording_that_is_no_base64_is_kept_with_the_reason(client, webhook_secret, session):
    post_signed(client, event("post_call_audio", full_audio="%%%"))
    with pytest.raises(ValueError, match="recording cannot be read"):
        conversations.record(Delivery.objects.get())
    assert "recording cannot be read" in Delivery.objects.get().problem


def test_a_recording_goes_with_its_thread(client, webhook_secret, session, django_capture_on_commit_callbacks):
    deliver(client, event("post_call_audio", full_audio=base64.b64encode(SOUND).decode()))
    session.refresh_from_db()
    kept, name = session.recording.storage, session.recording.name
    with django_capture_on_commit_callbacks(execute=True):
        session.conversation.delete()
    assert not kept.exists(name)


def test_who_may_not_see_conversations_hears_no_recording(client, webhook_secret, session):
    deliver(client, event("post_call_audio", full_audio=base64.b64encode(SOUND).decode()))
    client.force_login(User.objects.create_user("ben", is_staff=True))
    assert client.get(f"/admin/voice/conversation/recordings/{session.pk}/").status_code == 403


def test_a_report_without_analysis_metadata_or_transcript_is_read(client, webhook_secret, session):
    told = {"status": "done", "analysis": None, "metadata": None, "transcript": None, "agent_id": None}
    _, delivery = deliver(client, event("post_call_transcription", **told))
    session.refresh_from_db()
    assert delivery.read_at is not None
    assert (session.status, session.summary, session.criteria) == ("done", "", {})
    assert session.ended_at is not None


def test_a_report_of_10000_turns_and_3_megabytes_is_kept_and_read_whole(client, webhook_secret, session):
    said = [
        {"role": ("agent", "user")[n % 2], "message": f"Turn {n}. " + "All that was said. " * 14, "time_in_call_secs": n // 20}
        for n in range(10_000)
    ]  # fmt: skip
    Turn.objects.create(
        conversation=session.conversation,
        session=session,
        key="call:1:v1",
        speaker="visitor",
        text=said[5]["message"].strip(),
    )
    report = event("post_call_transcription", transcript=said, metadata={"start_time_unix_secs": 1_789_999_000})
    assert len(json.dumps(report)) > 3_000_000
    with CaptureQueriesContext(connection) as asked:
        response, delivery = deliver(client, report)
    assert (response.status_code, delivery.problem) == (200, "")
    assert len(asked) < 200  # SQLite takes fewer rows at once
    told = session.conversation.turns.order_by("at", "id").values_list("text", flat=True)
    assert list(told) == [turn["message"].strip() for turn in said]


def test_thousands_of_turns_that_resemble_none_reported_do_not_hold_up_a_worker(client, webhook_secret, session):
    """A page may have told anything; comparing everything with everything would take hours."""
    Turn.objects.bulk_create(
        Turn(conversation=session.conversation, session=session, key=f"call:{n}", speaker="visitor", text=f"{uuid.uuid4()} " * 9)
        for n in range(2000)
    )  # fmt: skip
    said = [{"role": "user", "message": f"Something else, number {n}."} for n in range(2000)]
    started = time.monotonic()
    deliver(client, event("post_call_transcription", transcript=said))
    assert time.monotonic() - started < 30
    assert session.conversation.turns.count() == 4000


def test_markup_in_a_report_is_shown_as_it_was_said(staff, webhook_secret, session):
    said = "<script>alert(1)</script> & <b>bold</b>"
    told = {
        "transcript": [{"role": "user", "message": said}, {"role": "agent", "message": said}],
        "analysis": {"transcript_summary": said, "evaluation_criteria_results": {said: {"result": said, "rationale": said}}},
        "metadata": {"termination_reason": said},
    }  # fmt: skip
    _, delivery = deliver(staff, event("post_call_transcription", **told))
    pages = [timeline(staff, session), staff.get(f"/admin/voice/delivery/{delivery.pk}/change/").content.decode()]
    assert [turn.text for turn in session.conversation.turns.all()] == [said, said]
    assert all("alert(1)" in page and "<script>alert(1)" not in page and "<b>bold" not in page for page in pages)


def test_halves_of_letters_and_nul_in_a_report_do_not_keep_it_from_being_read(client, webhook_secret, session):
    told = {
        "transcript": [{"role": "user", "message": "Hello\x00 \ud83d."}],
        "analysis": {"evaluation_criteria_results": {"a\x00": {"rationale": "\udc00", "score": float("nan")}}},
    }
    _, delivery = deliver(client, event("post_call_transcription", **told))
    session.refresh_from_db()
    assert (delivery.problem, session.conversation.turns.get().text) == ("", "Hello ?.")
    assert session.criteria == {"a": {"rationale": "?", "score": None}}


@pytest.mark.parametrize("kind", ["answering_machine_detection", "unredacted_transcript", "voice_removal_notice"])
def test_events_that_nothing_follows_from_are_kept_and_done_with(client, webhook_secret, session, kind):
    response, delivery = deliver(client, event(kind, anything=[1, {"two": 3}]))
    assert (response.status_code, delivery.kind, delivery.problem) == (200, kind, "")
    assert delivery.read_at is not None


def test_a_report_about_an_agent_that_is_none_of_ours_is_kept_and_nothing_follows(client, webhook_secret, persona):
    post_signed(client, event("post_call_transcription", agent_id="agent_of_somebody_else"))
    Delivery.objects.update(received_at="2026-01-01T00:00:00Z")
    conversations.record(Delivery.objects.get())
    delivery = Delivery.objects.get()
    assert delivery.read_at is not None
    assert "none of ours" in delivery.problem
    assert not Conversation.objects.exists()


def test_what_the_page_tells_after_the_report_is_not_said_twice(client, webhook_secret, session):
    said = [{"role": "user", "message": "Hello there.", "time_in_call_secs": 2}]
    deliver(client, event("post_call_transcription", transcript=said))
    browser = client.session
    browser["visitor"] = str(session.conversation.visitor)
    browser.save()
    body = {"session": "conv_1", "events": [{"kind": "visitor", "key": "v1", "text": "hello there"}]}
    address = f"/chat/{session.conversation.persona.slug}/voice/heard/"
    assert client.post(address, body, content_type="application/json").status_code == 200
    for delivery in Delivery.objects.waiting():
        conversations.record(delivery)
    turn = session.conversation.turns.get()
    assert (turn.key, turn.text) == (f"call:{session.pk}:v1", "hello there")
    assert Session.objects.get(pk=session.pk).reported_at is not None


def test_what_was_typed_in_the_second_before_a_call_stays_before_it(client, webhook_secret, session):
    second = datetime.fromtimestamp(1_790_000_000, UTC)
    Session.objects.update(started_at=second + timedelta(milliseconds=700))
    Turn.objects.create(
        conversation=session.conversation, key="typed:1", speaker="visitor", text="Hello.", at=second + timedelta(milliseconds=500)
    )  # fmt: skip
    said = [{"role": "agent", "message": "Good morning.", "time_in_call_secs": 0}]
    deliver(client, event("post_call_transcription", transcript=said, metadata={"start_time_unix_secs": 1_790_000_000}))
    assert [turn.text for turn in session.conversation.turns.all()] == ["Hello.", "Good morning."]
