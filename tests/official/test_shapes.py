"""The measure itself: what the SDK's own models would let through, the stricter check does not."""

import pytest
from elevenlabs.types import AgentPlatformSettingsRequestModel, ConversationalConfig, ToolRequestModel

from tests.official.endpoints import catalogue, endpoint_of
from tests.official.requests import body_faults, query_faults
from tests.official.shapes import problems

TOOL = {
    "tool_config": {
        "type": "webhook",
        "name": "look_up",
        "description": "Looks up.",
        "api_schema": {"url": "https://example.org", "method": "POST"},
    }
}


@pytest.mark.parametrize(
    ("model", "value", "said"),
    [
        (ConversationalConfig, {"tts": {"pitch": 1}}, ".tts.pitch is not declared by TtsConversationalConfigOutput"),
        (ConversationalConfig, {"tts": {"stability": "much"}}, ".tts.stability: 'much' is no float"),
        (ConversationalConfig, {"tts": {"stability": True}}, ".tts.stability: True is no float"),
        (
            ConversationalConfig,
            {"turn": {"turn_eagerness": "very"}},
            ".turn.turn_eagerness: 'very' is none of the known words",
        ),
        (ConversationalConfig, {"agent": {"prompt": {"tool_ids": [7]}}}, ".agent.prompt.tool_ids[0]: 7 is no str"),
        (
            AgentPlatformSettingsRequestModel,
            {"evaluation": {"criteria": [{"id": "a"}]}},
            ".evaluation.criteria[0].name is missing",
        ),
        (ToolRequestModel, {}, ".tool_config is missing"),
        (
            ToolRequestModel,
            {"tool_config": {**TOOL["tool_config"], "colour": "red"}},
            ".tool_config.colour is not declared by ToolRequestModelToolConfig_Webhook",
        ),
    ],
)
def test_what_the_sdk_lets_pass_is_found_and_told_with_its_place(model, value, said):
    assert said in problems(model, value)


def test_what_is_right_is_left_alone():
    assert problems(ToolRequestModel, TOOL) == []


def test_the_catalogue_is_read_from_the_sdks_source():
    update = endpoint_of("PATCH", "/v1/convai/agents/agent_1")
    assert (update.name, update.path) == ("conversational_ai.agents.update", "/v1/convai/agents/{agent_id}")
    assert update.body["conversation_config"] is not None
    assert endpoint_of("GET", "/v1/convai/agents/summaries").name == "conversational_ai.agents.summaries.get"
    assert len(catalogue()) > 200
    with pytest.raises(LookupError, match="no GET /v1/convai/wishes"):
        endpoint_of("GET", "/v1/convai/wishes")


def test_a_bodys_fields_are_the_sdk_methods_arguments():
    create = endpoint_of("POST", "/v1/convai/secrets")
    assert list(body_faults(create, {"type": "new", "name": "a", "value": "b"})) == []
    assert "body.value is missing" in body_faults(create, {"type": "new", "name": "a"})
    assert "body.hint is not declared by conversational_ai.secrets.create" in body_faults(create, {"hint": "x"})
    assert any("body.type" in said for said in body_faults(create, {"type": "old", "name": "a", "value": "b"}))
    assert body_faults(endpoint_of("GET", "/v1/user"), {"a": 1}) == ["user.get takes no body"]


@pytest.mark.parametrize(
    ("query", "fits"),
    [
        ({"page_size": ["100"], "tags": ["a", "b"], "sort_direction": ["asc"], "archived": ["false"]}, True),
        ({"page_size": ["many"]}, False),
        ({"sort_direction": ["up"]}, False),
        ({"archived": ["no"]}, False),
        ({"colour": ["red"]}, False),
        ({"page_size": ["1", "2"]}, False),
    ],
)
def test_query_parameters_are_known_and_of_their_type(query, fits):
    assert (not list(query_faults(endpoint_of("GET", "/v1/convai/agents"), query))) is fits


def test_a_parameter_that_is_demanded_is_missed():
    signed = endpoint_of("GET", "/v1/convai/conversation/get-signed-url")
    assert list(query_faults(signed, {})) == ["?agent_id is missing"]
