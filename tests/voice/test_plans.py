"""The plan: what a sync would do, shown before it is done, against what truly stands on the other side."""

import pytest
from django.core.management import call_command

from personas.models import Persona
from tests.voice.test_agents import fresh
from voice import agents
from voice.agents import plans, steps
from voice.models import Agent, Workspace

pytestmark = pytest.mark.django_db
FIRST_MESSAGE = "conversation_config.agent.first_message"


@pytest.fixture
def persona(standin, make_persona):
    return make_persona(slug="harbour-guide", instructions="Be brief.\nBe kind.\nNever guess.")


@pytest.fixture
def agent(persona):
    """In step."""
    agent = agents.note(persona)
    agents.sync(agent)
    return fresh(agent)


def edit(persona, **fields):
    for name, value in fields.items():
        setattr(persona, name, value)
    persona.save()


def by_hand(standin, agent, **body):
    standin.http.patch(f"/v1/convai/agents/{agent.elevenlabs_agent_id}", json=body).raise_for_status()


def step(plan, what):
    return next(one for one in plan.steps if one.what == what)


def verbs(plan):
    """Without the commands, which have their own tests."""
    return {one.what: one.verb for one in plan.steps if one.what != "command"}


def told(plan, what="agent"):
    return {one.path: (one.there, one.ours) for one in step(plan, what).differences}


def dry_run(capsys, *flags):
    capsys.readouterr()
    call_command("sync_agents", "--dry-run", *flags)
    return capsys.readouterr().out


def test_before_the_first_sync_everything_is_to_be_made(persona):
    plan = plans.make()
    assert verbs(plan) == {"secret": "create", "webhook": "create", "tool": "create", "agent": "create"}
    assert told(plan)[FIRST_MESSAGE] == (None, "Good morning.")
    assert plan.count() == {"create": 8}


def test_in_step_there_is_nothing_to_do(agent):
    plan = plans.make()
    assert set(verbs(plan).values()) == {"nothing"}
    assert plan.changes == []


def test_an_edit_is_shown_field_by_field_with_what_stands_there(persona, agent):
    edit(persona, first_message="Ahoy.", speed=1.1)
    plan = plans.make()
    assert verbs(plan) == {"secret": "nothing", "webhook": "nothing", "tool": "nothing", "agent": "update"}
    assert told(plan) == {
        FIRST_MESSAGE: ("Good morning.", "Ahoy."),
        "conversation_config.tts.speed": (1.0, 1.1),
    }


def test_the_plan_names_what_was_changed_by_hand_and_would_be_overwritten(standin, persona, agent):
    by_hand(standin, agent, name="Pilot", conversation_config={"turn": {"turn_timeout": 12.0}})
    edit(persona, first_message="Ahoy.")
    plan = plans.make()
    assert told(plan) == {"name": ("Pilot", "Harbour guide"), FIRST_MESSAGE: ("Good morning.", "Ahoy.")}
    assert "Stays as it was changed by hand: conversation_config.turn.turn_timeout" in step(plan, "agent").note


def test_a_change_by_hand_alone_is_an_update_too(standin, agent):
    by_hand(standin, agent, platform_settings={"auth": {"enable_auth": False}})
    assert told(plans.make()) == {"platform_settings.auth.enable_auth": (False, True)}


def test_a_tools_every_field_is_compared_since_it_is_sent_whole(standin, agent):
    tool = standin.tools()[0]["tool_config"]
    tool |= {"response_timeout_secs": 60, "tool_call_sound": "typing"}
    standin.http.patch(f"/v1/convai/tools/{agent.tool_id}", json={"tool_config": tool}).raise_for_status()
    assert told(plans.make(), "tool") == {
        "tool_config.response_timeout_secs": (60, 8),
        "tool_config.tool_call_sound": ("typing", None),
    }


def test_long_texts_are_told_line_by_line(persona, agent):
    edit(persona, instructions="Be brief.\nBe very kind.\nNever guess.")
    (difference,) = step(plans.make(), "agent").differences
    assert difference.is_long
    assert ("-", "Be kind.") in difference.lines
    assert ("+", "Be very kind.") in difference.lines
    assert (" ", "Be brief.") in difference.lines
    assert len(difference.lines) == 4


def test_what_is_gone_on_the_other_side_is_made_again(standin, agent):
    standin.http.delete(f"/v1/convai/agents/{agent.elevenlabs_agent_id}").raise_for_status()
    plan = plans.make()
    assert (step(plan, "agent").verb, step(plan, "agent").note) == ("create", "It was deleted at ElevenLabs.")
    standin.http.delete(f"/v1/convai/tools/{agent.tool_id}").raise_for_status()
    assert step(plans.make(), "tool").verb == "create"


def test_what_a_lost_answer_left_behind_is_found_and_not_made_twice(agent):
    Agent.objects.update(elevenlabs_agent_id="", tool_id="", fingerprint="", state="waiting")
    plan = plans.make()
    assert verbs(plan) == {"secret": "nothing", "webhook": "nothing", "tool": "nothing", "agent": "update"}
    assert {one.note for one in plan.steps if one.persona_id} == {plans.FOUND}


def test_a_new_token_is_told_without_being_told(settings, agent):
    settings.SERVICE_TOKENS = ["another-token-of-the-tests", *settings.SERVICE_TOKENS]
    plan = plans.make()
    assert verbs(plan) == {"secret": "update", "webhook": "nothing", "tool": "nothing", "agent": "nothing"}
    assert "another-token-of-the-tests" not in str(plan)


def test_a_secret_deleted_by_hand_changes_the_tool_as_well(standin, agent):
    tool = standin.tools()[0]["tool_config"]
    tool["api_schema"]["request_headers"] = {}
    standin.http.patch(f"/v1/convai/tools/{agent.tool_id}", json={"tool_config": tool}).raise_for_status()
    standin.http.delete(f"/v1/convai/secrets/{Workspace.objects.get().secret_id}").raise_for_status()
    plan = plans.make()
    assert (step(plan, "secret").verb, step(plan, "tool").verb) == ("create", "update")
    path = "tool_config.api_schema.request_headers.X-Service-Token.secret_id"
    assert told(plan, "tool")[path] == (None, steps.NEW_SECRET)


def test_a_webhook_switched_off_by_hand_is_switched_on_again(standin, agent):
    row = Workspace.objects.get()
    webhook = f"/v1/workspace/webhooks/{row.webhook_id}"
    body = {"is_disabled": True, "name": f"clone-advisor-{row.installation}"}
    standin.http.patch(webhook, json=body).raise_for_status()
    assert told(plans.make(), "webhook") == {"is_disabled": (True, False)}
    call_command("sync_agents")
    assert step(plans.make(), "webhook").verb == "nothing"


def test_another_address_of_ours_is_a_new_webhook_and_a_new_tool_address(settings, agent):
    before = settings.PUBLIC_URL
    settings.PUBLIC_URL = "https://advisor.example"
    plan = plans.make()
    assert verbs(plan) == {"secret": "nothing", "webhook": "create", "tool": "update", "agent": "update"}
    theirs = f"{before}/elevenlabs/post-call", "https://advisor.example/elevenlabs/post-call"
    assert told(plan, "webhook") == {"webhook_url": theirs}
    path = "platform_settings.workspace_overrides.webhooks.post_call_webhook_id"
    assert told(plan)[path] == (Workspace.objects.get().webhook_id, steps.NEW_WEBHOOK)


def test_without_elevenlabs_the_plan_goes_by_fingerprints_and_says_so(standin, settings, persona, agent):
    settings.ELEVENLABS_TIMEOUT_SECONDS = 1
    standin.fail("status", status=503)
    plan = plans.make()
    assert (step(plan, "agent").verb, "503" in plan.fault) == ("nothing", True)
    assert "ElevenLabs could not be asked" in step(plan, "agent").note
    edit(persona, first_message="Ahoy.")
    standin.forget_requests()
    assert step(plans.make(), "agent").verb == "update"
    assert len(standin.requests("GET")) <= 2, "asked again although it was away"


@pytest.mark.django_db(transaction=True)
def test_a_deleted_persona_takes_its_agent_along(persona, agent):
    persona.delete()
    plan = plans.make()
    deleted = [one for one in plan.steps if one.verb == "delete"]
    assert [(one.subject, one.note) for one in deleted] == [(agent.elevenlabs_agent_id, "Its persona is deleted.")]


def test_another_plan_has_another_mark(persona, agent):
    mark = plans.make().mark
    assert plans.make().mark == mark
    edit(persona, first_message="Ahoy.")
    assert plans.make().mark != mark


def test_no_secret_is_ever_shown(standin, settings, persona, agent, capsys):
    token = settings.SERVICE_TOKENS[0]
    tool = standin.tools()[0]["tool_config"]
    tool["api_schema"]["request_headers"] = {"X-Service-Token": token, "Authorization": "Bearer of-somebody"}
    tool["api_schema"]["url"] = "https://user:hunter2@elsewhere.example/?api_key=hunter3"
    standin.http.patch(f"/v1/convai/tools/{agent.tool_id}", json={"tool_config": tool}).raise_for_status()
    by_hand(standin, agent, conversation_config={"agent": {"prompt": {"prompt": f"Say {token}."}}})
    printed = dry_run(capsys)
    assert "X-Service-Token" in printed
    assert "elsewhere.example" in printed
    for secret in (token, "of-somebody", "hunter2", "hunter3"):
        assert secret not in printed


def test_a_dry_run_sends_nothing_but_reads(standin, persona, agent, make_persona, capsys):
    make_persona("Lighthouse keeper", slug="keeper")
    edit(persona, first_message="Ahoy.")
    before = Agent.objects.values_list("state", "fingerprint", "elevenlabs_agent_id").order_by("pk")
    state = list(before)
    standin.forget_requests()
    printed = dry_run(capsys, "--prune")
    requests = standin.http.get("/standin/requests").json()["requests"]
    assert {row["method"] for row in requests} == {"GET"}
    assert list(before.all()) == state
    assert "keeper         agent    create" in printed
    assert printed.splitlines()[-1] == "create: 2, update: 1, nothing: 4"


def test_every_line_of_a_dry_run_begins_with_its_subject_and_its_columns_are_aligned(persona, agent, capsys):
    edit(persona, first_message="Ahoy.", instructions="Be brief.\nBe very kind.")
    lines = dry_run(capsys, "--persona", "harbour-guide").splitlines()[:-1]
    assert {line[:15] for line in lines} == {"shared         ", "harbour-guide  "}
    assert "harbour-guide  agent    update" in lines
    assert f"harbour-guide  agent    {FIRST_MESSAGE}: “Good morning.” → “Ahoy.”" in lines
    assert "harbour-guide  agent      - Be kind." in lines


def test_a_dry_run_of_one_persona_speaks_of_no_other(persona, make_persona, capsys):
    make_persona("Lighthouse keeper", slug="keeper")
    printed = dry_run(capsys, "--persona", "keeper")
    assert "keeper" in printed
    assert "harbour-guide" not in printed


def test_a_dry_run_without_elevenlabs_ends_well_and_says_so(standin, agent, capsys):
    standin.fail("drop")
    assert "ElevenLabs could not be asked, so this goes by what was sent last." in dry_run(capsys)


def test_the_command_carries_out_what_the_plan_shows(standin, persona, agent, capsys):
    by_hand(standin, agent, name="Pilot")
    assert "name: “Pilot” → “Harbour guide”" in dry_run(capsys)
    call_command("sync_agents")
    assert standin.agent(agent.elevenlabs_agent_id)["name"] == "Harbour guide"
    assert plans.make(Persona.objects.all()).changes == []
