"""Phone numbers: read from the account, given to a persona's agent there, and never taken from anybody else."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection

from voice import agents, gateway, phones, tasks
from voice.claims import Busy
from voice.models import Agent, PhoneNumber, Session

pytestmark = pytest.mark.django_db
NUMBERS = "/v1/convai/phone-numbers"


@pytest.fixture
def buy(standin):
    """Import a number into the account; gives its id there."""
    for row in standin.http.get(NUMBERS).json():
        standin.http.delete(f"{NUMBERS}/{row['phone_number_id']}").raise_for_status()

    def bought(number="+15551234567", **fields):
        body = {
            "provider": "twilio",
            "phone_number": number,
            "label": "Front desk",
            "sid": "AC1",
            "token": "t",
            **fields,
        }
        return standin.http.post(NUMBERS, json=body).raise_for_status().json()["phone_number_id"]

    return bought


@pytest.fixture
def persona(standin, make_persona):
    return make_persona(slug="harbour-guide")


@pytest.fixture
def number(buy, persona):
    """A number of the account, as we know it, that the persona is to answer."""
    buy()
    phones.refresh()
    number = PhoneNumber.objects.get()
    number.persona, number.state = persona, "waiting"
    number.save()
    return number


def fresh(number):
    return PhoneNumber.objects.get(pk=number.pk)


def there(standin, number):
    return standin.http.get(f"{NUMBERS}/{number.elevenlabs_number_id}").json()


def stand_in_step(standin, persona):
    """An agent of this persona on the other side, and the row of one in step, without all that a sync is."""
    made = standin.http.post("/v1/convai/agents/create", json={"name": persona.name, "conversation_config": {}}).json()
    Agent.objects.filter(persona=persona).update(elevenlabs_agent_id=made["agent_id"], state="in_step")
    return made["agent_id"]


def give_by_hand(standin, number, agent_id):
    """What somebody may do in ElevenLabs' own pages."""
    address = f"{NUMBERS}/{number.elevenlabs_number_id}"
    standin.http.patch(address, json={"agent_id": agent_id}).raise_for_status()


def answered(standin, number):
    """The number, in step with its persona's agent."""
    stand_in_step(standin, number.persona)
    phones.sync(number)


@pytest.fixture
def staff(client):
    client.force_login(User.objects.create_superuser("anna"))
    return client


def test_the_accounts_numbers_are_all_read_however_many_pages_they_fill(buy, monkeypatch):
    monkeypatch.setattr("voice.gateway.phones.PAGE", 2)
    for last in range(5):
        buy(f"+1555000000{last}")
    phones.refresh()
    assert PhoneNumber.objects.count() == 5
    assert set(PhoneNumber.objects.values_list("state", "provider", "label")) == {("none", "twilio", "Front desk")}


def test_a_number_is_answered_by_its_personas_agent(standin, number):
    answered(standin, number)
    agent = Agent.objects.get()
    assert there(standin, number)["assigned_agent"]["agent_id"] == agent.elevenlabs_agent_id
    row = fresh(number)
    assert (row.state, row.problem, row.answered_by) == ("in_step", "", "Harbour guide")


def sync_both(number):
    """As the tasks do it: the agent first, then its number."""
    agents.sync(agents.note(number.persona))
    phones.sync(number)


def test_the_agent_of_a_number_asks_us_first_with_our_secret_and_others_do_not(standin, number, make_persona):
    other = make_persona("Lighthouse keeper")
    agents.sync(agents.note(other))
    sync_both(number)
    settings = {row["name"]: standin.agent(row["agent_id"])["platform_settings"] for row in standin.agents()}
    asked = settings["Harbour guide"]["workspace_overrides"]["conversation_initiation_client_data_webhook"]
    assert asked["url"].endswith("/elevenlabs/conversation-start")
    assert "secret_id" in asked["request_headers"]["X-Service-Token"]
    switch = "enable_conversation_initiation_client_data_from_webhook"
    assert [settings[name]["overrides"][switch] for name in ("Harbour guide", "Lighthouse keeper")] == [True, False]
    assert not settings["Lighthouse keeper"]["workspace_overrides"]["conversation_initiation_client_data_webhook"]


def test_an_equal_fingerprint_sends_nothing(standin, number):
    answered(standin, number)
    standin.forget_requests()
    phones.sync(fresh(number))
    assert [standin.requests(method) for method in ("POST", "PATCH", "GET", "DELETE")] == [[], [], [], []]


def test_a_number_waits_for_an_agent_that_is_not_in_step(standin, number):
    standin.forget_requests()
    with pytest.raises(Busy):
        phones.sync(number)
    assert standin.requests("PATCH") == []
    assert "not in step" in fresh(number).problem
    assert fresh(number) in phones.waiting()


def test_a_number_follows_an_agent_that_was_made_anew(standin, number):
    answered(standin, number)
    assert fresh(number) not in phones.waiting()
    stand_in_step(standin, number.persona)
    assert fresh(number) in phones.waiting()
    phones.sync(fresh(number))
    assert there(standin, number)["assigned_agent"]["agent_id"] == Agent.objects.get().elevenlabs_agent_id


def test_an_answer_that_was_lost_is_asked_for_again(standin, number):
    stand_in_step(standin, number.persona)
    standin.fail("lost_answer", f"{NUMBERS}/*", method="PATCH")
    with pytest.raises(gateway.Unreachable):
        phones.sync(number)
    assert (fresh(number).state, bool(fresh(number).problem)) == ("waiting", True)
    standin.mend()
    phones.sync(number)
    assert (fresh(number).state, fresh(number).problem) == ("in_step", "")


def test_a_refusal_is_kept_in_words(standin, number):
    stand_in_step(standin, number.persona)
    standin.fail("status", f"{NUMBERS}/*", method="PATCH", status=422, reason="This number is being ported.")
    phones.sync(number)
    assert fresh(number).state == "refused"
    assert "being ported" in fresh(number).problem


def test_a_number_that_vanished_is_said_to_be_gone_and_answers_no_more(standin, number):
    answered(standin, number)
    standin.http.delete(f"{NUMBERS}/{number.elevenlabs_number_id}").raise_for_status()
    phones.refresh()
    assert (fresh(number).state, fresh(number).fingerprint) == ("gone", "")
    assert list(PhoneNumber.objects.answered()) == []


def test_a_number_that_vanishes_while_it_is_assigned_is_said_to_be_gone(standin, number):
    stand_in_step(standin, number.persona)
    standin.http.delete(f"{NUMBERS}/{number.elevenlabs_number_id}").raise_for_status()
    phones.sync(number)
    assert fresh(number).state == "gone"


def test_while_the_list_cannot_be_had_no_number_is_said_to_be_gone(standin, number):
    standin.fail("status", "/v1/convai/v2/phone-numbers", status=503)
    with pytest.raises(gateway.Unreachable):
        phones.refresh()
    assert fresh(number).state == "waiting"


def test_a_number_given_to_another_agent_by_hand_is_said_to_be_out_of_step_and_left_so(standin, number, make_persona):
    answered(standin, number)
    give_by_hand(standin, number, stand_in_step(standin, make_persona("Lighthouse keeper")))
    phones.refresh()
    assert (fresh(number).state, fresh(number).answered_by) == ("out_of_step", "Lighthouse keeper")
    assert fresh(number) not in phones.waiting()


def test_a_number_given_back_by_hand_is_in_step_again(standin, number):
    answered(standin, number)
    give_by_hand(standin, number, None)
    phones.refresh()
    assert fresh(number).state == "out_of_step"
    give_by_hand(standin, number, Agent.objects.get().elevenlabs_agent_id)
    phones.refresh()
    assert (fresh(number).state, fresh(number).problem) == ("in_step", "")
    standin.forget_requests()
    phones.sync(fresh(number))
    assert standin.requests("PATCH") == []


def test_a_list_from_before_the_number_was_assigned_does_not_put_it_out_of_step(standin, number):
    answered(standin, number)
    (listed,) = gateway.phone_numbers()
    phones._keep_listed(replace(listed, agent_id=""), fresh(number).synced_at - timedelta(seconds=1))
    assert fresh(number).state == "in_step"


def test_when_a_number_vanishes_or_is_back_the_personas_agent_is_told(standin, number, buy):
    answered(standin, number)
    standin.http.delete(f"{NUMBERS}/{number.elevenlabs_number_id}").raise_for_status()
    phones.refresh()
    assert Agent.objects.get().state == "waiting"
    Agent.objects.update(state="in_step")
    PhoneNumber.objects.update(elevenlabs_number_id=buy())
    phones.refresh()
    assert (fresh(number).state, Agent.objects.get().state) == ("waiting", "waiting")


def test_a_number_that_no_persona_answers_is_left_alone(standin, buy):
    buy()
    phones.refresh()
    standin.forget_requests()
    phones.sync(PhoneNumber.objects.get())
    assert standin.requests("PATCH") == []


def test_a_number_taken_from_its_persona_is_answered_by_nobody(standin, number):
    answered(standin, number)
    PhoneNumber.objects.update(persona=None, state="waiting")
    phones.sync(fresh(number))
    assert there(standin, number)["assigned_agent"] is None
    assert fresh(number).state == "none"


def test_a_number_taken_from_its_persona_stays_with_somebody_elses_agent(standin, number, make_persona):
    answered(standin, number)
    give_by_hand(standin, number, stand_in_step(standin, make_persona("Lighthouse keeper")))
    PhoneNumber.objects.update(persona=None, state="waiting")
    phones.sync(fresh(number))
    assert there(standin, number)["assigned_agent"]["agent_name"] == "Lighthouse keeper"


def test_a_persona_that_is_deleted_answers_no_number(standin, number, django_capture_on_commit_callbacks):
    answered(standin, number)
    number.persona.delete()
    assert (fresh(number).persona, fresh(number).state) == (None, "waiting")
    phones.sync(fresh(number))
    assert fresh(number).state == "none"
    assert there(standin, number)["assigned_agent"] is None


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_assign_once(standin, number):
    stand_in_step(standin, number.persona)
    standin.forget_requests()
    busy = []

    def work():
        try:
            phones.sync(PhoneNumber.objects.get())
        except Busy:
            busy.append(True)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(standin.requests("PATCH", NUMBERS)) == 1
    assert fresh(number).state == "in_step"


def test_the_sweep_takes_what_waits_and_the_look_survives_a_service_that_is_away(standin, number):
    tasks.sync_waiting_phone_numbers()
    standin.fail("status", "/v1/convai/v2/phone-numbers", status=503)
    tasks.refresh_phone_numbers()
    assert fresh(number).state == "waiting"


def test_staff_see_the_accounts_numbers_without_asking_for_them(staff, buy):
    buy()
    shown = staff.get("/admin/voice/phonenumber/").content.decode()
    assert "+15551234567" in shown
    assert "No persona" in shown


def test_an_account_without_numbers_says_where_they_come_from_until_one_is_imported(staff, buy):
    assert "Import one there first" in staff.get("/admin/voice/phonenumber/").content.decode()
    buy()
    assert "+15551234567" in staff.get("/admin/voice/phonenumber/").content.decode()


def test_while_elevenlabs_is_away_staff_see_the_numbers_as_last_known(staff, standin, number):
    standin.fail("status", "/v1/convai/v2/phone-numbers", status=503)
    shown = staff.get("/admin/voice/phonenumber/").content.decode()
    assert "as it was last known" in shown
    assert "+15551234567" in shown


def test_choosing_a_persona_starts_the_agents_and_the_numbers_way(staff, standin, number, make_persona):
    answered(standin, number)
    other = make_persona("Lighthouse keeper", status="draft")
    stand_in_step(standin, other)
    address = f"/admin/voice/phonenumber/{number.pk}/change/"
    response = staff.post(address, {"persona": str(other.pk), "notice": ""}, follow=True)
    assert "turned away until Lighthouse keeper is published" in response.content.decode()
    assert fresh(number).state == "waiting"
    assert set(Agent.objects.values_list("state", flat=True)) == {"waiting"}  # the one before and the one after
    Agent.objects.update(state="in_step")
    phones.sync(fresh(number))
    assert there(standin, number)["assigned_agent"]["agent_name"] == "Lighthouse keeper"


def test_a_notice_with_a_variable_in_it_is_refused_at_its_field(staff, number):
    address = f"/admin/voice/phonenumber/{number.pk}/change/"
    response = staff.post(address, {"persona": str(number.persona_id), "notice": "Hello {{name}}."})
    assert "Write the words themselves" in response.content.decode()


def test_staff_can_assign_again_what_is_out_of_step(staff, standin, number):
    answered(standin, number)
    give_by_hand(standin, number, None)
    phones.refresh()
    action = {"action": "assign_again", "_selected_action": [str(number.pk)]}
    assert "on their way" in staff.post("/admin/voice/phonenumber/", action, follow=True).content.decode()
    Agent.objects.update(state="in_step")
    phones.sync(fresh(number))
    assert there(standin, number)["assigned_agent"]["agent_name"] == "Harbour guide"


def test_numbers_are_neither_added_nor_deleted_here_but_for_those_that_are_gone(staff, number):
    assert staff.get("/admin/voice/phonenumber/add/").status_code == 403
    assert staff.post(f"/admin/voice/phonenumber/{number.pk}/delete/", {"post": "yes"}).status_code == 403
    PhoneNumber.objects.update(state="gone")
    staff.post(f"/admin/voice/phonenumber/{number.pk}/delete/", {"post": "yes"})
    assert not PhoneNumber.objects.exists()


def test_who_may_not_change_numbers_cannot(client, number):
    client.force_login(User.objects.create_user("berta", is_staff=True))
    assert client.get("/admin/voice/phonenumber/").status_code == 403
    assert client.post(f"/admin/voice/phonenumber/{number.pk}/change/", {"persona": ""}).status_code == 403
    assert fresh(number).persona == number.persona
    assert not Session.objects.exists()
