"""Whatever comes first, the thread and its rows are the same in the end."""

import base64
import json
import uuid
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from voice import conversations, letters, sessions
from voice.models import Conversation, Delivery, Session, ToolCall, Turn

pytestmark = pytest.mark.django_db
BEGAN = 1_790_000_000
CITATION = {
    "document": "Timetable", "document_id": str(uuid.UUID(int=1)), "passage_id": 5, "page": 1, "heading": "",
    "quote": "The ferry leaves at nine.", "start": 0, "end": 25,
}  # fmt: skip
SAID = [
    {"role": "agent", "message": "Good morning.", "time_in_call_secs": 0},
    {"role": "user", "message": "When does the ferry leave?", "time_in_call_secs": 4},
    {"role": "agent", "message": None, "tool_results": [{"type": "webhook"}], "time_in_call_secs": 5},
    {"role": "agent", "message": "The ferry leaves at nine. Tickets", "interrupted": True, "time_in_call_secs": 6,
     "original_message": "The ferry leaves at nine. Tickets are on board."},
    {"role": "user", "message": "Yes.", "time_in_call_secs": 9},
    {"role": "user", "message": "Yes.", "time_in_call_secs": 9},
]  # fmt: skip
# What the page heard: not everything, recognised a little differently, and "Yes." once.
HEARD = [
    {"kind": "visitor", "key": "v1", "text": "when does the fairy leave", "channel": "spoken"},
    {"kind": "persona", "key": "p1", "text": "The ferry leaves at nine. Tickets are on board.", "channel": "spoken"},
    {"kind": "correction", "key": "p1", "text": "The ferry leaves at nine. Tickets", "channel": "spoken"},
    {"kind": "visitor", "key": "v2", "text": "Yes.", "channel": "spoken"},
]


def report(number, transcript, **metadata):
    metadata = {"start_time_unix_secs": BEGAN, "call_duration_secs": 11 + number, "cost": number, **metadata}
    data = {"status": "done", "transcript": transcript, "metadata": metadata}
    return "post_call_transcription", BEGAN + 100 + number, data


EVENTS = {
    "first report": report(1, SAID[:2]),
    "second report": report(2, SAID, termination_reason="Call ended by remote party"),
    "recording": ("post_call_audio", BEGAN + 90, {"full_audio": base64.b64encode(b"ID3 sound").decode()}),
    "failure": ("call_initiation_failure", BEGAN + 300, {"failure_reason": "busy", "metadata": {}}),
}


class Call:
    """A call of a new thread, with one question looked up in it, of which nothing is told yet."""

    def __init__(self, persona):
        thread = Conversation.objects.create(persona=persona, visitor=uuid.uuid4())
        self.session = Session.objects.create(
            conversation=thread, elevenlabs_conversation_id=f"conv_{uuid.uuid4().hex}",
            started_at=datetime.fromtimestamp(BEGAN, UTC),
        )  # fmt: skip
        ToolCall.objects.create(
            session=self.session, function="f", outcome="answered", citations=[CITATION],
            at=datetime.fromtimestamp(BEGAN + 5, UTC),
        )  # fmt: skip

    def deliver(self, name):
        kind, timestamp, data = EVENTS[name]
        data = {"conversation_id": self.session.elevenlabs_conversation_id, **data}
        body = json.dumps({"type": kind, "event_timestamp": timestamp, "data": data}).encode()
        delivery, new = conversations.keep(body)
        if new:
            conversations.record(delivery)

    def tell(self, number):
        """The page's next event; after the last one it hangs up."""
        letters.read(self.session, [HEARD[number]])
        if number == len(HEARD) - 1:
            sessions.end(self.session, "hung up")

    def sweep(self):
        """What the minute's sweep does."""
        for delivery in Delivery.objects.waiting().filter(subject=self.session.elevenlabs_conversation_id):
            conversations.record(delivery)

    def rows(self):
        """Everything that is kept of it, without the numbers that rows happen to have."""
        session = Session.objects.get(pk=self.session.pk)
        turns = [
            (turn.key.replace(f":{session.pk}:", ":"), turn.at, turn.speaker, turn.text, turn.full_text,
             turn.interrupted, turn.citations, [call.function for call in turn.tool_calls.all()])
            for turn in session.conversation.turns.order_by("at", "id")
        ]  # fmt: skip
        recording = session.recording.read() if session.recording else b""
        figures = [session.status, session.ended_at, session.ending, session.end_reason, session.duration_secs,
                   session.cost_credits, session.report_timestamp, session.failure, recording]  # fmt: skip
        return turns, figures


def happen(persona, names, cuts=(0, 0, 0, 0)):
    """The deliveries in that order; the page's n-th event comes before the delivery at place ``cuts[n]``."""
    call, told = Call(persona), 0
    for place, name in enumerate([*names, None]):
        while told < len(HEARD) and (cuts[told] <= place or name is None):
            call.tell(told)
            told += 1
        if name:
            call.deliver(name)
    call.sweep()
    return call.rows()


def test_the_thread_of_all_reports_and_the_page_is_whole_and_in_order(persona):
    turns, figures = happen(persona, EVENTS)
    assert [(key, text) for key, _, _, text, *_ in turns] == [
        ("report:0", "Good morning."),
        ("call:v1", "when does the fairy leave"),
        ("call:p1", "The ferry leaves at nine. Tickets"),
        ("call:v2", "Yes."),
        ("report:4", "Yes."),
    ]
    assert turns[2][4:] == ("The ferry leaves at nine. Tickets are on board.", True, [CITATION], ["f"])
    status, ended, ending, reason, seconds, *_ = figures
    assert (status, ending, reason, seconds) == ("done", "The line was busy.", "hung up", 13)
    assert ended == datetime.fromtimestamp(BEGAN + 13, UTC)


# Without looking for the shortest of failing orders, which would take minutes.
FEW = {
    "deadline": None,
    "phases": (Phase.explicit, Phase.generate),
    "suppress_health_check": [HealthCheck.function_scoped_fixture],
}
PLACES = st.lists(st.integers(0, 4), min_size=4, max_size=4).map(sorted)


@settings(max_examples=2, **FEW)
@given(cuts=st.lists(PLACES, min_size=24, max_size=24))
def test_all_24_orders_of_four_deliveries_and_the_pages_events_end_in_the_same_rows(persona, cuts):
    wanted = happen(persona, EVENTS)
    for number, names in enumerate(permutations(EVENTS)):
        assert happen(persona, names, cuts[number]) == wanted, (names, cuts[number])


@settings(max_examples=5, **FEW)
@given(st.lists(st.sampled_from(sorted(EVENTS)), max_size=8))
def test_deliveries_that_come_again_and_again_change_nothing(persona, again):
    assert happen(persona, [*EVENTS, *again]) == happen(persona, EVENTS)


def test_reports_before_their_sessions_row_wait_and_end_in_the_same_rows(persona):
    wanted = happen(persona, EVENTS)
    call = Call(persona)
    conversation_id = call.session.elevenlabs_conversation_id
    Session.objects.filter(pk=call.session.pk).update(elevenlabs_conversation_id="not yet known")
    for name in EVENTS:
        call.deliver(name)
    assert Delivery.objects.filter(subject=conversation_id, read_at=None).count() == len(EVENTS)
    Session.objects.filter(pk=call.session.pk).update(elevenlabs_conversation_id=conversation_id)
    for number in range(len(HEARD)):
        call.tell(number)
    call.sweep()
    assert call.rows() == wanted


def test_a_call_begun_elsewhere_is_the_same_thread_whichever_report_came_first(persona):
    persona.agent.elevenlabs_agent_id = "agent_elsewhere"
    persona.agent.save()
    seen = set()
    for names in permutations(["second report", "recording", "failure"]):
        conversation_id = f"conv_{uuid.uuid4().hex}"
        for name in names:
            kind, timestamp, data = EVENTS[name]
            data = {"conversation_id": conversation_id, "agent_id": "agent_elsewhere", **data}
            conversations.keep(json.dumps({"type": kind, "event_timestamp": timestamp, "data": data}).encode())
        rows = Delivery.objects.filter(subject=conversation_id).order_by("pk")
        rows.update(received_at=timezone.now() - timedelta(minutes=16))
        for delivery in rows:
            conversations.record(delivery)
        session = Session.objects.get(elevenlabs_conversation_id=conversation_id)
        assert session.conversation.elsewhere
        texts = tuple(session.conversation.turns.values_list("text", flat=True))
        seen.add((texts, session.status, session.ending, session.started_at, session.conversation.started_at))
    assert len(seen) == 1
    assert Turn.objects.filter(key__startswith="report:").exists()
