"""What is wrong is found, told once, and told once more when it is over."""

import threading
import time

import pytest
from django.contrib.auth.models import Permission, User
from django.core import mail
from django.db import connection
from django.urls import reverse

from config.celery import app as celery
from demo import processes
from tests.voice.conftest import post_signed
from voice import agents, alerts, checks, gateway, watch
from voice.models import Agent, Alert, Workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def letters(settings, mailoutbox):
    """What was sent to the people who are to be told."""
    settings.ALERT_EMAILS, settings.EMAIL_URL = ["anna@example.org"], "smtp://localhost"
    return mailoutbox


@pytest.fixture
def webhook(standin, persona):
    """Our post-call webhook at the stand-in, as the first sync makes it."""
    agents.sync(Agent.objects.get(persona=persona))
    return Workspace.objects.get().webhook_id


def disable(webhook_id):
    """As somebody does in ElevenLabs' dashboard."""
    name = gateway.webhook(webhook_id)["name"]
    gateway.asking.ask(gateway.asking.elevenlabs().webhooks.update, webhook_id, is_disabled=True, name=name)


def test_an_alert_is_told_once_however_often_it_is_looked_at(letters):
    for _ in range(3):
        alerts.settle("webhook", "It is off.")
        alerts.tell()
    assert [letter.subject for letter in letters] == ["[Clone Advisor] Reports are not sent to us"]
    assert letters[0].to == ["anna@example.org"]
    assert "It is off." in letters[0].body
    assert reverse("admin:voice_alert_change", args=[Alert.objects.get().pk]) in letters[0].body


def test_when_it_is_over_that_is_told_once_too(letters):
    for words in ["It is off.", "", ""]:
        alerts.settle("webhook", words)
        alerts.tell()
        alerts.tell()
    assert [letter.subject.removeprefix("[Clone Advisor] ") for letter in letters] == [
        "Reports are not sent to us",
        "Over: Reports are not sent to us",
    ]


def test_what_was_over_before_it_could_be_told_is_not_worth_a_letter(letters):
    alerts.settle("webhook", "It is off.")
    alerts.settle("webhook", "")
    alerts.tell()
    assert letters == []


def test_what_is_wrong_again_is_a_new_alert(letters):
    for words in ["It is off.", "", "It is off again."]:
        alerts.settle("webhook", words)
        alerts.tell()
    assert len(letters) == 3
    assert Alert.objects.open().get().words == "It is off again."


def test_one_kind_may_be_wrong_with_several_things_at_once(letters):
    alerts.settle("drift", "Changed.", about="Harbour guide")
    alerts.settle("drift", "Changed.", about="Lamp seller")
    alerts.settle("drift", "", about="Lamp seller")
    assert [alert.about for alert in Alert.objects.open()] == ["Harbour guide"]


def test_without_an_address_for_letters_it_stands_in_the_log_and_on_the_page(settings, mailoutbox, caplog):
    settings.ALERT_EMAILS = ["anna@example.org"]
    alerts.settle("webhook", "It is off.")
    alerts.tell()
    alerts.tell()
    assert mailoutbox == []
    assert caplog.text.count("alert begun: Reports are not sent to us") == 1


@pytest.mark.parametrize(("url", "found"), [("", ["voice.W006"]), ("smtp://localhost", [])])
def test_addresses_without_a_way_to_send_letters_are_named_before_going_live(settings, url, found):
    settings.ALERT_EMAILS, settings.EMAIL_URL = ["anna@example.org"], url
    assert [one.id for one in checks.alerts_reach_somebody(None)] == found


def test_what_the_clock_starts_is_known_to_the_workers(settings):
    asked = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert asked >= {"voice.tasks.watch", "voice.tasks.reconcile", "voice.tasks.read_waiting_deliveries"}
    assert asked <= set(celery.tasks)


def test_a_letter_that_could_not_be_sent_is_sent_later_and_once(letters, settings):
    working, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", processes.free_port()
    alerts.settle("webhook", "It is off.")
    alerts.tell()
    assert Alert.objects.get().told_at is None
    settings.EMAIL_BACKEND = working
    alerts.tell()
    alerts.tell()
    assert len(letters) == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_begin_one_alert_and_send_one_letter(letters):
    def work():
        try:
            alerts.settle("webhook", "It is off.")
            alerts.tell()
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    [worker.start() for worker in workers]
    [worker.join() for worker in workers]
    assert Alert.objects.count() == 1
    assert len(letters) == 1


def test_a_webhook_that_works_is_no_alert(webhook):
    watch.look()
    assert not Alert.objects.exists()


def test_before_the_first_sync_there_is_no_webhook_to_miss(standin):
    watch.look()
    assert not Alert.objects.exists()


def test_a_webhook_that_somebody_switched_off_is_found_and_told(webhook, letters):
    disable(webhook)
    watch.look()
    assert "Somebody has switched" in Alert.objects.open().get().words
    assert len(letters) == 1


def test_a_webhook_that_elevenlabs_gave_up_is_found_with_its_last_failure(standin, webhook, letters, settings):
    settings.ELEVENLABS_WEBHOOK_SECRETS = []
    for _ in range(10):  # nobody listens at the tests' PUBLIC_URL
        event = {"type": "call_initiation_failure", "data": {}, "agent_id": standin.agents()[0]["agent_id"]}
        standin.http.post("/standin/deliveries", json=event).raise_for_status()
    until = time.monotonic() + 20
    while not gateway.webhook(webhook)["is_auto_disabled"] and time.monotonic() < until:
        time.sleep(0.1)
    watch.look()
    assert "it failed too often. The last time there was no answer" in Alert.objects.open().get().words


def test_a_moment_that_cannot_be_read_keeps_no_alert_from_being_told(standin, webhook, letters):
    broken = {"is_auto_disabled": True, "most_recent_failure_timestamp": 10**13}  # seconds in the year 318857
    standin.http.patch(f"/standin/webhooks/{webhook}", json=broken).raise_for_status()
    watch.look()
    assert "it failed too often. The last time there was no answer." in Alert.objects.open().get().words
    assert len(letters) == 1


def test_a_check_that_trips_keeps_no_other_from_being_made(webhook, letters, monkeypatch):
    disable(webhook)
    monkeypatch.setattr(watch, "CHECKS", ((Alert.Kind.REPORTS, "", lambda: 1 / 0), *watch.CHECKS))
    watch.look()
    assert [alert.kind for alert in Alert.objects.open()] == ["webhook"]
    assert len(letters) == 1


def test_while_elevenlabs_does_not_answer_an_alert_neither_begins_nor_ends(standin, webhook):
    alerts.settle("webhook", "It is off.")
    standin.fail("status", status=503)
    watch.look()
    assert Alert.objects.open().exists()


def test_reports_signed_with_another_secret_are_told_until_one_is_right(client, webhook_secret, webhook, letters):
    for _ in range(3):
        post_signed(client, {"type": "x"}, secret="wsec_of_another_webhook")
    watch.look()
    assert "signed with another secret" in Alert.objects.open().get().words
    post_signed(client, {"type": "x"})
    watch.look()
    assert not Alert.objects.open().exists()
    assert len(letters) == 2


def test_an_agent_that_was_changed_by_hand_is_told_until_it_is_settled(standin, persona, letters):
    Agent.objects.update(drift=[{"path": "agent.first_message"}])
    watch.look()
    assert "Somebody changed Harbour guide by hand" in Alert.objects.open().get().words
    Agent.objects.update(drift=[])
    watch.look()
    assert not Alert.objects.open().exists()
    assert len(letters) == 2


@pytest.fixture
def staff(client):
    client.force_login(User.objects.create_superuser("anna"))
    return client


def test_staff_have_the_webhook_switched_on_again_with_one_button(staff, webhook, letters):
    disable(webhook)
    watch.look()
    page = reverse("admin:voice_alert_change", args=[Alert.objects.get().pk])
    assert "Switch the webhook on again" in staff.get(page).content.decode()
    done = staff.post(reverse("admin:voice_alert_switch_on", args=[Alert.objects.get().pk]), follow=True)
    assert "Reports are sent again." in done.content.decode()
    assert "Switch the webhook on again" not in done.content.decode()
    assert gateway.webhook(webhook)["is_disabled"] is False
    assert [letter.subject.removeprefix("[Clone Advisor] ")[:5] for letter in letters] == ["Repor", "Over:"]


def test_a_webhook_that_was_deleted_there_is_made_anew_by_the_same_button(staff, standin, webhook, persona):
    gateway.delete_webhook(webhook)
    watch.look()
    assert "was deleted at ElevenLabs" in Alert.objects.open().get().words
    staff.post(reverse("admin:voice_alert_switch_on", args=[Alert.objects.get().pk]))
    agents.sync(Agent.objects.get(persona=persona))
    made = Workspace.objects.get().webhook_id
    assert made != webhook
    assert gateway.webhook(made)["is_disabled"] is False
    settings = standin.agents()[0]["agent_id"]
    told = standin.agent(settings)["platform_settings"]["workspace_overrides"]["webhooks"]
    assert told["post_call_webhook_id"] == made
    watch.look()
    assert not Alert.objects.open().exists()


def test_while_elevenlabs_does_not_answer_the_button_says_so(staff, standin, webhook):
    disable(webhook)
    watch.look()
    standin.fail("status", status=503)
    done = staff.post(reverse("admin:voice_alert_switch_on", args=[Alert.objects.get().pk]), follow=True)
    assert "Not switched on." in done.content.decode()
    assert Alert.objects.open().exists()


def test_who_may_only_look_is_shown_no_button_and_refused_behind_it(client, webhook):
    disable(webhook)
    watch.look()
    reader = User.objects.create_user("ben", is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_alert"))
    client.force_login(reader)
    pk = Alert.objects.get().pk
    assert "Switch the webhook on" not in client.get(reverse("admin:voice_alert_change", args=[pk])).content.decode()
    assert client.post(reverse("admin:voice_alert_switch_on", args=[pk])).status_code == 403
    assert gateway.webhook(webhook)["is_disabled"] is True


def test_the_button_takes_no_get(staff):
    assert staff.get(reverse("admin:voice_alert_switch_on", args=[1])).status_code == 405


def test_what_is_wrong_stands_first_on_the_admins_page(staff):
    alerts.settle("webhook", "It is <off>.")
    assert "It is &lt;off&gt;." in staff.get("/admin/").content.decode()
    alerts.settle("webhook", "")
    assert "It is &lt;off&gt;." not in staff.get("/admin/").content.decode()


def test_what_has_just_begun_is_said_to_be_new_and_not_to_last_for_0_minutes(staff):
    alerts.settle("webhook", "It is off.")
    assert "For less than a minute" in staff.get("/admin/voice/alert/").content.decode()
    assert "0\xa0minutes" not in staff.get("/admin/").content.decode()


def test_staff_who_may_not_see_alerts_see_none_there(client):
    alerts.settle("webhook", "It is off.")
    client.force_login(User.objects.create_user("ben", is_staff=True))
    assert "It is off." not in client.get("/admin/").content.decode()


def test_readyz_names_what_is_wrong_and_since_when_and_stays_ready(client, staff):
    assert client.get("/readyz").json()["parts"]["alerts"] == {"ok": True, "says": "none"}
    alerts.settle("webhook", "It is off.")
    response = client.get("/readyz")
    assert response.status_code == 200
    part = response.json()["parts"]["alerts"]
    assert (part["ok"], part["says"]) == (False, "Reports are not sent to us")
    assert 0 <= part["age_seconds"] < 60


WICKED = "<!channel> @all @here [free](https://evil.example/x) www.evil.example"


def test_in_a_chat_an_alert_mentions_nobody_and_leads_nowhere_but_here(settings):
    page = f"{settings.PUBLIC_URL}/admin/voice/alert/7/change/"
    text = alerts._harmless(f"{WICKED}\n{page}")
    for mark in ("<!", "@all", "@here", "](", "https://evil", "www.evil"):
        assert mark not in text
    assert text.endswith(page)


@pytest.mark.parametrize("address", ["http://[", "https://chat.example:port/", "chat", "http://\n", "http://\x00/"])
def test_a_malformed_chat_address_stops_nothing_and_a_check_says_so(settings, address):
    settings.ALERT_CHAT_URL = address
    alerts.settle("webhook", "It is off.")
    alerts.tell()
    assert Alert.objects.get().told_at is None
    assert [one.id for one in checks.chat_address_is_one(None)] == ["voice.W020"]


def test_a_whole_chat_address_is_no_warning(settings):
    settings.ALERT_CHAT_URL = "https://chat.example/hooks/abc?x=1"
    assert checks.chat_address_is_one(None) == []


def test_a_subject_of_two_lines_goes_out_as_one(settings):
    settings.ALERT_EMAILS = ["anna@example.org"]
    alerts._by_mail("One\nBcc: all@example.org", "text")
    assert mail.outbox[0].subject == "[Clone Advisor] One Bcc: all@example.org"
