"""A report and the page's own telling of a call become one thread."""

import json

import pytest

from voice import reports
from voice.models import Delivery, ToolCall, Turn

pytestmark = pytest.mark.django_db
CITATION = {
    "document": "Timetable", "document_id": "11111111-1111-1111-1111-111111111111", "passage_id": 5, "page": 1,
    "heading": "", "quote": "The ferry leaves at nine.", "start": 0, "end": 25,
}  # fmt: skip
SAID = [
    {"role": "agent", "message": "Good morning.", "time_in_call_secs": 0},
    {"role": "user", "message": "When does the ferry leave?", "time_in_call_secs": 4},
    {"role": "agent", "message": None, "tool_results": [{"type": "webhook"}], "time_in_call_secs": 6},
    {"role": "agent", "message": "The ferry leaves at nine.", "time_in_call_secs": 7},
]


def delivery(transcript=SAID, conversation_id="conv_1", **data):
    body = {
        "type": "post_call_transcription",
        "event_timestamp": 1,
        "data": {
            "conversation_id": conversation_id, "status": "done", "transcript": transcript,
            "metadata": {"start_time_unix_secs": 1739537297, "call_duration_secs": 22, "cost": 5}, **data,
        },
    }  # fmt: skip
    return Delivery(kind=body["type"], subject=conversation_id, body=json.dumps(body))


def heard_on_the_page(session, speaker, text, key):
    return Turn.objects.create(
        conversation=session.conversation, session=session, key=key, speaker=speaker, channel="spoken", text=text
    )


def thread(session):
    return [(turn.speaker, turn.text) for turn in session.conversation.turns.all()]


def test_a_call_that_the_page_never_told_of_is_filled_in_from_the_report(session):
    ToolCall.objects.create(session=session, function="f", outcome="answered", citations=[CITATION])
    reports.join(delivery())
    assert thread(session) == [
        ("persona", "Good morning."),
        ("visitor", "When does the ferry leave?"),
        ("persona", "The ferry leaves at nine."),
    ]
    assert session.conversation.turns.last().citations == [CITATION]


def test_what_the_page_told_already_is_not_said_twice(session):
    heard_on_the_page(session, "visitor", "when does the ferry leave", "a")
    heard_on_the_page(session, "persona", "The ferry leaves at nine.", "b")
    reports.join(delivery())
    assert [speaker for speaker, _ in thread(session)].count("visitor") == 1
    assert len(thread(session)) == 3


def test_a_report_read_twice_changes_nothing(session):
    reports.join(delivery())
    before = thread(session)
    reports.join(delivery())
    assert thread(session) == before


def test_an_interruption_that_the_page_missed_cuts_the_turn_and_its_sources(session):
    turn = heard_on_the_page(session, "persona", "Let me see. The ferry leaves at nine.", "b")
    Turn.objects.filter(pk=turn.pk).update(citations=[CITATION])
    cut = {"role": "agent", "message": "Let me see.", "interrupted": True, "original_message": turn.text}
    reports.join(delivery([cut]))
    turn.refresh_from_db()
    assert (turn.text, turn.interrupted, turn.citations) == ("Let me see.", True, [])
    assert turn.full_text == "Let me see. The ferry leaves at nine."


def test_figures_reach_the_session(session):
    reports.join(delivery(analysis={"call_successful": "success", "transcript_summary": "The ferry."}))
    session.refresh_from_db()
    assert (session.duration_secs, session.cost_credits, session.call_successful) == (22, 5, "success")
    assert session.ended_at is not None


def test_the_language_of_a_call_is_the_one_reported(session):
    reports.join(delivery(metadata={"start_time_unix_secs": 1739537297, "main_language": "DE"}))
    session.refresh_from_db()
    assert session.language == "de"


def test_a_report_about_an_unknown_conversation_waits(session):
    with pytest.raises(reports.NotKnownYet):
        reports.join(delivery(conversation_id="conv_of_somebody_else"))


def test_an_event_of_a_kind_we_do_not_read_changes_nothing(session):
    reports.join(Delivery(kind="voice_removal_notice", body="{}"))
    assert thread(session) == []
