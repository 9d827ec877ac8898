"""What ElevenLabs says of a phone call that wants to begin: read strictly, and never repeated."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.voice.lifting import CALLED, ringing_body
from voice import lines
from voice.refusals import BadCall


def refusal(content):
    content = content if isinstance(content, bytes) else json.dumps(content).encode()
    with pytest.raises(BadCall) as refused:
        lines.read(content)
    return str(refused.value.detail)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"called_number": None}, "called_number"),
        ({"called_number": 15551234567}, "called_number"),
        ({"called_number": "+"}, "called_number"),
        ({"called_number": "harbour"}, "called_number"),
        ({"called_number": "+" + "1" * 32}, "called_number"),
        ({"called_number": "+١٥٥٥١٢٣٤٥٦٧"}, "called_number"),
        ({"called_number": "+1555123\n"}, "called_number"),
        ({"caller_id": 7}, "caller_id"),
        ({"caller_id": "+" + "1" * 64}, "caller_id"),
        ({"agent_id": ["agent_1"]}, "agent_id"),
        ({"agent_id": "x" * 256}, "agent_id"),
        ({"call_sid": ""}, "call_sid"),
        ({"call_sid": "C" * 129}, "call_sid"),
        ({"call_sid": "CA\x00"}, "call_sid"),
        ({"conversation_id": "x" * 256}, "conversation_id"),
        ({"conversation_id": "phone:1"}, "conversation_id"),
        ({"conversation_id": "cönv"}, "conversation_id"),
    ],
)
def test_a_wrong_shape_is_refused_with_the_field_named(change, named):
    assert refusal(ringing_body(**change)).startswith(named)


@pytest.mark.parametrize("left_out", ["agent_id", "called_number", "call_sid"])
def test_what_is_missing_is_named(left_out):
    body = ringing_body()
    del body[left_out]
    assert left_out in refusal(body)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"1", b"NaN", b"\xff\xfe", b"[" * 8_000])
def test_what_is_no_json_object_is_refused(content):
    assert refusal(content).startswith("body: ")


@given(st.dictionaries(st.sampled_from(list(ringing_body())), st.text() | st.integers() | st.none()))
def test_whatever_is_said_the_refusal_never_repeats_it(changes):
    body = {**ringing_body(), **changes}
    try:
        ring = lines.read(json.dumps(body).encode("utf-8", "surrogatepass"))
    except BadCall as said:
        assert not [value for value in changes.values() if len(str(value)) > 8 and str(value) in str(said.detail)]
    else:
        assert (ring.agent_id, ring.called, ring.call_sid) == (
            body["agent_id"],
            body["called_number"],
            body["call_sid"],
        )


def test_what_newer_integrations_add_is_left_alone():
    assert lines.read(json.dumps(ringing_body(region="us1")).encode()).called == CALLED
