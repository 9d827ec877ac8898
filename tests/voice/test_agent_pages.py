"""The pages of agents: the plan that asks first, drift with its two ways out, what belongs to nobody."""

import re
import time

import pytest
from celery.exceptions import Retry
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User

from tests.voice.test_admin import page
from tests.voice.test_agents import fresh
from voice import agents, tasks
from voice.agents import definitions, drift, workspace
from voice.models import Agent

pytestmark = pytest.mark.django_db
PERSONAS, AGENTS = "/admin/personas/persona/", "/admin/voice/agent/"


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
def changed(standin, agent):
    """Its greeting was changed by hand, its door opened, and both found."""
    body = {
        "conversation_config": {"agent": {"first_message": "Yo."}, "turn": {"turn_timeout": 12.0}},
        "platform_settings": {"auth": {"enable_auth": False}},
    }
    standin.http.patch(f"/v1/convai/agents/{agent.elevenlabs_agent_id}", json=body).raise_for_status()
    drift.check(agent)
    return fresh(agent)


@pytest.fixture
def guest(client):
    """A member of staff who may look at agents and personas and change neither."""
    user = User.objects.create_user("berta", is_staff=True)
    user.user_permissions.add(*Permission.objects.filter(codename__in=["view_agent", "view_persona"]))
    client.force_login(user)
    return client


def choose(client, address, *rows, **more):
    data = {"action": "sync", "_selected_action": [str(row.pk) for row in rows], **more}
    return client.post(address, data, follow=True).content.decode()


def mark(shown):
    return re.search(r'name="plan" value="(\w+)"', shown).group(1)


def log():
    return list(LogEntry.objects.order_by("pk").values_list("change_message", flat=True))


def written(standin):
    return [row["path"] for method in ("POST", "PATCH", "DELETE") for row in standin.requests(method)]


def work_off(persona):
    """What the worker does with what was handed over."""
    agents.sync(Agent.objects.get(persona=persona))


@pytest.mark.parametrize("address", [PERSONAS, AGENTS])
def test_the_plan_is_shown_and_asked_for_before_anything_is_sent(staff, standin, persona, agent, address):
    persona.first_message = "Ahoy."
    persona.save()
    standin.forget_requests()
    shown = choose(staff, address, persona if address == PERSONAS else agent)
    for words in ("first message", "Good morning.", "Ahoy.", "Send this to ElevenLabs", "Nothing was sent yet"):
        assert words in shown
    assert (written(standin), log()) == ([], [])
    told = choose(staff, address, persona if address == PERSONAS else agent, plan=mark(shown))
    assert "1 agent is on the way to ElevenLabs" in told
    assert log() == ["Had its agent brought in step with ElevenLabs: first message."]
    work_off(persona)
    assert standin.agents()[0]["name"] == "Harbour guide"
    assert "Nothing has to be sent" in choose(staff, PERSONAS, persona)


def test_a_plan_that_went_stale_is_refused_with_the_new_one(staff, standin, persona, agent):
    persona.first_message = "Ahoy."
    persona.save()
    old = mark(choose(staff, PERSONAS, persona))
    persona.first_message = "Hello there."
    persona.save()
    shown = choose(staff, PERSONAS, persona, plan=old)
    assert "nothing was sent. This is the plan now" in shown
    assert "Hello there." in shown
    assert log() == []


def test_a_confirmed_plan_overwrites_what_was_changed_by_hand(staff, standin, persona, changed):
    shown = choose(staff, PERSONAS, persona)
    assert "Stays as it was changed by hand: conversation_config.turn.turn_timeout" in shown
    choose(staff, PERSONAS, persona, plan=mark(shown))
    work_off(persona)
    there = standin.agent(changed.elevenlabs_agent_id)
    assert there["conversation_config"]["agent"]["first_message"] == "Good morning."
    assert there["conversation_config"]["turn"]["turn_timeout"] == 12.0
    assert fresh(changed).state == "out_of_step"


def test_a_plan_without_elevenlabs_says_what_it_goes_by(staff, standin, persona, agent):
    standin.fail("status", status=503)
    assert "ElevenLabs could not be asked" in choose(staff, PERSONAS, persona)


def test_more_personas_than_a_page_can_read_back_are_refused_with_the_way(staff, standin, make_persona):
    many = [make_persona() for _ in range(26)]
    standin.forget_requests()
    assert "at most 25 at a time" in choose(staff, PERSONAS, *many)
    assert standin.requests("GET") == []


def test_the_list_of_agents_says_in_words_how_each_is(staff, changed):
    shown = page(staff, AGENTS)
    for words in ("Harbour guide", "Out of step", "Changed by hand at ElevenLabs: first message", "Last checked"):
        assert words in shown
    assert "Harbour guide" in page(staff, f"{AGENTS}?state__exact=out_of_step")
    assert "badge-busy" not in page(staff, f"{AGENTS}?state__exact=in_step")


@pytest.mark.parametrize("of", ["agent", "persona"])
def test_both_pages_show_the_differences_side_by_side_with_two_ways_out(staff, persona, changed, of):
    shown = page(staff, f"{PERSONAS}{persona.pk}/change/" if of == "persona" else f"{AGENTS}{changed.pk}/change/")
    for words in ("Good morning.", "Yo.", "Cannot be adopted", "at your cost", "Is written to “First message”"):
        assert words in shown
    for verb in ("adopt", "overwrite", "check"):
        assert f"{AGENTS}{changed.pk}/{verb}/" in shown


def test_adopting_says_what_was_taken_and_what_stays(staff, persona, changed):
    data = {"shown": drift.mark(changed), "back": "persona"}
    response = staff.post(f"{AGENTS}{changed.pk}/adopt/", data, follow=True)
    assert response.redirect_chain[-1][0] == f"{PERSONAS}{persona.pk}/change/"
    told = "Adopted: first message, conversation_config.turn.turn_timeout. Stays as it is: opens only for a signed address."
    assert told in response.content.decode()
    assert log() == [f"Adopted what was changed by hand at ElevenLabs. {told}"]
    persona.refresh_from_db()
    assert persona.first_message == "Yo."
    assert persona.history.first().history_user.username == "anna"


def test_overwriting_is_handed_to_a_worker_and_logged(staff, standin, persona, changed):
    response = staff.post(f"{AGENTS}{changed.pk}/overwrite/", {"shown": drift.mark(changed)}, follow=True)
    assert "It is being put back" in response.content.decode()
    assert log()[0].startswith("Had overwritten what was changed by hand. Changed by hand at ElevenLabs: first message")
    assert fresh(changed) in agents.waiting()
    work_off(persona)
    there = standin.agent(changed.elevenlabs_agent_id)
    assert there["conversation_config"]["turn"]["turn_timeout"] == 7.0
    assert fresh(changed).state == "in_step"


@pytest.mark.parametrize("verb", ["adopt", "overwrite"])
def test_what_moved_since_it_was_shown_is_refused_on_the_page(staff, persona, changed, verb):
    shown = staff.post(f"{AGENTS}{changed.pk}/{verb}/", {"shown": "old"}, follow=True).content.decode()
    assert "changed again since this page was shown, so nothing was done" in shown
    persona.refresh_from_db()
    assert (persona.first_message, log()) == ("Good morning.", [])


def test_checking_now_says_what_it_found(staff, standin, agent):
    check = f"{AGENTS}{agent.pk}/check/"
    assert "it stands there as we left it" in staff.post(check, follow=True).content.decode()
    standin.http.patch(f"/v1/convai/agents/{agent.elevenlabs_agent_id}", json={"name": "Pilot"}).raise_for_status()
    assert "Changed by hand at ElevenLabs: name" in staff.post(check, follow=True).content.decode()
    standin.fail("status", status=503)
    assert "ElevenLabs answered 503" in staff.post(check, follow=True).content.decode()
    assert len(log()) == 2


def test_several_are_checked_by_workers(staff, agent, monkeypatch):
    handed = []
    monkeypatch.setattr(tasks, "start", lambda task, *given: handed.append((task.name, given)))
    staff.post(AGENTS, {"action": "look", "_selected_action": [str(agent.pk)]})
    assert handed == [("voice.tasks.check_agent", (agent.pk,))]
    assert log() == ["Had its agent checked at ElevenLabs."]


def test_nothing_is_settled_by_looking_at_an_address(staff, changed):
    for verb in ("check", "adopt", "overwrite"):
        assert staff.get(f"{AGENTS}{changed.pk}/{verb}/").status_code == 405
    assert staff.post(f"{AGENTS}999/check/").status_code == 404


def test_who_may_only_look_sees_the_differences_and_no_buttons(guest, standin, persona, changed):
    shown = page(guest, f"{AGENTS}{changed.pk}/change/")
    assert "Yo." in shown
    assert "/adopt/" not in shown
    for verb in ("check", "adopt", "overwrite"):
        assert guest.post(f"{AGENTS}{changed.pk}/{verb}/", {"shown": drift.mark(changed)}).status_code == 403
    standin.forget_requests()
    choose(guest, AGENTS, changed)
    assert standin.requests("GET") == []
    assert guest.post(f"{AGENTS}left-over/", {"chosen": "agent:x", "confirmed": "yes"}).status_code == 403


def test_an_agents_row_is_never_deleted_or_added_by_hand(staff, agent):
    assert staff.get(f"{AGENTS}add/").status_code == 403
    assert staff.post(f"{AGENTS}{agent.pk}/delete/", {"post": "yes"}).status_code == 403


def test_what_belongs_to_nobody_is_listed_named_once_more_and_only_then_deleted(staff, standin, agent):
    tag = definitions.tags("", workspace.last_known().installation)[0]
    body = {"name": "Old pilot", "tags": [tag], "conversation_config": {}}
    left = standin.http.post("/v1/convai/agents/create", json=body).json()["agent_id"]
    address, chosen = f"{AGENTS}left-over/", {"chosen": [f"agent:{left}"]}
    assert "Old pilot" in page(staff, address)
    assert "Old pilot" in page(staff, AGENTS)
    asked = staff.post(address, chosen).content.decode()
    assert "Old pilot" in asked
    assert "cannot be undone" in asked
    assert len(standin.agents()) == 2
    assert (
        "1 deleted at ElevenLabs" in staff.post(address, {**chosen, "confirmed": "yes"}, follow=True).content.decode()
    )
    assert [row["agent_id"] for row in standin.agents()] == [agent.elevenlabs_agent_id]
    assert "Old pilot" in log()[0]
    assert "Old pilot" not in page(staff, AGENTS)


def test_while_elevenlabs_is_away_the_page_of_left_overs_says_so(staff, standin, agent):
    standin.fail("status", status=503)
    assert "ElevenLabs could not be asked. ElevenLabs answered 503" in page(staff, f"{AGENTS}left-over/")


def test_the_scheduled_look_reads_every_agent_and_then_what_is_left_over(standin, make_persona, monkeypatch):
    """In rows of one: every agent is a task of its own and the next is handed over."""
    rows = [agents.note(make_persona()) for _ in range(3)]
    for row in rows:
        agents.sync(row)
    body = {"name": "Pilot"}
    standin.http.patch(f"/v1/convai/agents/{fresh(rows[2]).elevenlabs_agent_id}", json=body).raise_for_status()
    handed = []
    monkeypatch.setattr(tasks, "CHECKED_IN_A_ROW", 2)
    monkeypatch.setattr(tasks, "start", lambda task, *given: handed.append(given))
    tasks.check_agents()
    assert handed == [(rows[1].pk,)]
    tasks.check_agents(*handed[0])
    assert [fresh(row).state for row in rows] == ["in_step", "in_step", "out_of_step"]
    assert standin.requests("GET", "/v1/convai/agents")


def test_the_scheduled_look_gives_way_and_goes_on_where_it_was(standin, make_persona):
    rows = [agents.note(make_persona()) for _ in range(3)]
    for row in rows:
        agents.sync(row)
    before = [fresh(row).checked_at for row in rows]
    standin.fail("status", f"/v1/convai/agents/{fresh(rows[1]).elevenlabs_agent_id}", status=429, retry_after=1)
    with pytest.raises(Retry) as later:
        tasks.check_agents.apply(throw=True)
    assert later.value.when >= 1
    assert later.value.sig.args == (rows[0].pk,)
    standin.mend()
    standin.forget_requests()
    time.sleep(1.1)  # as long as they asked for
    tasks.check_agents(*later.value.sig.args)
    assert all(fresh(row).checked_at > at for row, at in zip(rows, before, strict=True))
    first = f"/v1/convai/agents/{fresh(rows[0]).elevenlabs_agent_id}"
    assert standin.requests("GET", first) == []


def test_a_wrong_key_ends_the_scheduled_look_without_marking_anything(standin, agent):
    standin.fail("status", status=401)
    standin.forget_requests()
    tasks.check_agents.apply()
    assert fresh(agent).state == "in_step"
    assert len(standin.requests("GET")) == 1


def test_an_agent_deleted_by_hand_is_made_again_by_the_scheduled_look(standin, agent, monkeypatch):
    standin.http.delete(f"/v1/convai/agents/{agent.elevenlabs_agent_id}").raise_for_status()
    monkeypatch.setattr(tasks, "start", lambda task, *given: task.apply(given))
    tasks.check_agents()
    tasks.check_agents()
    assert (fresh(agent).state, len(standin.agents())) == ("in_step", 1)
