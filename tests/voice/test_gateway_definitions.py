"""Whatever staff can set on a persona, its agent and tool are what the official SDK's types know and the stand-in takes."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personas.languages import LANGUAGES
from personas.models import Persona
from tests.conftest import ROOT
from tests.official.endpoints import catalogue
from tests.official.requests import body_faults
from voice.agents import commands, definitions
from voice.standin import definitions as standin_definitions
from voice.standin import schemas, voices
from voice.standin.store import Store

SHARED = definitions.Shared("6f1c", "secret_1", "webhook_1")
CODES = [code for code, _name in LANGUAGES]
SPOKEN = ROOT / "node_modules/@elevenlabs/types/generated/types/asyncapi-types.ts"
words = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60)


def between(low, high):
    return st.one_of(st.just(low), st.just(high), st.floats(low, high))


personas = st.builds(
    Persona,
    name=words.filter(str.strip),
    instructions=st.one_of(words, st.just("Answer briefly. " * 1250)),
    first_message=st.one_of(st.just(""), words, st.just("Welcome! " * 55)),
    fallback_message=st.one_of(words.filter(str.strip), st.just("No. " * 75)),
    spoken_style=words,
    strictness=st.sampled_from(Persona.Strictness.values),
    language=st.sampled_from(CODES),
    extra_languages=st.lists(st.sampled_from(CODES), max_size=5),
    voice_id=st.sampled_from(["", *voices.VOICES]),
    stability=between(0.0, 1.0),
    similarity_boost=between(0.0, 1.0),
    speed=between(0.7, 1.2),
)


@pytest.fixture(scope="module")
def workspace():
    """A stand-in's memory that holds what the definitions name."""
    store = Store()
    store.secrets["secret_1"] = store.webhooks["webhook_1"] = store.tools["tool_1"] = {}
    return store


@given(persona=personas)
@settings(deadline=None, max_examples=40)
def test_the_sdks_types_know_every_field_of_any_personas_agent_and_tool(persona):
    agent = definitions.agent(persona, SHARED, "tool_1")
    tool = definitions.tool(persona, SHARED)
    for address in (("POST", "/v1/convai/agents/create"), ("PATCH", "/v1/convai/agents/{}")):
        assert body_faults(catalogue()[address], agent) == []
    for address in (("POST", "/v1/convai/tools"), ("PATCH", "/v1/convai/tools/{}")):
        assert body_faults(catalogue()[address], tool) == []


@given(persona=personas)
@settings(deadline=None, max_examples=40)
def test_the_stand_in_takes_any_personas_agent_and_tool(workspace, persona):
    agent = definitions.agent(persona, SHARED, "tool_1")
    standin_definitions.check_shape(agent, required=("conversation_config",))
    standin_definitions.check_meaning(standin_definitions.complete(agent), workspace)
    schemas.complete_tool(definitions.tool(persona, SHARED), workspace)


@pytest.mark.parametrize("name", commands.NAMES)
def test_every_command_is_a_tool_that_the_sdks_types_know_and_the_stand_in_takes(workspace, name):
    tool = commands.tools("6f1c")[name]
    for address in (("POST", "/v1/convai/tools"), ("PATCH", "/v1/convai/tools/{}")):
        assert body_faults(catalogue()[address], tool) == []
    assert schemas.complete_tool(tool, workspace)["type"] == "client"


def test_every_language_a_persona_may_have_is_one_that_elevenlabs_speaks():
    listed = re.search(r"type ConversationConfigOverrideAgentLanguage =(.*?);", SPOKEN.read_text(), re.DOTALL)[1]
    assert set(CODES) <= set(re.findall(r'"([^"]+)"', listed))


def test_a_field_that_the_sdk_does_not_know_would_be_found():
    agent = definitions.agent(Persona(name="Guide"), SHARED, "tool_1")
    agent["platform_settings"]["privacy"]["keep_days"] = 3
    (said,) = body_faults(catalogue()["POST", "/v1/convai/agents/create"], agent)
    assert said.startswith("body.platform_settings.privacy.keep_days is not declared by")
