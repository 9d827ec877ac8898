"""What staff are told of the voice when they try it."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from voice import agents, inspection, journal
from voice.models import Agent, Session

pytestmark = pytest.mark.django_db(transaction=True)
JSON = {"content_type": "application/json", "headers": {"Accept": "application/json"}}


@pytest.fixture
def ready(persona, standin, live_server, settings):
    """All parts in order: the stand-in, an agent in step, our own address."""
    settings.PUBLIC_URL = live_server.url
    agents.sync(Agent.objects.get(persona=persona))
    yield persona
    journal.flush()  # the call that was tried at the tool door is noted a moment later


def findings(persona):
    return {finding.name: finding for finding in inspection.inspect(persona)}


def test_when_all_is_well_every_part_passes_with_its_milliseconds(ready):
    found = findings(ready)
    assert [finding.name for finding in found.values() if not finding.ok] == []
    assert found["Signed address"].milliseconds > 0 and found["Tool door"].milliseconds > 0


def test_a_token_that_the_door_does_not_know_fails_with_advice(ready, settings, monkeypatch):
    monkeypatch.setattr(inspection, "_proof", lambda: {"X-Service-Token": "another-token-altogether"})
    door = findings(ready)["Tool door"]
    assert not door.ok and "401" in door.says and "SERVICE_TOKENS" in door.advice


def test_an_address_that_leads_nowhere_is_named(ready, settings):
    settings.PUBLIC_URL = "http://127.0.0.1:9"
    door = findings(ready)["Tool door"]
    assert not door.ok and "http://127.0.0.1:9 does not answer" in door.says


def test_the_last_report_is_dated_in_words(ready, conversation):
    for at, words in ((timezone.now(), "just now"), (timezone.now() - timedelta(hours=3), "3\xa0hours ago")):
        Session.objects.create(conversation=conversation, elevenlabs_conversation_id=words, reported_at=at)
        assert findings(ready)["Reports"].says == f"The last call was reported {words}."
        Session.objects.all().delete()


def test_without_tokens_the_door_is_said_to_be_closed(ready, settings):
    settings.SERVICE_TOKENS = []
    assert "every agent is refused" in findings(ready)["Tool door"].says


def test_a_persona_without_agent_is_told_so(standin, make_persona):
    found = findings(make_persona())
    assert not found["Agent"].ok and not found["Signed address"].ok


def test_what_elevenlabs_says_reaches_staff(ready, standin):
    standin.http.post("/standin/faults", json={"on": "http", "do": "status", "status": 503, "path": "*signed*"})
    assert "503" in findings(ready)["Signed address"].says


def test_voice_that_is_switched_off_is_said_to_be(ready, settings):
    settings.ENABLE_VOICE_CHAT, settings.VOICE_CHAT_BETA_USERS = False, []
    assert not findings(ready)["Voice switched on"].ok


def test_only_staff_see_the_page_and_its_findings(client, persona):
    assert client.get("/test-voice/").status_code == 302
    assert client.post(f"/test-voice/{persona.slug}/", {}, **JSON).status_code == 302
    client.force_login(User.objects.create_user("visitor"))
    assert client.get("/test-voice/").status_code == 302


def test_without_any_persona_the_page_leads_to_where_one_is_made(admin_client):
    assert reverse("admin:personas_persona_add") in admin_client.get("/test-voice/").content.decode()


def test_staff_find_the_page_from_the_admin_and_the_way_back(admin_client):
    page = reverse("voice:test_voice")
    for name in ("admin:index", "admin:voice_workspace_changelist"):
        assert f'href="{page}"' in admin_client.get(reverse(name)).content.decode()
    assert f'href="{reverse("admin:index")}"' in admin_client.get(page).content.decode()


def test_another_persona_can_be_chosen_and_an_unknown_one_is_the_first(admin_client, persona, make_persona):
    other = make_persona("Zoe", slug="zoe")
    assert admin_client.get("/test-voice/?persona=zoe").context["persona"] == other
    assert admin_client.get("/test-voice/?persona=nobody").context["persona"] == persona
