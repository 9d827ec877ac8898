"""Agents in step: whatever happens between the two systems, there is exactly one agent a persona."""

import threading

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from voice import agents, gateway, tasks
from voice.agents import definitions, orphans, workspace
from voice.claims import Busy, claimed
from voice.models import Agent, Workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def persona(standin, make_persona):
    return make_persona(slug="harbour-guide")


@pytest.fixture
def agent(persona):
    return agents.note(persona)


def fresh(agent):
    return Agent.objects.get(pk=agent.pk)


def test_a_persona_gets_its_agent_with_tool_secret_and_webhook(standin, agent):
    agents.sync(agent)
    row = fresh(agent)
    assert (row.state, row.problem) == ("in_step", "")
    there = standin.agent(row.elevenlabs_agent_id)
    assert there["name"] == "Harbour guide"
    assert there["conversation_config"]["agent"]["prompt"]["tool_ids"][0] == row.tool_id
    shared = Workspace.objects.get()
    webhooks = there["platform_settings"]["workspace_overrides"]["webhooks"]
    assert webhooks["post_call_webhook_id"] == shared.webhook_id
    assert workspace.webhook_secrets()[0].startswith("wsec_")
    tool = standin.tools()[0]["tool_config"]
    assert tool["api_schema"]["request_headers"]["X-Service-Token"] == {"secret_id": shared.secret_id}


def test_an_equal_fingerprint_sends_nothing(standin, agent):
    agents.sync(agent)
    standin.forget_requests()
    agents.sync(agent)
    assert [standin.requests(method) for method in ("POST", "PATCH", "GET", "DELETE")] == [[], [], [], []]


def test_a_changed_persona_changes_its_agent_and_makes_no_second_one(standin, persona, agent):
    agents.sync(agent)
    persona.first_message = "Ahoy."
    persona.save()
    agents.sync(agent)
    (there,) = standin.agents()
    assert standin.agent(there["agent_id"])["conversation_config"]["agent"]["first_message"] == "Ahoy."


@pytest.mark.parametrize("path", ["/v1/convai/agents/create", "/v1/convai/tools", "/v1/convai/secrets"])
def test_a_create_whose_answer_was_lost_is_adopted(standin, agent, path):
    standin.fail("lost_answer", path, method="POST", times=1)
    with pytest.raises(gateway.Unreachable):
        agents.sync(agent)
    assert fresh(agent).state == "waiting"
    agents.sync(agent)
    assert fresh(agent).state == "in_step"
    assert len(standin.agents()) == len(standin.tools()) == 1


def test_a_webhook_whose_secret_was_lost_with_the_answer_is_made_anew(standin, agent):
    standin.fail("lost_answer", "/v1/workspace/webhooks", method="POST", times=1)
    with pytest.raises(gateway.Unreachable):
        agents.sync(agent)
    agents.sync(agent)
    rows = standin.http.get("/v1/workspace/webhooks").json()["webhooks"]
    assert [row["webhook_id"] for row in rows if row["webhook_url"].endswith("post-call")].count(
        Workspace.objects.get().webhook_id
    ) == 1


def test_what_a_restored_backup_knows_nothing_of_is_adopted(standin, persona, agent):
    agents.sync(agent)
    Agent.objects.filter(pk=agent.pk).update(elevenlabs_agent_id="", tool_id="", fingerprint="", state="waiting")
    agents.sync(agent)
    assert agent in agents.waiting()  # to see what else there is
    agents.sync(agent)
    assert len(standin.agents()) == len(standin.tools()) == 1
    assert fresh(agent).elevenlabs_agent_id == standin.agents()[0]["agent_id"]


def test_a_timeout_that_created_all_the_same_leaves_one_agent(standin, agent, settings):
    settings.ELEVENLABS_TIMEOUT_SECONDS = 1
    standin.fail("latency", "/v1/convai/agents/create", seconds=2, times=1)
    with pytest.raises(gateway.Unreachable):
        agents.sync(agent)
    standin.http.get("/v1/convai/agents", timeout=10)
    threading.Event().wait(1.5)
    agents.sync(agent)
    assert len(standin.agents()) == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_syncing_one_persona_leave_one_agent(standin, persona, agent):
    outcomes, start = [], threading.Barrier(2)

    def work():
        start.wait()
        try:
            agents.sync(Agent.objects.get(pk=agent.pk))
            outcomes.append("synced")
        except Busy:
            outcomes.append("busy")
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    [thread.start() for thread in threads]
    [thread.join(60) for thread in threads]
    assert "synced" in outcomes
    assert len(standin.agents()) == len(standin.tools()) == 1


def test_an_agent_deleted_by_hand_is_made_again(standin, persona, agent):
    agents.sync(agent)
    standin.http.delete(f"/v1/convai/agents/{fresh(agent).elevenlabs_agent_id}")
    persona.first_message = "Ahoy."
    persona.save()
    agents.sync(agent)
    assert fresh(agent).elevenlabs_agent_id == standin.agents()[0]["agent_id"]


def test_a_refusal_is_kept_in_words_and_not_tried_again(standin, persona, agent):
    persona.voice_id = "no-such-voice"
    persona.save()
    agents.sync(agent)
    row = fresh(agent)
    assert row.state == "refused"
    assert "voice" in row.problem.lower()
    assert agent.pk not in agents.waiting().values_list("pk", flat=True)


def test_a_wrong_key_is_said_with_what_to_check(standin, agent):
    standin.fail("status", status=401)
    agents.sync(agent)
    assert "ELEVENLABS_API_KEY" in fresh(agent).problem


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_passing_fault_waits_with_its_reason(standin, agent, status):
    standin.fail("status", status=status)
    with pytest.raises(gateway.Unreachable):
        agents.sync(agent)
    assert (fresh(agent).state, str(status) in fresh(agent).problem) == ("waiting", True)


def test_the_pause_they_ask_for_is_kept(standin, agent):
    standin.fail("status", status=429, retry_after=7)
    with pytest.raises(gateway.Unreachable) as refusal:
        agents.sync(agent)
    assert refusal.value.retry_after == 7
    assert 7 <= tasks._pause(0, refusal.value) <= 7 * 1.5


@pytest.mark.parametrize("do", ["drop", "half_answer", "garbage"])
def test_an_answer_that_cannot_be_read_is_a_passing_fault(standin, agent, do):
    standin.fail(do)
    with pytest.raises(gateway.Unreachable):
        agents.sync(agent)


def test_a_silent_other_side_costs_the_time_allowed_and_no_more(standin, agent, settings):
    settings.ELEVENLABS_TIMEOUT_SECONDS = 1
    standin.fail("hang", seconds=30)
    with pytest.raises(gateway.Unreachable):
        agents.sync(agent)


@pytest.mark.django_db(transaction=True)
def test_with_the_persona_its_agent_and_tool_go(standin, persona, agent):
    agents.sync(agent)
    persona.delete()
    agents.sync(fresh(agent))
    assert (standin.agents(), standin.tools()) == ([], [])
    assert not Agent.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_persona_deleted_while_it_is_synced_leaves_nothing_behind(standin, persona, agent):
    with claimed(agent):
        agents._follow(agent)
        persona.delete()
        with pytest.raises(Busy):
            agents.sync(fresh(agent))
    agents.sync(fresh(agent))
    assert (standin.agents(), Agent.objects.count()) == ([], 0)


def test_saving_a_persona_marks_its_agent_as_waiting_within_the_change(persona, agent):
    Agent.objects.update(state="in_step")
    with transaction.atomic():
        persona.save()
        assert fresh(agent).state == "waiting"


def test_another_installations_agents_are_never_touched(standin, persona, agent):
    theirs = definitions.agent(persona, definitions.Shared("somebody-else", "", ""), "")
    theirs["conversation_config"]["agent"]["prompt"]["tool_ids"] = []
    del theirs["platform_settings"]["workspace_overrides"]
    standin.http.post("/v1/convai/agents/create", json=theirs).raise_for_status()
    agents.sync(agent)
    assert len(standin.agents()) == 2
    assert orphans.find() == []


def test_the_command_brings_every_persona_in_step_and_says_so(standin, persona, make_persona, capsys):
    make_persona("Lighthouse keeper", slug="keeper")
    call_command("sync_agents")
    printed = capsys.readouterr().out
    assert "harbour-guide: in step" in printed
    assert "keeper: in step" in printed
    assert len(standin.agents()) == 2


def test_an_unknown_persona_is_refused_by_name(standin):
    with pytest.raises(CommandError, match="no persona with the slug nobody"):
        call_command("sync_agents", "--persona", "nobody")


def test_a_new_token_is_put_into_the_existing_secret_and_the_agents_stay(standin, agent, settings):
    agents.sync(agent)
    before = Workspace.objects.get().secret_id
    settings.SERVICE_TOKENS = ["a-new-token-for-the-agents", *settings.SERVICE_TOKENS]
    standin.forget_requests()
    agents.sync(agent)
    assert Workspace.objects.get().secret_id == before
    assert standin.requests("PATCH", f"/v1/convai/secrets/{before}")
    assert standin.requests("PATCH", "/v1/convai/agents") == []


def test_after_a_sync_the_others_hear_what_the_other_side_gave_back(standin, persona, agent):
    heard = []

    def hear(sender, **given):
        heard.append((given["agent_there"], given["tool_there"]))

    agents.synced.connect(hear)
    try:
        agents.sync(agent)
        persona.first_message = "Ahoy."
        persona.save()
        agents.sync(agent)
        agents.sync(agent)
    finally:
        agents.synced.disconnect(hear)
    made, changed = heard
    assert made[0]["agent_id"] == changed[0]["agent_id"] == fresh(agent).elevenlabs_agent_id
    assert made[1]["id"] == changed[1]["id"] == fresh(agent).tool_id
    assert changed[0]["conversation_config"]["agent"]["first_message"] == "Ahoy."


def test_the_voices_are_the_accounts(standin):
    voices = gateway.voices()
    assert voices
    assert all(voice.voice_id and voice.name and voice.preview_url for voice in voices)
