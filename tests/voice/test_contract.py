"""The schema says what the doors do: as strict as the parsers behind them, and no address is forgotten."""

import json
import uuid

import pytest
from django.core.management import call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from voice import calls, lines, tools, urls
from voice.contract import machines, routes
from voice.refusals import BadCall, error

PERSONA_ID = "0197c0de-2f6a-7c11-9f3b-5a1e1d1c0de5"
HIDDEN = st.text("\u200b\u200c\u200d\u00ad \t\n\u2028\u3000\x00\x1f\x85\ufeff\U000e0001", max_size=3)
ANYTHING = st.one_of(st.none(), st.booleans(), st.integers(-9, 9), st.text(max_size=3), st.just([]), st.just({}))
IDS = st.one_of(st.text(max_size=3), st.sampled_from(["a" * 255, "a" * 256, "conv_1", "conv_1\n", "phone:1", "é"]))
TOOL_CALLS = st.fixed_dictionaries(
    {},
    optional={
        "function_name": st.sampled_from([tools.TOOL_NAME, tools.TOOL_NAME, "other"]) | ANYTHING,
        "parameters": st.fixed_dictionaries(
            {},
            optional={
                "query": HIDDEN | st.text(max_size=4) | st.sampled_from(["q", "a" * 1000, "a" * 1001]) | ANYTHING,
                "persona_id": st.uuids().map(str)
                | st.sampled_from(
                    [PERSONA_ID.upper(), f"{{{PERSONA_ID}}}", uuid.UUID(PERSONA_ID).hex, PERSONA_ID + "\n"]
                )
                | ANYTHING,
                "more": ANYTHING,
            },
        )
        | ANYTHING,
        "conversation_id": IDS | ANYTHING,
        "call": st.text(max_size=70) | ANYTHING,
        "more": ANYTHING,
    },
)
NUMBERS = st.sampled_from(["+15551234567", "1", "+1", "1" * 32, "1" * 33, "+1 5", "+1\n", "１２"])
RINGS = st.fixed_dictionaries(
    {},
    optional={
        "agent_id": IDS | ANYTHING,
        "called_number": NUMBERS | ANYTHING,
        "call_sid": IDS | st.sampled_from(["a" * 128, "a" * 129]) | ANYTHING,
        "caller_id": NUMBERS | st.sampled_from(["", "a" * 64, "a" * 65]) | ANYTHING,
        "conversation_id": IDS | ANYTHING,
        "more": ANYTHING,
    },
)
WHOLE_CALL = {
    "function_name": tools.TOOL_NAME,
    "parameters": {"query": "When?", "persona_id": PERSONA_ID},
    "conversation_id": "conv_1",
}
WHOLE_RING = {"agent_id": "agent_1", "called_number": "+15551234567", "call_sid": "CA1"}


def refusal(read, body):
    """The code with which the parser behind a door refuses, or None."""
    try:
        read(json.dumps(body).encode())
    except BadCall as problem:
        return error(problem)["code"]
    return None


def described_refusal(shape, body):
    """The same by the schema. A wrong type anywhere comes before an unknown word."""
    described = shape(data=body)
    if described.is_valid():
        return None
    codes = set(flat(described.errors))
    return (
        "unknown_function"
        if "unknown_function" in codes and not codes & {"type", "required", "null", "invalid"}
        else "bad_request"
    )


def flat(errors):
    for found in errors.values():
        if isinstance(found, dict):
            yield from flat(found)
        else:
            yield from (detail.code for detail in found)


@settings(max_examples=400, deadline=None, derandomize=True)
@given(TOOL_CALLS.map(lambda change: WHOLE_CALL | change) | TOOL_CALLS)
def test_a_tool_call_is_taken_and_refused_as_the_schema_says(body):
    assert refusal(lambda data: calls.read(data, tools.FUNCTIONS), body) == described_refusal(machines.ToolCall, body)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(TOOL_CALLS.map(lambda change: {**WHOLE_CALL, "parameters": change.get("parameters", {})}))
def test_a_question_is_taken_and_refused_as_the_schema_says(body):
    assert refusal(lambda data: calls.read(data, tools.FUNCTIONS), body) == described_refusal(machines.ToolCall, body)


@settings(max_examples=400, deadline=None, derandomize=True)
@given(RINGS.map(lambda change: WHOLE_RING | change) | RINGS)
def test_a_ringing_phone_is_taken_and_refused_as_the_schema_says(body):
    assert refusal(lines.read, body) == described_refusal(machines.Ring, body)


def test_what_the_whole_bodies_hold_is_taken():
    assert refusal(lambda data: calls.read(data, tools.FUNCTIONS), WHOLE_CALL) is None
    assert refusal(lines.read, WHOLE_RING) is None


def test_every_address_is_described_or_is_for_people():
    live = {str(route.pattern) for route in urls.urlpatterns if route.name not in routes.FOR_PEOPLE}
    assert live == {str(route.pattern) for route in routes.PATTERNS}, (
        "describe new doors in voice/contract/routes.py, or name a new page in FOR_PEOPLE there"
    )
    assert {route.name for route in urls.urlpatterns} >= routes.FOR_PEOPLE


def test_a_door_has_the_proof_of_its_kind():
    proofs = {path: list(door.values())[0]["security"] for path, door in routes.schema()["paths"].items()}
    assert proofs["/elevenlabs/function-call"] == [{"serviceToken": []}]
    assert proofs["/elevenlabs/post-call"] == [{"signature": []}]
    assert proofs["/chat/{slug}/say/"] == [{"csrf": []}]


def test_the_schema_is_valid_and_complete(tmp_path):
    file = tmp_path / "schema.json"
    call_command("spectacular", "--validate", "--fail-on-warn", "--format", "openapi-json", "--file", str(file))
    assert json.loads(file.read_text()) == json.loads(json.dumps(routes.schema()))


def test_every_example_of_the_schema_is_one_that_it_allows():
    for shape, name in (
        (machines.ToolCall, "/elevenlabs/function-call"),
        (machines.Ring, "/elevenlabs/conversation-start"),
    ):
        content = routes.schema()["paths"][name]["post"]["requestBody"]["content"]["application/json"]
        (example,) = content["examples"].values()
        assert shape(data=example["value"]).is_valid()


@pytest.mark.django_db
def test_staff_get_the_schema_and_nobody_else_does(client, staff):
    assert staff.get("/api/schema/").json()["info"]["title"] == "Clone Advisor"


@pytest.mark.django_db
def test_without_a_login_the_schema_is_not_shown(client):
    answer = client.get("/api/schema/")
    assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/admin/login/")


@pytest.mark.django_db
def test_staff_who_are_no_operators_do_not_get_the_schema(client, django_user_model):
    client.force_login(django_user_model.objects.create_user("ben", is_staff=True))
    assert client.get("/api/schema/").status_code == 403


def test_the_schema_is_made_once_for_all_who_ask():
    assert routes.schema() is routes.schema()
