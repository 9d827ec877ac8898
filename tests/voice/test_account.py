"""What the key may do: found out without changing anything, and said in words with what to do."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.core.management import CommandError, call_command
from django.utils import timezone

from demo import processes
from voice import tasks
from voice.agents import account
from voice.models import Workspace

pytestmark = pytest.mark.django_db
ALL = {"convai_read", "convai_write", "voices_read", "user_read", "webhooks_write"}
PAGE = "/admin/voice/workspace/"


@pytest.fixture(autouse=True)
def _standin(standin):
    yield
    standin.http.post("/standin/keys", json={"key": "key-of-the-tests"}).raise_for_status()


def allow(standin, permissions, **rule):
    """The key of the tests may do only this."""
    body = {"key": "key-of-the-tests", "permissions": sorted(permissions), **rule}
    standin.http.post("/standin/keys", json=body).raise_for_status()


def counts(standin):
    standin.http.get("/standin/").raise_for_status()
    return standin.http.get("/standin/").json()["counts"]


def test_a_key_that_may_do_everything_says_so_with_the_plan(standin):
    found = account.look()
    assert (found.problem, found.lacking) == ("", [])
    assert {one.state for one in found.findings} == {"may"}
    assert (found.tier, found.left is not None, found.calls is not None) == ("scale", True, True)


def test_what_was_only_seen_by_asking_for_the_impossible_is_said_to_be(standin):
    told = {one.title: one.says for one in account.look().findings}
    assert "without changing anything" in told["make, change and delete agents"]
    assert told["read agents"] == ""


def test_looking_makes_and_changes_nothing(standin):
    before = counts(standin)
    account.look()
    assert counts(standin) == before
    assert standin.requests("POST") == standin.requests("DELETE") == []


@pytest.mark.parametrize(
    ("missing", "lacking"),
    [("user_read", {"read the plan"}), ("voices_read", {"list voices"}), ("webhooks_write", {"make webhooks"}),
     ("convai_write", {"make, change and delete agents", "change tools", "keep secrets", "open calls"}),
     ("convai_read", {"read agents", "read conversations"})],
)  # fmt: skip
def test_what_a_limited_key_may_not_do_is_said_with_what_follows_and_what_to_do(standin, missing, lacking):
    allow(standin, ALL - {missing})
    found = account.look()
    assert found.problem == ""
    assert lacking <= {one.title for one in found.lacking}
    assert all(one.says.startswith("Therefore ") and "switch on" in one.says for one in found.lacking)
    assert (found.tier == "") is (missing == "user_read")


def test_a_wrong_key_is_one_sentence_and_asks_no_further(standin):
    allow(standin, [], revoked=True)
    found = account.look()
    assert "does not know this key" in found.problem
    assert found.findings == ()
    assert len(standin.requests("GET")) == 1


def test_without_a_key_the_real_address_is_not_asked(settings):
    settings.ELEVENLABS_API_KEY, settings.ELEVENLABS_URL = "", "https://api.elevenlabs.io"
    assert "ELEVENLABS_API_KEY is empty" in account.look().problem


def test_without_a_key_it_is_said_who_answers_in_elevenlabs_place(settings, standin):
    settings.ELEVENLABS_API_KEY = ""
    assert standin.url in account.key_in_words()


def test_without_a_network_it_says_where_nobody_answered_and_to_try_again(settings):
    settings.ELEVENLABS_URL = f"http://127.0.0.1:{processes.free_port()}"
    problem = account.look().problem
    assert settings.ELEVENLABS_URL in problem
    assert "Try again" in problem


def test_a_key_is_looked_at_when_it_is_first_seen_and_not_again(standin, settings):
    assert account.look_if_new() is not None
    assert account.look_if_new() is None
    settings.ELEVENLABS_API_KEY = "another-key-of-the-tests"
    assert account.known_now() is None
    assert account.look_if_new() is not None


def test_a_key_is_looked_at_again_after_an_hour(standin):
    account.look()
    kept = Workspace.objects.get(pk=1)
    kept.account["at"] = (timezone.now() - account.AGAIN - timedelta(seconds=1)).isoformat()
    kept.save()
    assert account.look_if_new() is not None


def test_a_key_that_could_not_be_looked_at_is_looked_at_the_next_time(standin):
    standin.fail("status", status=500)
    account.look()
    standin.mend()
    assert account.look_if_new().problem == ""


def test_a_worker_that_begins_has_the_key_looked_at(standin, monkeypatch):
    started = []
    monkeypatch.setattr(tasks, "start", lambda task, *ids: started.append(task))
    tasks.a_worker_begins()
    assert started == [tasks.look_after_account]
    tasks.look_after_account()
    assert account.known_now().tier == "scale"


def test_the_command_says_it_all_and_never_the_key(standin, settings, capsys):
    call_command("check_key")
    printed = capsys.readouterr().out
    assert "Plan scale" in printed
    assert "make, change and delete agents" in printed
    assert settings.ELEVENLABS_API_KEY not in printed


def test_the_command_fails_where_something_is_missing(standin, capsys):
    allow(standin, ALL - {"convai_write"})
    with pytest.raises(CommandError, match="are missing"):
        call_command("check_key")
    assert "may not" in capsys.readouterr().out


def test_a_sync_begins_by_saying_what_a_new_key_may_not_do(standin, capsys):
    allow(standin, ALL - {"voices_read"})
    call_command("sync_agents")
    assert "The key may not list voices." in capsys.readouterr().out
    call_command("sync_agents")
    assert "The key may not" not in capsys.readouterr().out


def test_the_page_shows_what_was_found_and_asks_nobody(standin, admin_client, settings):
    account.look()
    standin.forget_requests()
    page = admin_client.get(PAGE).content.decode()
    assert "Credits left" in page
    assert "make, change and delete agents" in page
    assert settings.ELEVENLABS_API_KEY not in page
    assert standin.requests("GET") == []


def test_the_button_looks_and_says_how_it_went(standin, admin_client):
    allow(standin, ALL - {"convai_write"})
    page = admin_client.post(f"{PAGE}look/", follow=True).content.decode()
    assert "The key may not do 4 of the things that are needed." in page
    assert "Therefore personas get no voice" in page


def test_following_a_link_to_the_button_asks_nobody(standin, admin_client):
    assert admin_client.get(f"{PAGE}look/").status_code == 302
    assert standin.requests("GET") == []


def test_staff_without_the_right_see_neither_page_nor_button(standin, client):
    staff = User.objects.create_user("berta", is_staff=True)
    client.force_login(staff)
    assert client.get(PAGE).status_code == 403
    assert client.post(f"{PAGE}look/").status_code == 403
    staff.user_permissions.add(Permission.objects.get(codename="view_workspace"))
    assert client.get(PAGE).status_code == 200


def test_there_is_nothing_to_add_change_or_delete(admin_client):
    Workspace.objects.get_or_create(pk=1)
    assert admin_client.get(f"{PAGE}add/").status_code == 403
    assert admin_client.post(f"{PAGE}1/delete/").status_code == 403
    assert admin_client.get(f"{PAGE}1/change/").url == PAGE
