"""Staff's second factor: whoever has the password alone is nobody, and no code works twice."""

import logging
import re
from datetime import timedelta

import pytest
from django.conf import settings as site
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_otp.oath import totp
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from voice import checks, devices, urls

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
SETUP, CODE, PEOPLE = "/admin/second-factor/", "/admin/second-factor/code/", "/admin/second-factor/people/"
WRONG = "This code did not work."


@pytest.fixture
def anna():
    return User.objects.create_superuser("anna", password=PASSWORD)


def code_of(secret, later=0):
    """What the app shows, or will show so many half minutes later."""
    return f"{totp(bytes.fromhex(secret), drift=later):06}"


def a_code(user):
    """One that was never used."""
    TOTPDevice.objects.filter(user=user).update(last_t=-1, drift=0, throttling_failure_count=0)
    return code_of(devices.of(user).key)


def give(user):
    """A second factor; gives the recovery codes."""
    secret = devices.make_secret()
    return devices.begin(user, secret, code_of(secret))


def sign_in(client, name="anna", password=PASSWORD, to="/admin/"):
    return client.post("/admin/login/", {"username": name, "password": password, "next": to}, follow=True)


def set_up(client):
    """By the page, as a person does. Gives the page with the recovery codes."""
    client.get(SETUP)
    return client.post(SETUP, {"code": code_of(client.session["second_factor_secret"])})


def codes_on(response):
    return re.findall(r"<code>(\w{5}-\w{5})</code>", response.content.decode())


def opens(client, address="/admin/"):
    return client.get(address).status_code == 200


def test_it_is_set_up_with_a_picture_a_secret_and_one_code(client, anna):
    client.force_login(anna)
    shown = client.get(SETUP).content.decode()
    assert 'src="data:image/svg+xml' in shown
    assert re.search(r'<code class="second-factor-secret">[A-Z2-7]{32}</code>', shown)
    assert len(set(codes_on(set_up(client)))) == 10
    assert devices.of(anna)
    assert opens(client)


def test_the_app_reads_who_and_where_it_is_for(anna):
    address = devices.address(anna, devices.make_secret())
    assert address.startswith("otpauth://totp/Clone%20Advisor%20127.0.0.1%3Aanna?secret=")


def test_a_wrong_first_code_sets_up_nothing_and_keeps_the_secret(client, anna):
    client.force_login(anna)
    client.get(SETUP)
    secret = client.session["second_factor_secret"]
    assert WRONG in client.post(SETUP, {"code": "000000"}).content.decode() or code_of(secret) == "000000"
    assert devices.of(anna) is None
    assert client.session["second_factor_secret"] == secret


def test_recovery_codes_are_shown_once_and_kept_unreadable(client, anna):
    client.force_login(anna)
    codes = codes_on(set_up(client))
    assert codes_on(client.get(SETUP)) == []
    kept = set(StaticToken.objects.values_list("token", flat=True))
    assert len(kept) == 10
    assert kept.isdisjoint(codes) and kept.isdisjoint(code.replace("-", "") for code in codes)


def test_after_the_password_the_code_is_asked_for_and_leads_to_where_one_was_going(client, anna):
    give(anna)
    response = sign_in(client, to="/admin/auth/user/")
    assert response.redirect_chain[-1][0] == f"{CODE}?next=%2Fadmin%2Fauth%2Fuser%2F"
    response = client.post(CODE, {"code": a_code(anna), "next": "/admin/auth/user/"})
    assert response.url == "/admin/auth/user/"
    assert opens(client, "/admin/auth/user/")


def test_a_stranger_never_hears_of_a_second_factor(client, anna):
    User.objects.create_user("berta", password=PASSWORD, is_staff=True)
    give(anna)
    told = [
        re.sub(r'value="[^"]*"', "", sign_in(client, name, "wrong").content.decode()) for name in ("anna", "berta", "x")
    ]
    assert len(set(told)) == 1
    assert client.get(CODE).url == f"/admin/login/?next={CODE}"


def staff_doors():
    """The addresses of ours and of the admin that send a stranger to the login page."""
    named = [pattern.name for pattern in urls.urlpatterns if pattern.name and "<" not in str(pattern.pattern)]
    addresses = [reverse(f"voice:{name}") for name in named] + [
        reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist") for model in admin.site._registry
    ]
    stranger = Client()
    return [
        address
        for address in [*addresses, "/admin/", "/admin/password_change/"]
        if (found := stranger.get(address)).status_code == 302 and found.url.startswith("/admin/login/")
    ]


@pytest.mark.parametrize("mode", ["optional", "required"])
def test_by_the_password_alone_no_door_of_staff_opens(client, anna, settings, mode):
    settings.ADMIN_TOTP = mode
    if mode == "optional":
        give(anna)
    client.force_login(anna)
    doors = staff_doors()
    assert len(doors) > 20
    assert {"/staff/voice/", "/test-voice/", "/api/schema/", "/admin/", PEOPLE} <= set(doors)
    mine = {SETUP, CODE}
    assert [address for address in doors if address not in mine and opens(client, address)] == []
    assert client.post("/admin/auth/user/", {"action": "delete_selected"}).url.startswith("/admin/login/")


def test_a_session_opened_before_it_was_set_up_is_asked_too(client, anna):
    client.force_login(anna)
    assert opens(client)
    give(anna)
    assert client.get("/admin/", follow=True).redirect_chain[-1][0] == f"{CODE}?next=%2Fadmin%2F"


def test_a_session_opened_with_one_device_is_not_open_with_the_next(client, anna):
    client.force_login(anna)
    set_up(client)
    devices.remove(anna)
    give(anna)
    assert not opens(client)


def test_a_code_works_once(client, anna):
    give(anna)
    client.force_login(anna)
    code = a_code(anna)
    assert client.post(CODE, {"code": code}).status_code == 302
    other = Client()
    other.force_login(anna)
    assert WRONG in other.post(CODE, {"code": code}).content.decode()
    assert not opens(other)


def test_the_first_code_does_not_open_a_second_session(client, anna):
    client.force_login(anna)
    client.get(SETUP)
    code = code_of(client.session["second_factor_secret"])
    client.post(SETUP, {"code": code})
    other = Client()
    other.force_login(anna)
    assert WRONG in other.post(CODE, {"code": code}).content.decode()


def test_a_recovery_code_works_once_however_it_is_typed(client, anna):
    code = give(anna)[3]
    client.force_login(anna)
    assert client.post(CODE, {"code": f" {code.upper().replace('-', ' ')} "}).status_code == 302
    assert opens(client)
    other = Client()
    other.force_login(anna)
    assert WRONG in other.post(CODE, {"code": code}).content.decode()
    assert devices.standing(anna).codes_left == 9


def test_nobody_gets_in_with_somebody_elses_codes(client, anna):
    berta = User.objects.create_superuser("berta")
    code = give(berta)[0]
    give(anna)
    client.force_login(anna)
    for tried in (code, a_code(berta)):
        TOTPDevice.objects.update(throttling_failure_timestamp=None, throttling_failure_count=0)
        assert WRONG in client.post(CODE, {"code": tried}).content.decode()
    assert not opens(client)


def test_after_wrong_codes_even_a_right_one_waits(client, anna):
    give(anna)
    client.force_login(anna)
    good = a_code(anna)
    TOTPDevice.objects.update(throttling_failure_count=5, throttling_failure_timestamp=timezone.now())
    assert "Too many tries. Wait" in client.post(CODE, {"code": good}).content.decode()
    assert not opens(client)
    TOTPDevice.objects.update(throttling_failure_timestamp=timezone.now() - timedelta(minutes=5))
    assert client.post(CODE, {"code": good}).status_code == 302


def test_ten_tries_in_a_quarter_of_an_hour_are_all_there_are_wherever_they_come_from(client, anna):
    give(anna)
    client.force_login(anna)
    for number in range(10):
        TOTPDevice.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)
        assert WRONG in client.post(CODE, {"code": "000000"}, REMOTE_ADDR=f"203.0.113.{number}").content.decode()
    said = client.post(CODE, {"code": a_code(anna)}, REMOTE_ADDR="198.51.100.7").content.decode()
    assert "Too many tries. Wait" in said
    assert not opens(client)


@pytest.mark.parametrize("recovery", [False, True], ids=["app", "recovery"])
def test_after_ever_so_many_wrong_codes_the_wait_is_17_minutes(client, anna, recovery):
    codes = give(anna)
    client.force_login(anna)
    good, kind = (codes[0], StaticDevice) if recovery else (a_code(anna), TOTPDevice)
    failed = timezone.now() - timedelta(minutes=15)
    kind.objects.update(throttling_failure_count=20, throttling_failure_timestamp=failed)
    assert "Too many tries. Wait" in client.post(CODE, {"code": good}).content.decode()
    kind.objects.update(throttling_failure_count=20, throttling_failure_timestamp=failed - timedelta(minutes=2.5))
    assert client.post(CODE, {"code": good}).status_code == 302


@pytest.mark.parametrize("name", ["{pk}", "code {pk}", "Code of {pk} "])
def test_no_name_that_a_stranger_types_holds_up_somebodys_code(client, anna, name):
    give(anna)
    for _ in range(11):
        refused = sign_in(Client(REMOTE_ADDR="203.0.113.9"), name.format(pk=anna.pk), "wrong")
    assert "Too many tries" in refused.content.decode()
    client.force_login(anna)
    assert client.post(CODE, {"code": a_code(anna)}).status_code == 302


@pytest.mark.parametrize("code", ["", "123", "１２３４５６", "-12345", "12345a", "x" * 41, "\x00"])
def test_what_is_no_code_opens_nothing(client, anna, code):
    give(anna)
    client.force_login(anna)
    assert client.post(CODE, {"code": code}).status_code == 200
    assert not opens(client)


def test_it_is_removed_with_a_code_and_not_without(client, anna):
    client.force_login(anna)
    set_up(client)
    client.post(SETUP, {"remove": "1", "code": "000000"})
    assert devices.of(anna)
    client.post(SETUP, {"remove": "1", "code": a_code(anna)})
    assert devices.of(anna) is None
    assert not StaticDevice.objects.exists()
    assert opens(client)


def test_new_recovery_codes_put_an_end_to_the_old_ones(client, anna):
    client.force_login(anna)
    old = codes_on(set_up(client))
    new = codes_on(client.post(SETUP, {"renew": "1", "code": a_code(anna)}))
    assert len(new) == 10
    assert not devices.verify(anna, old[0])


def test_when_it_is_required_staff_are_led_to_set_it_up_and_on(client, anna, settings):
    settings.ADMIN_TOTP = "required"
    client.force_login(anna)
    led = client.get("/staff/voice/", follow=True)
    assert led.redirect_chain[-1][0] == f"{SETUP}?next=%2Fstaff%2Fvoice%2F"
    client.post(SETUP, {"code": code_of(client.session["second_factor_secret"]), "next": "/staff/voice/"})
    assert opens(client, "/staff/voice/")


def test_when_it_is_off_nobody_is_asked_and_there_is_no_such_page(client, anna, settings):
    settings.ADMIN_TOTP = "off"
    give(anna)
    client.force_login(anna)
    assert opens(client)
    assert client.get(SETUP).status_code == 404
    assert "Second factor" not in client.get("/admin/").content.decode()


def test_a_misspelt_mode_does_not_start(settings):
    settings.ADMIN_TOTP = "requierd"
    assert [found.id for found in checks.the_second_factor_is_decided(None)] == ["voice.E003"]


def test_visitors_and_machines_are_not_asked(client, settings, persona):
    settings.ADMIN_TOTP = "required"
    client.force_login(User.objects.create_user("carla"))
    assert opens(client, f"/chat/{persona.slug}/")
    assert opens(client, "/conversations/")
    assert client.post("/elevenlabs/function-call", "{}", "application/json").status_code == 401


def test_a_password_alone_shows_no_drafts_of_staff(client, anna, make_persona):
    draft = make_persona(status="draft")
    give(anna)
    client.force_login(anna)
    assert client.get(f"/chat/{draft.slug}/").status_code == 404
    client.post(CODE, {"code": a_code(anna)})
    assert opens(client, f"/chat/{draft.slug}/")


@pytest.mark.parametrize("wanted", ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)"])
def test_nobody_is_led_out_of_the_house(client, anna, wanted):
    give(anna)
    client.force_login(anna)
    assert client.post(CODE, {"code": a_code(anna), "next": wanted}).url == "/admin/"


def test_whoever_cannot_give_a_code_can_sign_in_as_somebody_else(client, anna):
    give(anna)
    client.force_login(anna)
    assert client.post(CODE, {"leave": "1"}).url == "/admin/login/"
    assert site.SESSION_COOKIE_NAME not in client.cookies or not client.session.keys()


def test_a_superuser_takes_a_lost_phones_factor_away(client, anna):
    berta = User.objects.create_user("berta", is_staff=True)
    give(berta)
    client.force_login(anna)
    assert "berta" in client.get(PEOPLE).content.decode()
    client.post(PEOPLE, {"person": berta.pk})
    assert devices.of(berta)
    client.post(PEOPLE, {"person": berta.pk, "sure": "1"})
    assert devices.of(berta) is None


def test_a_superuser_does_not_get_rid_of_their_own_without_a_code(client, anna):
    client.force_login(anna)
    set_up(client)
    assert "Reset anna" not in client.get(PEOPLE).content.decode()
    refused = client.post(PEOPLE, {"person": anna.pk, "sure": "1"}, follow=True)
    assert refused.redirect_chain[-1][0] == SETUP
    assert "is removed with a code: do it here." in refused.content.decode()
    assert devices.of(anna)


def test_staff_who_are_no_superusers_take_nobodys_away(client, anna):
    give(anna)
    client.force_login(User.objects.create_user("berta", is_staff=True))
    assert client.get(PEOPLE).status_code == 403
    assert client.post(PEOPLE, {"person": anna.pk, "sure": "1"}).status_code == 403
    assert devices.of(anna)


def test_a_locked_out_superuser_is_let_in_by_the_machine(client, anna):
    give(anna)
    call_command("reset_second_factor", "anna")
    client.force_login(anna)
    assert opens(client)
    for name in ("anna", "nobody"):
        with pytest.raises(CommandError):
            call_command("reset_second_factor", name)


def test_no_page_of_the_admin_lists_secrets():
    assert not [model for model in admin.site._registry if model.__module__.startswith("django_otp")]


def test_neither_secret_nor_code_reaches_the_log(client, anna, caplog):
    caplog.set_level(logging.DEBUG)
    client.force_login(anna)
    codes = codes_on(set_up(client))
    device = devices.of(anna)
    client.post(SETUP, {"remove": "1", "code": codes[0]})
    assert device.key not in caplog.text
    assert not [code for code in codes if code in caplog.text or code.replace("-", "") in caplog.text]


def test_it_speaks_german_too(client, anna):
    give(anna)
    client.force_login(anna)
    shown = client.post(CODE, {"code": "000000"}, headers={"Accept-Language": "de"}).content.decode()
    assert "Dieser Code hat nicht funktioniert" in shown
