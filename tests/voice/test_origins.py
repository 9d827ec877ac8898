"""Limits for a client's address: dropping the cookie gains little, an office is served, and headers are not believed."""

import json
import uuid
from datetime import timedelta

import pytest
from django.test import Client, RequestFactory
from django.utils import timezone

from voice import agents, checks, endings, origins
from voice.models import Attempt, Conversation, Session

pytestmark = pytest.mark.django_db
OFFICE = "203.0.113.7"
MANY = 125  # more than twice the limit: a minute may begin in between


def seen(settings, address, told=None, **named):
    for name, value in named.items():
        setattr(settings, name, value)
    headers = {} if told is None else {"X-Forwarded-For": told}
    return origins.network(RequestFactory().get("/", REMOTE_ADDR=address, headers=headers))


def ask(client, persona, address=OFFICE, **headers):
    return client.post(
        f"/chat/{persona.slug}/voice/wait/", "{}", content_type="application/json", REMOTE_ADDR=address, headers=headers
    )


@pytest.mark.parametrize(
    ("address", "network"),
    [(OFFICE, OFFICE), (f"{OFFICE}:5512", OFFICE), (f"::ffff:{OFFICE}", OFFICE), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
     ("[2001:db8:1:2::9]:443", "2001:db8:1:2::/64"), ("fe80::1%eth0", "fe80::/64"), ("127.0.0.1", ""), ("::1", ""), ("", ""),
     ("unix:", ""), ("9" * 400, "")],
)  # fmt: skip
def test_an_address_is_read_and_one_connection_is_one(settings, address, network):
    assert seen(settings, address) == network


def test_without_a_proxy_no_header_is_believed(settings):
    assert seen(settings, OFFICE, "198.51.100.1") == OFFICE


@pytest.mark.parametrize("told", ["198.51.100.1", "10.9.9.9, 198.51.100.1", "127.0.0.1,rubbish,198.51.100.1:80"])
def test_behind_a_proxy_what_it_saw_counts_and_not_what_a_client_made_up(settings, told):
    assert seen(settings, "10.0.0.1", told, BEHIND_TLS_PROXY=True) == "198.51.100.1"


def test_behind_two_proxies_the_second_from_the_right_counts(settings):
    told = "8.8.8.8, 198.51.100.1, 10.0.0.2"
    assert seen(settings, "10.0.0.1", told, BEHIND_TLS_PROXY=True, PROXIES=2) == "198.51.100.1"


@pytest.mark.parametrize("told", [None, "rubbish", "", "198.51.100.1"])
def test_a_header_that_cannot_be_of_our_proxies_is_not_believed(settings, told):
    assert seen(settings, "10.0.0.1", told, BEHIND_TLS_PROXY=True, PROXIES=2) == "10.0.0.1"


@pytest.mark.parametrize("proxies", [0, -1, -3])
def test_a_count_of_no_proxies_believes_nobody_and_does_not_start(settings, proxies):
    told = "6.6.6.6, 7.7.7.7, 198.51.100.1"
    assert checks.the_proxies_are_counted(None) == []
    assert seen(settings, "10.0.0.1", told, BEHIND_TLS_PROXY=True, PROXIES=proxies) == "10.0.0.1"
    assert [found.id for found in checks.the_proxies_are_counted(None)] == ["voice.E005"]


def test_whoever_drops_the_cookie_meets_the_limit_of_the_address(persona, settings):
    settings.VISITORS_PER_ADDRESS = 1
    answers = [ask(Client(), persona).status_code for _ in range(MANY)]
    assert answers[0] == 410
    assert 429 in answers
    assert ask(Client(), persona, address="203.0.113.8").status_code == 410


def test_a_made_up_header_gives_no_new_limit(persona, settings):
    settings.VISITORS_PER_ADDRESS = 1
    spoofs = [{"X-Forwarded-For": f"198.51.100.{number}"} for number in range(MANY)]
    assert 429 in [ask(Client(), persona, **spoof).status_code for spoof in spoofs]


def test_an_office_of_200_behind_one_address_is_served(persona):
    visitors = [Client() for _ in range(200)]
    assert {ask(visitor, persona).status_code for visitor in visitors for _ in range(3)} == {410}


def test_an_attempt_begins_no_thread(client, persona):
    told = {"key": uuid.uuid4().hex, "outcome": "microphone-denied", "milliseconds": {}}
    address = f"/chat/{persona.slug}/voice/attempt/"
    assert client.post(address, json.dumps(told), content_type="application/json").status_code == 200
    assert not Conversation.objects.exists()
    assert Attempt.objects.get().outcome == "microphone-denied"


@pytest.fixture
def calling(standin, make_persona):
    persona = make_persona(slug="harbour-guide")
    agents.sync(agents.note(persona))

    def call(address=OFFICE):
        return Client().post(
            f"/chat/{persona.slug}/voice/start/", "{}", content_type="application/json", REMOTE_ADDR=address
        )

    return call


def test_an_address_whose_calls_never_connect_takes_no_more_lines(calling):
    assert {calling().status_code for _ in range(12)} == {200}
    refused = calling()
    assert (refused.status_code, refused.json()["error"]["code"]) == (429, "limit")
    assert "not connected to" in refused.json()["error"]["message"]
    assert calling("198.51.100.1").status_code == 200
    Session.objects.update(there=Session.There.RUNS)
    assert calling().status_code == 200


def test_where_a_call_came_from_cannot_be_read_and_goes_within_hours(calling):
    calling()
    assert len(Session.objects.get().came_from) == 32
    Session.objects.update(started_at=timezone.now() - timedelta(hours=2))
    endings.forget_origins()
    assert Session.objects.get().came_from == ""
