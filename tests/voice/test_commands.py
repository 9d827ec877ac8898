"""The commands: one tool each for the whole account, made once, mended when they are gone, never twice."""

import pytest

from tests.voice.test_views import become, heard
from voice import agents, gateway
from voice.agents import commands, definitions, drift, orphans, plans, prompts, workspace
from voice.models import Agent, Command, Turn, Workspace

pytestmark = pytest.mark.django_db
TOOLS = "/v1/convai/tools"


@pytest.fixture
def persona(standin, make_persona):
    return make_persona(slug="harbour-guide")


@pytest.fixture
def agent(persona):
    """In step."""
    agent = agents.note(persona)
    agents.sync(agent)
    return fresh(agent)


def fresh(agent):
    return Agent.objects.get(pk=agent.pk)


def names(standin):
    return sorted(row["tool_config"]["name"] for row in standin.tools("client"))


def tools_of(standin, agent):
    there = standin.agent(agent.elevenlabs_agent_id)
    return there["conversation_config"]["agent"]["prompt"]["tool_ids"]


def planned():
    """The plan's steps about commands, as (verb, note)."""
    return [(one.verb, one.note) for one in plans.make().steps if one.what == "command"]


def test_two_personas_share_one_tool_for_each_command(standin, agent, make_persona):
    other = agents.note(make_persona())
    agents.sync(other)
    assert names(standin) == sorted(commands.NAMES)
    shared = list(workspace.last_known().commands)
    assert tools_of(standin, agent) == [agent.tool_id, *shared]
    assert tools_of(standin, fresh(other)) == [fresh(other).tool_id, *shared]


def test_a_command_takes_nothing_but_what_the_model_has_to_choose():
    parameters = {name: tool["tool_config"]["parameters"] for name, tool in commands.tools("6f1c").items()}
    free = {name: set(one["properties"]) - {commands.MARK} for name, one in parameters.items()}
    assert free == {**dict.fromkeys(commands.NAMES, set()), "set_speaking_speed": {"speed"}}
    assert parameters["set_speaking_speed"]["properties"]["speed"]["enum"] == ["slower", "faster", "normal"]


def test_every_agent_waits_for_a_commands_answer_and_not_for_long():
    for tool in commands.tools("6f1c").values():
        config = tool["tool_config"]
        assert config["expects_response"] is True
        assert config["response_timeout_secs"] <= 5


def test_the_prompt_says_when_each_command_is_called_and_that_tools_are_not_spoken_of(persona):
    prompt = prompts.prompt(persona)
    for command in commands.COMMANDS:
        assert f"{command.name}, {command.when}" in prompt
    assert "never speak of tools" in prompt
    assert "end_call" in prompt


def test_instructions_changed_by_hand_are_still_told_from_the_rules_about_commands(persona):
    assert prompts.read_instructions(persona, "Whisper.\n\n" + prompts.prompt(persona)) is not None


def test_a_new_wording_is_sent_to_the_same_tools_and_to_no_agent(standin, agent, monkeypatch):
    before = workspace.last_known().commands
    quieter = commands.Command("stop_speaking", "when they want silence", "Makes the page silent.")
    monkeypatch.setattr(commands, "COMMANDS", (*commands.COMMANDS[:3], quieter))
    standin.forget_requests()
    assert workspace.prepare().commands == before
    assert len(standin.requests("PATCH", TOOLS)) == len(commands.NAMES)
    assert standin.requests("POST", TOOLS) == standin.requests("PATCH", "/v1/convai/agents") == []


@pytest.mark.parametrize("fault", ["lost_answer", "status_after"])
def test_a_command_whose_create_lost_its_answer_is_adopted_and_not_made_twice(standin, persona, fault):
    standin.fail(fault, TOOLS, method="POST", times=1, **({"status": 504} if fault == "status_after" else {}))
    with pytest.raises(gateway.Unreachable):
        workspace.prepare()
    assert len(names(standin)) == 1
    assert orphans.find() == []  # the next sync's to adopt
    workspace.prepare()
    assert names(standin) == sorted(commands.NAMES)


def test_in_step_the_plan_has_nothing_to_do_with_commands(agent):
    assert planned() == [("nothing", "")]


def test_before_the_first_sync_the_plan_makes_every_command(persona):
    assert planned() == [("create", name) for name in commands.NAMES]


def test_a_command_changed_by_hand_is_shown_in_the_plan_and_put_back(standin, agent):
    first = workspace.last_known().commands[0]
    config = gateway.tool(first)["tool_config"] | {"expects_response": False}
    standin.http.patch(f"{TOOLS}/{first}", json={"tool_config": config}).raise_for_status()
    (step,) = plans.make().changes
    assert (step.verb, step.note) == ("update", "repeat_answer")
    assert [(one.path, one.there, one.ours) for one in step.differences] == [
        ("tool_config.expects_response", False, True)
    ]
    workspace.forget()
    workspace.prepare()
    assert planned() == [("nothing", "")]


def test_a_command_deleted_by_hand_is_drift_and_is_made_again_when_that_is_overwritten(standin, agent):
    first, *others = workspace.last_known().commands
    standin.http.delete(f"{TOOLS}/{first}", params={"force": "true"}).raise_for_status()
    drift.check(agent)
    (difference,) = agent.drift
    assert difference["path"] == "conversation_config.agent.prompt.tool_ids"
    (verdict,) = drift.verdicts(fresh(agent))
    assert verdict.stays
    assert "repeat or to stop" in verdict.why
    drift.overwrite(fresh(agent), drift.mark(agent))
    agents.sync(fresh(agent))
    assert fresh(agent).state == "in_step"
    again, *same = workspace.last_known().commands
    assert again != first
    assert same == others
    assert tools_of(standin, agent) == [agent.tool_id, again, *same]


def test_agents_follow_when_a_command_was_made_anew(standin, agent):
    Workspace.objects.update(commands={}, commands_fingerprint="")
    for row in standin.tools("client"):
        standin.http.delete(f"{TOOLS}/{row['id']}", params={"force": "true"}).raise_for_status()
    workspace.prepare()
    assert fresh(agent).state == "waiting"


def test_a_second_tool_for_a_command_is_left_over_and_another_installations_is_not(standin, agent):
    installation = workspace.last_known().installation
    twin = gateway.create_tool(commands.tools(installation)["show_sources"])["id"]
    gateway.create_tool(commands.tools("another-installation")["show_sources"])
    assert [(one.kind, one.id, one.name) for one in orphans.find()] == [("tool", twin, "show_sources")]
    assert [one.id for one in orphans.remove([f"tool:{twin}"])] == [twin]
    assert len(names(standin)) == len(commands.NAMES) + 1


def test_a_command_that_we_know_no_more_is_left_over(standin, agent):
    retired = commands.Command("sing", "when they want a song", "Sings.")
    tool = gateway.create_tool(commands.tool(retired, workspace.last_known().installation))["id"]
    assert [one.id for one in orphans.find()] == [tool]


def test_the_fingerprint_of_an_agent_moves_with_its_commands(persona):
    shared = definitions.Shared("6f1c", "secret_1", "webhook_1")
    with_commands = definitions.Shared("6f1c", "secret_1", "webhook_1", commands=("tool_2",))
    one, other = (definitions.fingerprint_of(persona, given, "tool_1") for given in (shared, with_commands))
    assert one != other


TOLD = {"kind": "command", "key": "c1", "text": "set_speaking_speed slower", "done": True}


def test_a_command_that_the_page_tells_of_twice_is_kept_once_and_is_no_turn(client, session):
    become(client, session.conversation)
    for _ in range(2):
        assert heard(client, session, TOLD).status_code == 200
    (kept,) = Command.objects.all()
    assert (kept.session, kept.name, kept.wish, kept.done) == (session, "set_speaking_speed", "slower", True)
    assert not Turn.objects.exists()


@pytest.mark.parametrize("wrong", [{"key": ""}, {"key": None}, {"text": ""}, {"text": 5}, {"key": "c" * 41}])
def test_a_command_without_a_name_or_a_key_is_refused_and_not_kept(client, session, wrong):
    become(client, session.conversation)
    assert heard(client, session, TOLD | wrong).status_code == 400
    assert not Command.objects.exists()


def test_an_answer_said_again_is_kept_as_that_and_has_no_sources_of_its_own(client, session, looked_up):
    become(client, session.conversation)
    looked_up(session)
    first = {"kind": "persona", "key": "p2", "text": "The ferry leaves at nine."}
    answer = heard(client, session, first, TOLD, {**first, "key": "p3", "repeats": True}).json()
    assert [(turn["repeats"], len(turn["citations"])) for turn in answer["turns"]] == [(False, 1), (True, 0)]
