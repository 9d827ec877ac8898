"""New secrets in place of old ones: there is no moment in which neither works, and nothing is lost."""

import threading
import time
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from tests.voice.conftest import SECRET, signature
from voice import agents, gateway, tokens
from voice.agents import rotation, workspace
from voice.models import Agent, Delivery, TokenUse, Workspace

pytestmark = pytest.mark.django_db(transaction=True)
OLD, NEW = "old-token-of-the-tests-0123456789", "new-token-of-the-tests-0123456789"
EVENT = "post_call_transcription"


@pytest.fixture(autouse=True)
def forgetful(monkeypatch):
    monkeypatch.setattr(tokens, "_noted", {})


@pytest.fixture
def agent(standin, settings, make_persona):
    settings.SERVICE_TOKENS = [OLD]
    agent = agents.note(make_persona(slug="harbour-guide"))
    agents.sync(agent)
    return agent


def call(client, token):
    response = client.post(
        "/elevenlabs/function-call", "{}", content_type="application/json", headers={"X-Service-Token": token}
    )
    return response.status_code


def sent_by_elevenlabs(standin):
    """The token that stands in the secret, as the last request that set it told."""
    rows = standin.requests("POST", "/v1/convai/secrets") + standin.requests("PATCH", "/v1/convai/secrets/")
    return rows[-1]["body"]


def say(standing):
    return " ".join(standing.says)


def wait_until(true, seconds=20):
    until = time.monotonic() + seconds
    while not true() and time.monotonic() < until:
        time.sleep(0.02)
    return true()


def test_the_new_token_is_live_before_the_old_one_dies(client, standin, agent, settings):
    settings.SERVICE_TOKENS = [NEW, OLD]
    assert [call(client, token) != 401 for token in (NEW, OLD)] == [True, True]
    assert "does not have the first token yet" in say(rotation.token())
    workspace.prepare()
    assert NEW in sent_by_elevenlabs(standin)
    assert [call(client, token) != 401 for token in (NEW, OLD)] == [True, True]
    settings.SERVICE_TOKENS = [NEW]
    assert [call(client, token) != 401 for token in (NEW, OLD)] == [True, False]


def test_it_is_said_when_the_old_token_was_last_used_and_when_it_can_go(client, agent, settings):
    settings.SERVICE_TOKENS = [NEW, OLD]
    workspace.prepare()
    call(client, OLD)
    assert wait_until(lambda: tokens.last_used(OLD))
    assert "Keep it until" in say(rotation.token())
    assert not rotation.token().done
    long_ago = timezone.now() - settings.VOICE_SESSION_MAX_AGE - timedelta(minutes=1)
    TokenUse.objects.update(used_at=long_ago)
    assert not rotation.token().done  # ElevenLabs has the new one only since a moment
    Workspace.objects.update(synced_at=long_ago)
    assert "can now be removed" in say(rotation.token())
    assert rotation.token().done


def test_a_token_is_never_shown_nor_kept_whole(client, agent, settings, capsys):
    settings.SERVICE_TOKENS = [NEW, OLD]
    call(client, OLD)
    wait_until(lambda: tokens.last_used(OLD))
    call_command("rotate_token")
    printed = capsys.readouterr().out
    assert (OLD in printed, NEW in printed, OLD[-4:] in printed) == (False, False, True)
    assert OLD not in TokenUse.objects.get().fingerprint


def test_a_wrong_token_is_not_noted(client, agent):
    assert call(client, "nobody") == 401
    assert not TokenUse.objects.exists()


def test_many_calls_write_one_row_in_a_while(client, agent):
    for _ in range(20):
        call(client, OLD)
    assert wait_until(TokenUse.objects.exists)
    used_at = tokens.last_used(OLD)
    call(client, OLD)
    assert (TokenUse.objects.count(), tokens.last_used(OLD)) == (1, used_at)


def test_the_command_puts_the_first_token_into_elevenlabs_secret(standin, agent, settings, capsys):
    settings.SERVICE_TOKENS = [NEW, OLD]
    call_command("rotate_token")
    assert NEW in sent_by_elevenlabs(standin)
    assert "Keep it until" in capsys.readouterr().out


def test_the_command_offers_a_new_token_where_there_is_one(agent, capsys):
    call_command("rotate_token")
    printed = capsys.readouterr().out
    assert "SERVICE_TOKENS=NEW,OLD" in printed
    assert len(printed.split()[-1]) >= 40


def test_a_token_whose_answer_was_lost_is_sent_again(standin, agent, settings):
    settings.SERVICE_TOKENS = [NEW, OLD]
    standin.fail("lost_answer", "/v1/convai/secrets/*", method="PATCH", times=1)
    with pytest.raises(gateway.Unreachable):
        workspace.prepare()
    assert "does not have the first token yet" in say(rotation.token())
    workspace.prepare()
    assert "ElevenLabs sends the token" in say(rotation.token())


def webhooks(standin):
    rows = standin.http.get("/v1/workspace/webhooks").json()["webhooks"]
    return {row["webhook_id"] for row in rows if row["name"] == f"clone-advisor-{Workspace.objects.get().installation}"}


def named_by(standin, agent):
    there = standin.agent(Agent.objects.get(pk=agent.pk).elevenlabs_agent_id)
    return there["platform_settings"]["workspace_overrides"]["webhooks"]["post_call_webhook_id"]


def pass_time():
    """An hour and more goes by."""
    row = Workspace.objects.get()
    ago = (timezone.now() - rotation.quiet() - timedelta(minutes=1)).isoformat()
    Workspace.objects.update(retired=[one | {"since": ago} if "since" in one else one for one in row.retired])


def test_a_new_webhook_takes_over_and_the_old_one_goes_when_nothing_is_under_way(standin, agent):
    old = Workspace.objects.get().webhook_id
    workspace.replace_webhook()
    new = Workspace.objects.get().webhook_id
    assert {old, new} <= webhooks(standin)
    rotation.retire()
    assert "Not yet moved" in say(rotation.webhook())
    (row,) = agents.due()
    agents.sync(row)
    assert named_by(standin, agent) == new
    rotation.retire()
    assert old in webhooks(standin)
    assert "Every agent names the new webhook" in say(rotation.webhook())
    pass_time()
    rotation.retire()
    assert (old in webhooks(standin), new in webhooks(standin)) == (False, True)
    assert rotation.webhook().done


def test_an_agent_that_cannot_be_moved_keeps_the_old_webhook_alive(standin, agent):
    old = Workspace.objects.get().webhook_id
    workspace.replace_webhook()
    Agent.objects.update(state="refused")
    for _ in range(2):
        rotation.retire()
        pass_time()
    assert old in webhooks(standin)
    assert "harbour" in say(rotation.webhook()).lower()


def test_both_secrets_are_accepted_and_neither_is_kept_in_the_clear(agent):
    (old,) = workspace.webhook_secrets()
    workspace.replace_webhook()
    secrets = workspace.webhook_secrets()
    assert (len(secrets), old in secrets) == (2, True)
    row = Workspace.objects.get()
    assert not any(secret in f"{row.webhook_secret} {row.retired}" for secret in secrets)


def test_a_new_webhook_whose_secret_was_lost_leaves_the_old_one_in_use(standin, agent):
    old = Workspace.objects.get().webhook_id
    standin.fail("lost_answer", "/v1/workspace/webhooks", method="POST", times=1)
    with pytest.raises(gateway.Unreachable):
        workspace.replace_webhook()
    assert Workspace.objects.get().webhook_id == old
    assert len(workspace.webhook_secrets()) == 1
    workspace.replace_webhook()
    assert len(webhooks(standin)) == 2  # the lost one is gone, and the old one is not
    assert old in webhooks(standin)


class Reports(threading.Thread):
    """The other side sends a report every now and then, whatever we do meanwhile."""

    def __init__(self, standin, agent_id):
        super().__init__()
        self.standin, self.agent_id, self.sent, self.end = standin, agent_id, 0, threading.Event()

    def run(self):
        while not self.end.wait(0.05):
            data = {"conversation_id": f"conv_{self.sent}", "agent_id": self.agent_id, "transcript": []}
            body = {"type": EVENT, "agent_id": self.agent_id, "data": data}
            self.standin.http.post("/standin/deliveries", json=body).raise_for_status()
            self.sent += 1


@pytest.fixture
def doors(live_server, settings):
    settings.PUBLIC_URL = live_server.url
    settings.ELEVENLABS_WEBHOOK_SECRETS = []
    return live_server


def deliveries(standin):
    return standin.http.get("/standin/deliveries").json()["deliveries"]


def test_no_report_is_lost_while_the_webhook_is_replaced(standin, doors, agent):
    known = {row["id"] for row in deliveries(standin)}
    reports = Reports(standin, agent.elevenlabs_agent_id)
    reports.start()
    old = Workspace.objects.get().webhook_id
    time.sleep(0.4)
    workspace.replace_webhook()
    time.sleep(0.4)
    for row in agents.due():
        agents.sync(row)
    time.sleep(0.4)
    rotation.retire()
    reports.end.set()
    reports.join(20)

    def ours():
        return [row for row in deliveries(standin) if row["id"] not in known]

    assert wait_until(lambda: all(row["state"] == "delivered" for row in ours()))
    assert len(ours()) == reports.sent > 5
    assert {row["webhook_id"] for row in ours()} == {old, Workspace.objects.get().webhook_id}
    assert {status["status"] for row in ours() for status in row["attempts"]} == {200}
    assert Delivery.objects.filter(kind=EVENT).count() == reports.sent
    # One that is sent again half an hour later, signed with the old secret, is taken too; after its time it is not.
    first = next(row for row in ours() if row["webhook_id"] == old)
    standin.http.post(f"/standin/deliveries/{first['id']}/resend").raise_for_status()
    assert wait_until(lambda: len(again(standin, first)) == 2)
    assert [attempt["status"] for attempt in again(standin, first)] == [200, 200]


def again(standin, delivery):
    return next(row["attempts"] for row in deliveries(standin) if row["id"] == delivery["id"])


def test_after_its_time_the_old_secret_is_refused(client, standin, agent, settings):
    settings.ELEVENLABS_WEBHOOK_SECRETS = []
    (old,) = workspace.webhook_secrets()
    assert old != SECRET

    def status():
        body = b'{"type": "post_call_transcription", "event_timestamp": 1, "data": {}}'
        headers = {"ElevenLabs-Signature": signature(body, secret=old)}
        return client.post("/elevenlabs/post-call", body, content_type="application/json", headers=headers).status_code

    workspace.replace_webhook()
    agents.sync(agent)
    rotation.retire()
    assert status() == 200
    pass_time()
    rotation.retire()
    assert status() == 401
