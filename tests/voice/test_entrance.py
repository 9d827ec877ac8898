"""The staff entrance: tries are counted, nobody learns who has an account, and sessions end when they should."""

import time

import pytest
import redis
from django.contrib import admin
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import get_resolver

from tests.conftest import PORTS
from voice import entrance

pytestmark = pytest.mark.django_db
OFFICE = "203.0.113.7"
PASSWORD = "correct horse battery"


@pytest.fixture
def anna():
    return User.objects.create_superuser("anna", password=PASSWORD)


@pytest.fixture(autouse=True)
def one_window(monkeypatch):
    """The quarter of an hour does not turn in the middle of a test."""
    end = int(time.time()) + 600
    monkeypatch.setattr("django_ratelimit.core._get_window", lambda *_: end)


def try_in(client, name="anna", password="wrong", address=OFFICE, **headers):
    data = {"username": name, "password": password}
    return client.post("/admin/login/?next=/admin/", data, REMOTE_ADDR=address, headers=headers)


def said(response):
    return [str(error) for error in response.context["form"].non_field_errors()]


def use_up(client, name="anna", address=OFFICE, tries=entrance.TRIES_OF_A_NAME):
    for _ in range(tries):
        response = try_in(client, name, address=address)
    return response


def test_ten_tries_of_a_name_are_one_too_few_to_be_refused(client, anna):
    assert said(use_up(client)) != said(try_in(client))
    assert said(try_in(client)) == ["Too many tries. Wait 10 minutes, then try again."]


def test_the_right_password_does_not_open_after_too_many_tries(client, anna):
    use_up(client)
    try_in(client, password=PASSWORD)
    assert "_auth_user_id" not in client.session


def test_a_name_is_one_however_it_is_written(client, anna):
    for turn in range(entrance.TRIES_OF_A_NAME):
        try_in(Client(), (" Anna", "ANNA ")[turn % 2])
    assert "Too many tries" in said(try_in(client))[0]


def test_whoever_knows_a_name_does_not_keep_its_owner_out(client, anna):
    use_up(Client(), tries=entrance.TRIES_OF_AN_ADDRESS + 2)
    assert "Too many tries" in said(try_in(Client()))[0]
    assert try_in(client, password=PASSWORD, address="198.51.100.1").status_code == 302


@pytest.mark.parametrize("most", [3, 0, -1])
def test_a_name_has_a_limit_wherever_it_is_tried_unless_it_is_switched_off(client, anna, settings, most):
    settings.LOGIN_TRIES_PER_HOUR = most
    for turn in range(5):
        try_in(Client(), (" Anna", "ANNA ")[turn % 2], address=f"198.51.100.{turn}")
    assert (try_in(client, password=PASSWORD).status_code == 302) is (most < 1)


def test_tries_that_are_refused_at_one_address_count_nowhere_else(client, anna, settings):
    settings.LOGIN_TRIES_PER_HOUR = entrance.TRIES_OF_A_NAME + 2
    use_up(Client(), tries=entrance.TRIES_OF_A_NAME + 5)
    assert try_in(client, password=PASSWORD, address="198.51.100.1").status_code == 302


def test_another_name_is_not_held_up(client, anna):
    use_up(client, "berta")
    assert try_in(client, password=PASSWORD).status_code == 302


@pytest.mark.parametrize("tries", [0, entrance.TRIES_OF_A_NAME])
def test_nobody_learns_whether_there_is_such_a_name(client, anna, tries):
    for _ in range(tries):
        try_in(client)
        try_in(client, "nobody")
    assert said(try_in(client)) == said(try_in(client, "nobody"))


def test_an_address_that_tries_many_names_is_refused(client, anna, monkeypatch):
    monkeypatch.setattr(entrance, "TRIES_OF_AN_ADDRESS", 3)
    for turn in range(3):
        try_in(client, f"name-{turn}")
    assert "Too many tries" in said(try_in(client, password=PASSWORD))[0]
    assert try_in(client, password=PASSWORD, address="198.51.100.1").status_code == 302


def test_without_redis_tries_are_counted_all_the_same(client, anna, settings):
    settings.CACHES = {
        **settings.CACHES,
        "default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:9/0"},
    }
    assert try_in(client, "anna", PASSWORD).status_code == 302
    use_up(Client(), "anna", tries=entrance.TRIES_OF_A_NAME - 1)
    assert "Too many tries" in said(try_in(Client(), "anna", PASSWORD))[0]


def test_the_refusal_is_said_in_german(client, anna):
    use_up(client)
    told = said(try_in(client, **{"Accept-Language": "de"}))
    assert told == ["Zu viele Versuche. Warten Sie 10 Minuten und versuchen Sie es dann noch einmal."]


def test_nothing_that_was_typed_lies_in_redis(client, anna):
    try_in(client, "a password in the wrong field")
    with redis.Redis(port=PORTS["valkey"]) as connection:
        keys = connection.keys("*rl:*")
    assert len(keys) == 3
    assert not [key for key in keys if b"password" in key or OFFICE.encode() in key]


def test_there_is_one_door_for_passwords():
    """A second form for signing in would have no limits: it would show here."""
    names = {pattern.name for pattern in _patterns(get_resolver()) if "login" in str(pattern.name)}
    assert names == {"login"}
    assert admin.site.login_form is entrance.LoginForm


def _patterns(resolver):
    for pattern in resolver.url_patterns:
        yield from _patterns(pattern) if hasattr(pattern, "url_patterns") else [pattern]


def test_who_comes_in_gets_a_new_session(client, anna):
    client.get("/")
    before = client.session.session_key
    try_in(client, password=PASSWORD)
    assert client.session["_auth_user_id"] == str(anna.pk)
    assert client.session.session_key != before
    assert not Session.objects.filter(session_key=before).exists()


def test_a_changed_password_ends_the_other_sessions_and_keeps_this_one(client, anna):
    other = Client()
    for browser in (client, other):
        try_in(browser, password=PASSWORD)
    new = "a longer one than before"
    form = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert client.post("/admin/password_change/", form).status_code == 302
    assert client.get("/admin/").status_code == 200
    assert other.get("/admin/").status_code == 302
