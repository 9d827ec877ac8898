"""Agents over REST, through the official Python SDK."""

import httpx
import pytest
from elevenlabs.core.api_error import ApiError

from tests.standin.completeness import missing_fields


def refusal(call, *arguments, **named):
    with pytest.raises(ApiError) as raised:
        call(*arguments, **named)
    return raised.value


def test_an_agent_comes_back_as_it_was_made_with_the_defaults_filled_in(api, make_agent):
    agent = api.agents.get(make_agent({"tts": {"speed": 0.9}}))
    assert agent.name == "Lamps"
    assert agent.conversation_config.agent.first_message == "Ask me."
    assert agent.conversation_config.tts.speed == 0.9
    assert agent.conversation_config.tts.model_id == "eleven_flash_v2"
    assert agent.conversation_config.turn.turn_eagerness == "normal"
    assert agent.platform_settings.auth.enable_auth is False
    assert missing_fields(agent) == []


def test_an_update_merges_and_lists_are_replaced(api, make_agent):
    agent_id = make_agent({"agent": {"prompt": {"prompt": "Old."}}}, {"data_collection": {}})
    changed = api.agents.update(
        agent_id, conversation_config={"agent": {"prompt": {"prompt": "New."}}}, tags=["one", "two"], name="Torches"
    )
    assert changed.conversation_config.agent.prompt.prompt == "New."
    assert changed.conversation_config.agent.first_message == "Ask me."
    assert (changed.name, changed.tags) == ("Torches", ["one", "two"])
    assert api.agents.update(agent_id, tags=["three"]).tags == ["three"]


def test_every_update_is_a_new_version(api, make_agent):
    agent_id = make_agent()
    before = api.agents.get(agent_id).version_id
    assert api.agents.update(agent_id, name="Other").version_id != before


def test_a_deleted_agent_is_gone(api, make_agent):
    agent_id = make_agent()
    api.agents.delete(agent_id)
    assert refusal(api.agents.get, agent_id).status_code == 404


def test_an_unknown_agent_is_not_found_in_their_words(api):
    error = refusal(api.agents.get, "agent_nobody")
    assert error.status_code == 404
    assert error.body["detail"]["status"] == "document_not_found"
    assert error.body["detail"]["message"] == "Agent with ID 'agent_nobody' not found."


def test_agents_are_listed_in_pages_and_none_comes_twice(api, make_agent):
    made = {make_agent(name=f"Agent {number}") for number in range(5)}
    seen, cursor = [], None
    while True:
        page = api.agents.list(page_size=2, cursor=cursor)
        assert missing_fields(page) == []
        seen += [agent.agent_id for agent in page.agents]
        cursor = page.next_cursor
        if not page.has_more:
            break
    assert len(seen) == 5
    assert set(seen) == made


def test_agents_are_found_by_name_and_by_tag(api, make_agent):
    lamp, torch = make_agent(name="Lamp seller"), make_agent(name="Torch seller")
    api.agents.update(torch, tags=["clone-advisor", "persona:7"])
    assert [agent.agent_id for agent in api.agents.list(search="lamp").agents] == [lamp]
    assert [agent.agent_id for agent in api.agents.list(tags=["persona:7"]).agents] == [torch]
    assert api.agents.list(tags=["persona:8"]).agents == []


def test_a_duplicate_is_an_agent_of_its_own(api, make_agent):
    agent_id = make_agent()
    twin = api.agents.duplicate(agent_id, name="Twin").agent_id
    api.agents.delete(agent_id)
    assert api.agents.get(twin).name == "Twin"


def test_an_agent_without_conversation_config_is_refused_in_the_shape_of_fastapi(url):
    answer = httpx.post(f"{url}/v1/convai/agents/create", headers={"xi-api-key": "k"}, json={"name": "x"})
    assert answer.status_code == 422
    assert answer.json()["detail"] == [
        {"loc": ["body", "conversation_config"], "msg": "Field required", "type": "missing"}
    ]


@pytest.mark.parametrize(
    ("config", "where"),
    [
        ({"tts": {"speed": 1.3}}, "speed"),
        ({"tts": {"speed": 0.6}}, "speed"),
        ({"tts": {"stability": 1.1}}, "stability"),
        ({"tts": {"similarity_boost": "much"}}, "similarity_boost"),
        ({"tts": {"model_id": "eleven_nonsense"}}, "model_id"),
        ({"agent": {"language": "English"}}, "language"),
        ({"agent": {"prompt": "just a text"}}, "prompt"),
        ({"conversation": {"client_events": ["audio", "everything"]}}, "1"),
        ({"conversation": {"max_duration_seconds": 0}}, "max_duration_seconds"),
        ({"asr": {"keywords": ["word"] * 51}}, "keywords"),
        ({"agent": {"dynamic_variables": {"dynamic_variable_placeholders": {"system__x": 1}}}}, "system__x"),
    ],
)
def test_a_setting_out_of_range_is_refused_and_named(api, config, where):
    error = refusal(api.agents.create, conversation_config=config)
    assert error.status_code == 422
    assert str(error.body["detail"][0]["loc"][-1]) == where


@pytest.mark.parametrize(
    ("language", "model", "fits"),
    [
        ("en", "eleven_flash_v2", True),
        ("en", "eleven_turbo_v2", True),
        ("en", "eleven_flash_v2_5", False),
        ("de", "eleven_flash_v2", False),
        ("de", "eleven_flash_v2_5", True),
        ("es", "eleven_multilingual_v2", True),
        ("en", "eleven_v3_conversational", True),
    ],
)
def test_the_speech_model_must_fit_the_language(api, language, model, fits):
    config = {"agent": {"language": language}, "tts": {"model_id": model}}
    if fits:
        assert api.agents.create(conversation_config=config).agent_id
    else:
        assert refusal(api.agents.create, conversation_config=config).status_code == 400


def test_changing_only_the_language_of_an_english_agent_is_refused(api, make_agent):
    agent_id = make_agent()
    assert refusal(api.agents.update, agent_id, conversation_config={"agent": {"language": "de"}}).status_code == 400
    assert api.agents.get(agent_id).conversation_config.agent.language == "en"


def test_an_unknown_voice_is_refused(api):
    error = refusal(api.agents.create, conversation_config={"tts": {"voice_id": "nobody"}})
    assert error.body["detail"]["status"] == "voice_not_found"


def test_an_unknown_tool_is_refused(api):
    error = refusal(api.agents.create, conversation_config={"agent": {"prompt": {"tool_ids": ["tool_x"]}}})
    assert error.status_code == 404


def test_inline_tools_and_tool_ids_together_are_refused(api, make_tool):
    tool = make_tool("http://127.0.0.1:1/tool")
    inline = {"type": "client", "name": "beep", "description": "Beeps."}
    prompt = {"tool_ids": [tool.id], "tools": [inline]}
    error = refusal(api.agents.create, conversation_config={"agent": {"prompt": prompt}})
    assert error.status_code == 422
    assert "both_tools_and_tool_ids_provided" in str(error.body)
