"""Minutes of voice: who may use how many, checked before a call begins and never overrun."""

import json
import uuid
from datetime import timedelta
from threading import Thread
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import AnonymousUser, Group, User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone, translation

from voice import agents, history, minutes, ringing
from voice.models import Allowance, Conversation, Session, Spent
from voice.refusals import NotNow

pytestmark = pytest.mark.django_db
START = "/chat/harbour-guide/voice/start/"


@pytest.fixture
def persona(standin, make_persona):
    persona = make_persona(slug="harbour-guide")
    agents.sync(agents.note(persona))
    return persona


@pytest.fixture
def called(persona):
    """`called(seconds)` leaves a call that is over and reported."""

    def call(seconds, visitor=None, user=None, at=None, **fields):
        at = at or timezone.now()
        thread = Conversation.objects.create(persona=persona, visitor=visitor or uuid.uuid4(), user=user)
        told = {"started_at": at, "ended_at": at + timedelta(seconds=99), "duration_secs": seconds, **fields}
        return Session.objects.create(conversation=thread, elevenlabs_conversation_id=uuid.uuid4().hex, **told)

    return call


def left(persona, visitor=None, user=None):
    return minutes.left(user or AnonymousUser(), visitor or uuid.uuid4(), persona)


def start(client):
    return client.post(START, "{}", content_type="application/json")


def visitor_of(client):
    client.get("/chat/harbour-guide/")
    return uuid.UUID(client.session["visitor"])


def hint(client):
    """What stands below the composer."""
    page = client.get("/chat/harbour-guide/").content.decode()
    return page.partition('id="composer-hint">')[2].partition("</p>")[0]


def test_where_nothing_is_limited_nothing_is_counted(persona, called, django_assert_num_queries):
    called(500)
    with django_assert_num_queries(1):  # are there allowances?
        assert left(persona) is None


def test_a_person_has_what_the_setting_gives_less_what_was_used_today(persona, called, settings):
    settings.VOICE_MINUTES_PERSON_DAY = 10
    visitor = uuid.uuid4()
    called(130, visitor), called(999), called(500, visitor, at=timezone.now() - timedelta(days=1, minutes=1))
    assert left(persona, visitor).seconds == 470
    assert left(persona).seconds == 600


def test_a_month_counts_from_its_first_day(persona, called, settings):
    settings.VOICE_MINUTES_PERSON_MONTH = 10
    visitor, first = uuid.uuid4(), timezone.localtime().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    called(100, visitor, at=first), called(300, visitor, at=first - timedelta(seconds=1))
    found = left(persona, visitor)
    assert (found.seconds, found.per) == (500, "month")
    assert (found.until.day, found.until > timezone.now()) == (1, True)


def test_of_several_allowances_the_tightest_counts(persona, called, settings):
    settings.VOICE_MINUTES_PERSON_DAY, settings.VOICE_MINUTES_PERSONA_MONTH = 10, 5
    called(60)
    assert (left(persona).of, left(persona).seconds) == ("persona", 240)


@pytest.mark.parametrize(
    ("fields", "used"),
    [({"duration_secs": 70}, 70), ({"duration_secs": None}, 600), ({"duration_secs": None, "passed_on": True}, 99), ({"duration_secs": None, "gone_at": timezone.now()}, 0),
     ({"duration_secs": None, "ended_at": None, "granted_seconds": 200}, 200),
     ({"duration_secs": None, "ended_at": None}, 600)],
    ids=["as reported", "until the report with all it may take", "taken over, as we saw it", "unknown there", "running, with all it may take", "without a bound"],
)  # fmt: skip
def test_a_call_counts_with_what_is_known_of_it(persona, called, settings, fields, used):
    settings.VOICE_MINUTES_PERSONA_DAY = 60
    called(0, **fields)
    assert left(persona).seconds == 3600 - used


def test_a_call_nobody_told_the_end_of_counts_until_it_was_last_heard_of(persona, called, settings):
    settings.VOICE_MINUTES_PERSONA_MONTH = 60
    settings.VOICE_SESSION_MAX_AGE = timedelta(seconds=60)
    at = timezone.now() - timedelta(seconds=90)
    called(None, at=at, ended_at=None, seen_at=at + timedelta(seconds=50))
    if at.month == timezone.now().month:
        assert left(persona).seconds == 3550


def test_a_signed_in_person_has_one_allowance_in_all_browsers(persona, called, settings):
    settings.VOICE_MINUTES_PERSON_DAY = 10
    anna = User.objects.create_user("anna")
    called(100, user=anna), called(100, user=anna)
    assert left(persona, user=anna).seconds == 400


def test_ones_own_allowance_goes_before_everybodys_and_that_before_the_setting(persona, settings):
    settings.VOICE_MINUTES_PERSON_DAY = 10
    anna, berta = User.objects.create_user("anna"), User.objects.create_user("berta")
    Allowance.objects.create(of="person", per="day", minutes=20)
    Allowance.objects.create(of="person", per="day", minutes=None, user=anna)
    assert left(persona, user=anna) is None
    assert left(persona, user=berta).seconds == 1200


def test_a_group_shares_its_minutes_and_others_keep_theirs(persona, called):
    pilots = Group.objects.create(name="Pilots")
    anna, berta, carl = (User.objects.create_user(name) for name in ("anna", "berta", "carl"))
    pilots.user_set.add(anna, berta)
    Allowance.objects.create(of="group", per="day", minutes=5, group=pilots)
    called(120, user=anna)
    assert left(persona, user=berta).seconds == 180
    assert left(persona, user=carl) is None
    called(180, user=anna)
    assert "your group “Pilots” are used up for today" in minutes.refusal(left(persona, user=berta))[1]


def test_a_personas_own_allowance_leaves_other_personas_alone(persona, make_persona, called):
    Allowance.objects.create(of="persona", per="day", minutes=0, persona=persona)
    assert left(persona).is_used_up
    assert left(make_persona()) is None


def test_a_call_may_last_as_long_as_there_are_minutes_and_its_page_knows(client, persona, called, settings):
    settings.VOICE_MINUTES_PERSON_DAY = 5
    called(100, visitor_of(client))
    given = start(client).json()
    assert (given["max_seconds"], given["per"]) == (200, "day")
    assert (
        given["spent"]
        == "Your minutes for voice are used up for today. New ones come tomorrow. You can go on by typing."
    )
    assert Session.objects.get(elevenlabs_conversation_id=given["session"]).granted_seconds == 200


def test_without_minutes_no_call_begins_and_the_visitor_hears_when_there_are_new_ones(
    client, persona, called, settings
):
    settings.VOICE_MINUTES_PERSON_DAY = 2
    called(115, visitor_of(client))
    response = start(client)
    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (429, "minutes")
    assert "New ones come tomorrow" in error["message"]
    assert 60 <= int(response["Retry-After"]) <= 86_400
    assert Session.objects.count() == 1


def test_minutes_that_running_calls_may_give_back_are_worth_waiting_for(client, persona, called, settings):
    settings.VOICE_MINUTES_PERSONA_DAY = 10
    called(None, ended_at=None, granted_seconds=600)
    error = start(client).json()["error"]
    assert (error["code"], error["retry_after"]) == ("minutes", 120)
    assert "in use right now" in error["message"]


def test_a_caller_without_minutes_is_not_answered(persona, settings):
    settings.VOICE_MINUTES_PERSONA_DAY = 5
    Allowance.objects.create(of="persona", per="day", minutes=0)
    ring = SimpleNamespace(caller="+4930123456", call_sid="CA1", conversation_id="")
    with pytest.raises(NotNow) as refusal:
        ringing._new(ring, persona)
    assert refusal.value.get_codes() == "minutes"
    assert not Session.objects.exists()


def test_the_page_says_how_few_are_left_and_nothing_while_there_are_plenty(client, persona, called, settings):
    settings.VOICE_MINUTES_PERSON_DAY = 10
    visitor = visitor_of(client)
    assert hint(client) == "Open a source to check any answer."
    called(470, visitor)
    assert hint(client) == "2 minutes left today"
    with translation.override("de"):
        assert minutes.words(left(persona, visitor)) == "Heute noch 2 Minuten"
    called(115, visitor)
    assert hint(client).startswith("Your minutes for voice are used up for today.")


def test_a_call_that_ends_tells_its_page_what_is_left(client, persona, called, settings):
    settings.VOICE_MINUTES_PERSON_DAY = 5
    called(170, visitor_of(client))
    session = start(client).json()["session"]
    body = json.dumps({"session": session, "reason": "user"})
    ended = client.post("/chat/harbour-guide/voice/end/", body, content_type="application/json")
    assert ended.json()["minutes"] == "2 minutes left today"


@pytest.mark.parametrize("of", ["person", "group"])
def test_an_allowance_for_one_kind_names_no_other(persona, of):
    row = Allowance(of=of, per="day", minutes=5, persona=persona)
    with pytest.raises(ValidationError, match="leave the other fields below empty"):
        row.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


def test_of_one_kind_and_span_there_is_one_allowance_for_the_same(persona):
    for whose in ({}, {"persona": persona}):
        Allowance.objects.create(of="persona", per="day", minutes=5, **whose)
        with pytest.raises(ValidationError):
            Allowance(of="persona", per="day", minutes=7, **whose).full_clean()
        with pytest.raises(IntegrityError), transaction.atomic():
            Allowance.objects.create(of="persona", per="day", minutes=7, **whose)


def test_staff_write_an_allowance(staff, persona):
    form = {"of": "persona", "per": "day", "minutes": "30", "user": "", "group": "", "persona": str(persona.pk)}
    assert staff.post("/admin/voice/allowance/add/", form).status_code == 302
    assert left(persona).seconds == 1800
    assert "Harbour guide" in staff.get("/admin/voice/allowance/").content.decode()


@pytest.mark.django_db(transaction=True)
def test_calls_begun_at_once_never_take_more_than_there_is(persona, settings):
    settings.VOICE_MINUTES_PERSONA_DAY = 25  # two whole calls and a half
    statuses = []

    def begin():
        try:
            statuses.append(start(Client()).status_code)
        finally:
            connection.close()

    threads = [Thread(target=begin) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, 200, 200, 429, 429, 429]
    assert sorted(Session.objects.values_list("granted_seconds", flat=True)) == [300, 600, 600]


def test_deleting_a_thread_gives_back_neither_minutes_nor_calls(persona, conversation):
    Session.objects.create(
        conversation=conversation, elevenlabs_conversation_id="conv_long", duration_secs=90, started_at=timezone.now()
    )
    Session.objects.create(conversation=conversation, elevenlabs_conversation_id="conv_running", granted_seconds=30)
    Allowance.objects.create(of="person", per="day", minutes=3)
    before = minutes.left(None, conversation.visitor, conversation.persona).seconds
    assert before == 180 - 90 - 30
    visitor, told = conversation.visitor, conversation.persona
    history.delete(conversation)
    assert not Session.objects.exists()
    assert minutes.left(None, visitor, told).seconds == before
    assert minutes.calls_since(visitor, timezone.now() - timedelta(days=1)) == 2
    assert minutes.left(None, uuid.uuid4(), told).seconds == 180


def test_what_deleted_calls_used_goes_when_no_month_counts_it(persona):
    row = Spent.objects.create(visitor=uuid.uuid4(), persona=persona, started_at=timezone.now(), seconds=9)
    minutes.forget_old()
    assert Spent.objects.exists()
    Spent.objects.filter(pk=row.pk).update(started_at=timezone.now() - timedelta(days=63))
    minutes.forget_old()
    assert not Spent.objects.exists()
