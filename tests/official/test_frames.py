"""The measure for frames: what is undeclared, missing, mistyped or in the wrong order is found."""

import pytest

from tests.official.frames import declared, frame_faults

PING = {"ping_event": {"event_id": 1, "ping_ms": None}, "type": "ping"}
PART = {"text_response_part": {"text": "", "type": "start", "event_id": 4}, "type": "agent_chat_response_part"}


@pytest.mark.parametrize("frame", [PING, PART, {"ping_event": {"event_id": 1}, "type": "ping"}])
def test_a_frame_as_it_is_declared_has_no_faults(frame):
    assert frame_faults(frame) == []


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        ({"type": "wish"}, "no frame has the type 'wish'"),
        ({"type": "ping", "ping_event": {"event_id": 1}}, "ping: type is not the last key"),
        ({"ping_event": {}, "type": "ping"}, "ping.ping_event.event_id is missing"),
        ({"ping_event": {"event_id": "1"}, "type": "ping"}, "ping.ping_event.event_id: '1' is no number"),
        ({"ping_event": {"event_id": True}, "type": "ping"}, "ping.ping_event.event_id: True is no number"),
        ({**PING, "ping_event": {"event_id": 1, "mood": "good"}}, "ping.ping_event.mood is not declared"),
        ({"ping": {"event_id": 1}, "type": "ping"}, "ping.ping is not declared"),
        (
            {"text_response_part": {"text": "", "type": "begin", "event_id": 4}, "type": "agent_chat_response_part"},
            "agent_chat_response_part.text_response_part.type: 'begin' is no \"start\"",
        ),
        (
            {"error_event": {"code": 3000, "message": "no"}, "type": "error"},
            "error.error_event.code: 3000 is no 1000",
        ),
        ({"queue_status_event": {"status": "bored"}, "type": "queue_status"}, "queue_status.queue_status_event.status"),
    ],
)
def test_a_frame_that_is_otherwise_is_told_with_its_place(frame, said):
    assert any(told.startswith(said) for told in frame_faults({name: frame[name] for name in frame}))


def test_the_package_is_read_whole():
    interfaces, aliases = declared()
    assert interfaces["AudioEventAlignment"]["chars"] == ("string[]", True)
    assert interfaces["AgentResponseEvent"]["attachments"] == ("AgentResponseAttachment[]", False)
    assert '"max_duration_exceeded"' in aliases["ErrorEventErrorType"]
