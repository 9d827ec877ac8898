"""Changed by hand at ElevenLabs: found field by field, adopted or overwritten as staff decide, never silently undone."""

import pytest

from personas.models import Persona
from tests.voice.test_agents import fresh
from voice import agents, gateway, tasks, watch
from voice.agents import adopting, definitions, drift, plans
from voice.models import Agent, Alert, PhoneNumber

pytestmark = pytest.mark.django_db
LONG = "conversation_config.turn.turn_timeout"


@pytest.fixture
def persona(standin, make_persona):
    return make_persona(slug="harbour-guide", instructions="Be brief.")


@pytest.fixture
def agent(persona):
    """In step."""
    agent = agents.note(persona)
    agents.sync(agent)
    return fresh(agent)


@pytest.fixture
def by_hand(standin, agent):
    """`by_hand(name=…, first_message=…)` changes the agent as somebody does in the dashboard, and looks."""

    def change(agent_part=None, tts=None, look=True, **fields):
        config = {name: value for name, value in (("agent", agent_part), ("tts", tts)) if value}
        body = {**fields, **({"conversation_config": config} if config else {})}
        standin.http.patch(f"/v1/convai/agents/{agent.elevenlabs_agent_id}", json=body).raise_for_status()
        if look:
            drift.check(fresh(agent))
        return fresh(agent)

    return change


def there(standin, agent):
    return standin.agent(fresh(agent).elevenlabs_agent_id)


def found(agent):
    return {one["path"]: (one["ours"], one["there"]) for one in fresh(agent).drift}


def adopt(agent):
    return drift.adopt(fresh(agent), drift.mark(fresh(agent)))


def overwrite(agent):
    drift.overwrite(fresh(agent), drift.mark(fresh(agent)))
    agents.sync(fresh(agent))


def test_an_agent_nobody_touched_is_in_step_and_only_read(standin, agent):
    standin.forget_requests()
    before = agent.checked_at
    drift.check(agent)
    row = fresh(agent)
    assert (row.state, row.problem, row.drift) == ("in_step", "", [])
    assert row.checked_at > before
    assert len(standin.requests("GET")) == 2
    assert [standin.requests(method) for method in ("POST", "PATCH", "DELETE")] == [[], [], []]


def test_what_was_changed_by_hand_is_found_field_by_field_and_said_in_words(by_hand):
    row = by_hand(agent_part={"first_message": "Yo."}, tts={"speed": 1.1})
    assert row.state == "out_of_step"
    assert row.problem == "Changed by hand at ElevenLabs: first message, speed. Adopt it or overwrite it."
    assert found(row) == {
        "conversation_config.agent.first_message": ("Good morning.", "Yo."),
        "conversation_config.tts.speed": (1.0, 1.1),
    }


def test_a_speed_that_calls_may_not_choose_any_more_is_drift_and_is_put_back(standin, agent, by_hand):
    path = "platform_settings.overrides.conversation_config_override.tts.speed"
    overrides = {"conversation_config_override": {"tts": {"speed": False}}}
    assert found(by_hand(platform_settings={"overrides": overrides})) == {path: (True, False)}
    overwrite(agent)
    assert (
        there(standin, agent)["platform_settings"]["overrides"]["conversation_config_override"]["tts"]["speed"] is True
    )


def test_fields_that_no_sync_sets_are_watched_too(standin, agent, by_hand):
    turn = {"conversation_config": {"turn": {"turn_timeout": 12.0}}, "platform_settings": {"archived": True}}
    row = by_hand(**turn)
    assert found(row) == {LONG: (7.0, 12.0), "platform_settings.archived": (False, True)}


def test_the_tool_is_watched_as_the_agent_is(standin, agent):
    tool = standin.tools()[0]["tool_config"]
    tool["api_schema"]["url"] = "https://elsewhere.example/ask"
    standin.http.patch(f"/v1/convai/tools/{agent.tool_id}", json={"tool_config": tool}).raise_for_status()
    drift.check(agent)
    assert found(agent)["tool_config.api_schema.url"][1] == "https://elsewhere.example/ask"
    assert "the tool's address" in fresh(agent).problem


def test_what_was_changed_back_by_hand_is_in_step_again(by_hand):
    by_hand(name="Pilot")
    assert by_hand(name="Harbour guide").state == "in_step"


def test_the_minutes_sweep_leaves_what_was_changed_by_hand_alone(standin, agent, by_hand):
    row = by_hand(name="Pilot")
    assert row not in agents.waiting()
    tasks.sync_waiting_agents()
    agents.sync(row)
    assert there(standin, agent)["name"] == "Pilot"
    assert fresh(agent).state == "out_of_step"


def test_saving_a_persona_without_changing_its_agent_hides_no_drift(standin, persona, agent, by_hand):
    by_hand(name="Pilot")
    persona.tagline = "Knows the pier."
    persona.save()
    agents.sync(fresh(agent))
    assert (fresh(agent).state, there(standin, agent)["name"]) == ("out_of_step", "Pilot")


def test_an_edit_by_staff_overwrites_what_we_set_and_keeps_the_rest_in_sight(standin, persona, agent, by_hand):
    by_hand(name="Pilot", conversation_config={"turn": {"turn_timeout": 12.0}})
    persona.first_message = "Ahoy."
    persona.save()
    agents.sync(fresh(agent))
    assert there(standin, agent)["name"] == "Harbour guide"
    assert (fresh(agent).state, found(agent)) == ("out_of_step", {LONG: (7.0, 12.0)})


def test_an_edit_by_staff_hides_nothing_that_no_check_had_seen_yet(persona, agent, by_hand):
    by_hand(conversation_config={"turn": {"turn_timeout": 12.0}}, look=False)
    persona.first_message = "Ahoy."
    persona.save()
    agents.sync(fresh(agent))
    assert found(agent) == {LONG: (7.0, 12.0)}


def test_overwriting_puts_back_what_we_set_and_what_we_do_not(standin, agent, by_hand):
    by_hand(
        name="Pilot",
        conversation_config={"turn": {"turn_timeout": 12.0, "initial_wait_time": 3.0}},
        platform_settings={"auth": {"enable_auth": False}},
    )
    overwrite(agent)
    now = there(standin, agent)
    assert (now["name"], now["conversation_config"]["turn"]["turn_timeout"]) == ("Harbour guide", 7.0)
    assert now["conversation_config"]["turn"]["initial_wait_time"] is None
    assert now["platform_settings"]["auth"]["enable_auth"] is True
    assert (fresh(agent).state, fresh(agent).problem) == ("in_step", "")
    drift.check(fresh(agent))
    assert fresh(agent).state == "in_step"


def test_what_cannot_be_put_back_over_the_api_is_said_and_stays(standin, agent, by_hand):
    """A PATCH is laid over: it takes no name out of a map."""
    by_hand(platform_settings={"data_collection": {"age": {"type": "string", "description": "How old?"}}})
    overwrite(agent)
    row = fresh(agent)
    assert row.state == "out_of_step"
    assert "did not take back" in row.problem
    assert "data_collection.age" in row.problem


def test_adopting_writes_what_a_persona_has_a_field_for_and_sends_nothing(standin, persona, agent, by_hand):
    by_hand(agent_part={"first_message": "Yo."}, tts={"speed": 1.1, "stability": 0.3, "similarity_boost": 0.6})
    standin.forget_requests()
    verdicts = adopt(agent)
    persona.refresh_from_db()
    assert (persona.first_message, persona.speed, persona.stability, persona.similarity_boost) == ("Yo.", 1.1, 0.3, 0.6)
    assert {one.becomes for one in verdicts} == {"persona"}
    agents.sync(fresh(agent))
    assert (fresh(agent).state, fresh(agent).drift) == ("in_step", [])
    assert [standin.requests(method) for method in ("POST", "PATCH", "DELETE")] == [[], [], []]
    drift.check(fresh(agent))
    assert fresh(agent).state == "in_step"


def test_an_adoption_stands_in_the_personas_history_with_its_reason(persona, agent, by_hand):
    by_hand(agent_part={"first_message": "Yo."})
    adopt(agent)
    assert persona.history.first().history_change_reason.endswith(drift.REASON)


def test_language_and_voice_are_adopted(standin, persona, agent, by_hand):
    voice = gateway.voices()[-1].voice_id
    by_hand(agent_part={"language": "de"}, tts={"voice_id": voice, "model_id": "eleven_flash_v2_5"})
    adopt(agent)
    persona.refresh_from_db()
    assert (persona.language, persona.voice_id) == ("de", voice)


def test_the_instructions_are_adopted_when_nothing_else_in_the_prompt_was_changed(standin, persona, agent, by_hand):
    prompt = definitions.prompt(persona).replace("Be brief.", "Be brief, and kind.\n\nSay please.")
    by_hand(agent_part={"prompt": {"prompt": prompt}})
    adopt(agent)
    persona.refresh_from_db()
    assert persona.instructions == "Be brief, and kind.\n\nSay please."
    assert fresh(agent).state == "in_step"


def test_a_prompt_whose_rules_were_changed_is_not_adopted(persona, agent, by_hand):
    prompt = definitions.prompt(persona).replace("Be brief.", "Be kind.").replace("Never follow", "Always follow")
    by_hand(agent_part={"prompt": {"prompt": prompt}})
    (verdict,) = adopt(agent)
    assert verdict.stays
    assert "More than the instructions" in verdict.why
    persona.refresh_from_db()
    assert (persona.instructions, fresh(agent).state) == ("Be brief.", "out_of_step")


def test_what_we_do_not_set_becomes_the_new_normal(agent, by_hand):
    by_hand(conversation_config={"turn": {"turn_timeout": 12.0}})
    adopt(agent)
    assert fresh(agent).state == "in_step"
    drift.check(fresh(agent))
    assert fresh(agent).state == "in_step"
    by_hand(conversation_config={"turn": {"turn_timeout": 7.0}})
    assert found(agent) == {LONG: (12.0, 7.0)}


def test_an_open_door_is_not_adopted_and_not_closed_behind_ones_back(standin, persona, agent, by_hand):
    by_hand(agent_part={"first_message": "Yo."}, platform_settings={"auth": {"enable_auth": False}})
    verdicts = {one.difference.path: one for one in adopt(agent)}
    persona.refresh_from_db()
    assert persona.first_message == "Yo."
    assert "at your cost" in verdicts["platform_settings.auth.enable_auth"].why
    agents.sync(fresh(agent))
    assert fresh(agent).state == "out_of_step"
    assert found(agent) == {"platform_settings.auth.enable_auth": (True, False)}
    assert there(standin, agent)["platform_settings"]["auth"]["enable_auth"] is False
    overwrite(agent)
    assert there(standin, agent)["platform_settings"]["auth"]["enable_auth"] is True
    assert fresh(agent).state == "in_step"


def test_a_tools_address_is_not_adopted(standin, agent):
    tool = standin.tools()[0]["tool_config"]
    tool["api_schema"]["url"] = "https://elsewhere.example/ask"
    standin.http.patch(f"/v1/convai/tools/{agent.tool_id}", json={"tool_config": tool}).raise_for_status()
    drift.check(agent)
    assert {one.stays for one in adopt(agent)} == {True}
    overwrite(agent)
    assert standin.tools()[0]["tool_config"]["api_schema"]["url"].endswith("/elevenlabs/function-call")
    assert fresh(agent).state == "in_step"


def test_an_adopted_name_follows_into_the_prompt(standin, persona, agent, by_hand):
    by_hand(name="Maren")
    adopt(agent)
    assert fresh(agent).state == "waiting"
    agents.sync(fresh(agent))
    assert "You are Maren." in there(standin, agent)["conversation_config"]["agent"]["prompt"]["prompt"]
    drift.check(fresh(agent))
    assert fresh(agent).state == "in_step"


def test_what_a_persona_may_not_have_is_not_adopted_and_said_why(persona, agent, by_hand):
    by_hand(agent_part={"first_message": "Hello {{visitor}}."}, name="x" * 90)
    verdicts = {one.difference.path: one.why for one in adopt(agent)}
    assert "would be left empty and end the call" in verdicts["conversation_config.agent.first_message"]
    assert "at most 80 characters" in verdicts["name"]
    persona.refresh_from_db()
    assert (persona.name, persona.first_message) == ("Harbour guide", "Good morning.")


def test_a_name_with_a_variable_is_not_adopted_since_it_stands_in_the_prompt(persona, agent, by_hand):
    by_hand(name="{{visitor}}")
    verdicts = {one.difference.path: one.why for one in adopt(agent)}
    assert "would be left empty and end the call" in verdicts["name"]
    persona.refresh_from_db()
    assert persona.name == "Harbour guide"


def test_what_no_database_keeps_is_shown_with_a_mark_in_its_place(agent, by_hand):
    by_hand(agent_part={"first_message": "Good\0bye."}, platform_settings={"evaluation": {"a\0b": "\0"}})
    assert found(agent)["conversation_config.agent.first_message"] == ("Good morning.", "Good\ufffdbye.")


@pytest.mark.parametrize("settle", [drift.adopt, drift.overwrite])
def test_what_moved_since_it_was_shown_is_looked_at_again_first(standin, persona, agent, by_hand, settle):
    shown = drift.mark(by_hand(agent_part={"first_message": "Yo."}))
    by_hand(agent_part={"first_message": "Hey."})
    with pytest.raises(drift.Moved, match="nothing was done"):
        settle(fresh(agent), shown)
    persona.refresh_from_db()
    assert (persona.first_message, fresh(agent).state) == ("Good morning.", "out_of_step")
    assert there(standin, agent)["conversation_config"]["agent"]["first_message"] == "Hey."


@pytest.mark.parametrize("settle", [drift.adopt, drift.overwrite])
def test_while_a_sync_is_on_its_way_nothing_is_settled(persona, agent, by_hand, settle):
    """Adopting would write what was there over what staff have just written."""
    shown = drift.mark(by_hand(agent_part={"first_message": "Yo."}))
    persona.first_message = "Ahoy."
    persona.save()
    with pytest.raises(drift.Moved, match="on its way"):
        settle(fresh(agent), shown)
    persona.refresh_from_db()
    assert (persona.first_message, fresh(agent).state) == ("Ahoy.", "waiting")


def test_staff_are_told_once_that_agents_were_changed_and_once_that_it_is_over(agent, by_hand):
    by_hand(name="Pilot")
    watch.look()
    watch.look()
    (alert,) = Alert.objects.filter(kind="drift")
    assert "Harbour guide" in alert.words
    overwrite(agent)
    watch.look()
    assert Alert.objects.get(kind="drift").over_at is not None


def test_what_a_persona_with_a_phone_needs_is_not_adopted_away(standin, persona, agent, by_hand):
    PhoneNumber.objects.create(elevenlabs_number_id="phnum_1", number="+15551234567", persona=persona, state="waiting")
    agents.note(persona)
    agents.sync(fresh(agent))
    assert plans.make([persona]).changes == []
    elsewhere = {"conversation_initiation_client_data_webhook": {"url": "https://elsewhere.example"}}
    by_hand(platform_settings={"workspace_overrides": elsewhere})
    assert {one.stays for one in drift.verdicts(fresh(agent))} == {True}


def test_adopting_looks_once_more_before_it_writes(persona, agent, by_hand):
    shown = drift.mark(by_hand(agent_part={"first_message": "Yo."}))
    by_hand(agent_part={"first_message": "Hey."}, look=False)
    with pytest.raises(drift.Moved):
        drift.adopt(fresh(agent), shown)
    persona.refresh_from_db()
    assert persona.first_message == "Good morning."


def test_an_agent_deleted_by_hand_is_found_and_made_again_once(standin, agent):
    standin.http.delete(f"/v1/convai/agents/{agent.elevenlabs_agent_id}").raise_for_status()
    drift.check(agent)
    row = fresh(agent)
    assert (row.state, "deleted by hand" in row.problem) == ("gone", True)
    assert row in agents.waiting()
    agents.sync(row)
    agents.sync(fresh(agent))
    drift.check(fresh(agent))
    assert (fresh(agent).state, len(standin.agents())) == ("in_step", 1)
    assert fresh(agent) not in agents.waiting()


def test_a_tool_deleted_by_hand_is_found_and_made_again_once(standin, agent):
    standin.http.delete(f"/v1/convai/tools/{agent.tool_id}", params={"force": "true"}).raise_for_status()
    drift.check(agent)
    assert fresh(agent).state == "gone"
    agents.sync(fresh(agent))
    drift.check(fresh(agent))
    assert (fresh(agent).state, len(standin.tools()), len(standin.agents())) == ("in_step", 1, 1)


def test_a_row_that_waits_for_its_sync_is_not_looked_at(standin, persona, agent, by_hand):
    by_hand(name="Pilot", look=False)
    agents.note(persona)
    standin.forget_requests()
    drift.check(agent)
    assert (fresh(agent).state, standin.requests("GET")) == ("waiting", [])


def test_a_persona_edited_during_the_look_stays_waiting(standin, persona, agent, monkeypatch):
    def edit_and_read(tool_id, read=gateway.tool):
        agents.note(persona)
        return read(tool_id)

    monkeypatch.setattr(gateway, "tool", edit_and_read)
    drift.check(agent)
    assert fresh(agent).state == "waiting"


def test_a_refusals_reason_is_not_covered_by_what_a_look_finds(agent, by_hand):
    Agent.objects.update(state="refused", problem="No such voice.")
    row = by_hand(name="Pilot")
    assert (row.state, row.problem, list(found(row))) == ("refused", "No such voice.", ["name"])


def test_an_agent_from_before_there_were_baselines_is_held_against_what_it_was_sent(agent, by_hand):
    Agent.objects.update(baseline={}, drift=[])
    row = by_hand(name="Pilot", conversation_config={"turn": {"turn_timeout": 12.0}})
    assert found(row) == {"name": ("Harbour guide", "Pilot")}


def test_a_new_field_of_their_api_is_no_edit(agent):
    kept = fresh(agent).baseline
    del kept["agent"][LONG]
    Agent.objects.update(baseline=kept)
    drift.check(agent)
    assert fresh(agent).state == "in_step"
    assert fresh(agent).baseline["agent"][LONG] == 7.0


def test_languages_taken_away_are_taken_from_the_agent(standin, persona, agent):
    persona.extra_languages = ["de"]
    persona.save()
    agents.sync(fresh(agent))
    tools = there(standin, agent)["conversation_config"]["agent"]["prompt"]["built_in_tools"]
    assert tools["language_detection"]["name"] == "language_detection"
    persona.extra_languages = []
    persona.save()
    agents.sync(fresh(agent))
    tools = there(standin, agent)["conversation_config"]["agent"]["prompt"]["built_in_tools"]
    assert tools["language_detection"] is None
    drift.check(fresh(agent))
    assert (fresh(agent).state, fresh(agent).drift) == ("in_step", [])


def test_a_system_tool_switched_on_by_hand_is_ours_to_refuse(standin, agent, by_hand):
    tool = {"type": "system", "name": "language_detection", "params": {"system_tool_type": "language_detection"}}
    by_hand(agent_part={"prompt": {"built_in_tools": {"language_detection": tool}}})
    assert {one.stays for one in drift.verdicts(fresh(agent))} == {True}
    overwrite(agent)
    assert fresh(agent).state == "in_step"


def test_every_reason_is_a_sentence_that_ends():
    reasons = [*adopting.REASONS.values(), adopting.OF_TOOLS, adopting.OF_ALL, adopting.OF_PROMPTS]
    assert all(reason[0].isupper() and reason.endswith(".") for reason in reasons)


def test_every_field_that_is_adopted_is_one_of_the_personas():
    names = {field.name for field in Persona._meta.fields}
    assert set(adopting.FIELDS.values()) <= names
