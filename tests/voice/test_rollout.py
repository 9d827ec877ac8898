"""Who may talk: what the settings say, what staff say over them, percentages, the kill switch, holds."""

import uuid
from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser, Group, Permission, User
from django.utils import timezone

from voice import objectives, rollout
from voice.models import Agent, Alert, Attempt, Conversation, Flag, Session, ToolCall
from voice.models.rollout import place

pytestmark = pytest.mark.django_db
NOBODY = AnonymousUser()
KEY = uuid.UUID(int=7)


def is_on(persona, user=NOBODY, visitor=None):
    return rollout.is_on(user, visitor or uuid.uuid4(), persona)


def share(persona, people=2000):
    """Of how many visitors in a hundred the persona's voice is on."""
    return sum(is_on(persona, visitor=uuid.UUID(int=number)) for number in range(people)) / people * 100


@pytest.fixture
def somebody():
    return User.objects.create_user("berta")


def test_without_a_row_the_settings_decide(persona, somebody, settings):
    settings.ENABLE_VOICE_CHAT = True
    assert is_on(persona)
    settings.ENABLE_VOICE_CHAT = False
    assert not is_on(persona, somebody)
    settings.VOICE_CHAT_BETA_USERS = ["berta"]
    assert is_on(persona, somebody)
    assert not is_on(persona)


def test_a_row_opens_what_the_settings_closed_and_closes_what_they_opened(persona, settings):
    settings.ENABLE_VOICE_CHAT = False
    row = Flag.objects.create(everyone=True)
    assert is_on(persona)
    settings.ENABLE_VOICE_CHAT = True
    row.everyone = False
    row.save()
    assert not is_on(persona)


def test_the_settings_beta_users_stay_in_while_staff_set_a_percentage(persona, somebody, settings):
    Flag.objects.create(percent=0)
    settings.VOICE_CHAT_BETA_USERS = ["berta"]
    assert is_on(persona, somebody)


def test_people_groups_and_staff_who_are_named_are_in(persona, somebody):
    row = Flag.objects.create(percent=0)
    assert not is_on(persona, somebody)
    row.users.add(somebody)
    assert is_on(persona, somebody)
    row.users.clear()
    group = Group.objects.create(name="Pilots")
    row.groups.add(group)
    assert not is_on(persona, somebody)
    somebody.groups.add(group)
    assert is_on(persona, somebody)
    row.staff = True
    row.save()
    assert is_on(persona, User.objects.create_user("anna", is_staff=True))
    assert not is_on(persona, User.objects.create_user("carl"))


def test_a_percentage_lets_in_about_so_many_and_always_the_same(persona):
    Flag.objects.create(percent=20)
    assert 17 < share(persona) < 23
    visitor = uuid.uuid4()
    assert len({is_on(persona, visitor=visitor) for _ in range(20)}) == 1


def test_raising_a_percentage_only_lets_more_in(persona):
    row = Flag.objects.create(percent=10)
    people = [uuid.UUID(int=number) for number in range(500)]
    before = {person for person in people if is_on(persona, visitor=person)}
    row.percent = 30
    row.save()
    after = {person for person in people if is_on(persona, visitor=person)}
    assert before < after


def test_each_persona_draws_its_own_people(make_persona):
    first, second = make_persona(), make_persona()
    both = sum(place(f"visitor {n}", first.pk) < 50 and place(f"visitor {n}", second.pk) < 50 for n in range(2000))
    assert 400 < both < 600  # a quarter; were they the same people it would be half


def test_who_is_signed_in_keeps_their_place_on_another_device(persona, somebody):
    Flag.objects.create(percent=50)
    assert len({is_on(persona, somebody, uuid.uuid4()) for _ in range(20)}) == 1


def test_a_personas_own_row_decides_instead_of_the_general_one(make_persona):
    own, other = make_persona(), make_persona()
    Flag.objects.create(everyone=False)
    Flag.objects.create(everyone=True, persona=own)
    assert (is_on(own), is_on(other)) == (True, False)


def test_the_kill_switch_of_all_is_above_everything(persona, somebody, settings):
    settings.VOICE_CHAT_BETA_USERS = ["berta"]
    Flag.objects.create(killed_at=timezone.now(), everyone=True)
    Flag.objects.create(persona=persona, everyone=True)
    assert not is_on(persona, somebody)


def test_a_call_is_refused_right_after_the_switch_and_given_after_it_is_undone(client, staff, persona):
    Agent.objects.update_or_create(persona=persona, defaults={"elevenlabs_agent_id": "agent_1"})
    page = "/chat/harbour-guide/"
    assert 'id="talk"' in client.get(page).content.decode()
    assert staff.post("/admin/voice/flag/kill/").status_code == 302
    assert 'id="talk"' not in client.get(page).content.decode()
    refused = client.post(f"{page}voice/start/", "{}", content_type="application/json")
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "off")
    staff.post(f"/admin/voice/flag/{Flag.objects.get().pk}/revive/")
    assert 'id="talk"' in client.get(page).content.decode()


def test_what_was_set_before_the_kill_switch_is_set_after_it(staff):
    row = Flag.objects.create(percent=25)
    staff.post(f"/admin/voice/flag/{row.pk}/kill/")
    staff.post(f"/admin/voice/flag/{row.pk}/revive/")
    row.refresh_from_db()
    assert (row.everyone, float(row.percent), row.killed_at) == (None, 25, None)


@pytest.mark.parametrize("door", ["kill/", "1/kill/", "1/revive/", "1/go-on/"])
def test_who_may_not_change_a_rollout_has_no_switch(client, door):
    Flag.objects.create(pk=1, percent=10)
    looker = User.objects.create_user("otto", is_staff=True)
    client.force_login(looker)
    assert client.post(f"/admin/voice/flag/{door}").status_code == 403
    assert client.get(f"/admin/voice/flag/{door}").status_code in (403, 405)
    assert Flag.objects.get().killed_at is None


def test_who_may_only_look_sees_no_switch(client):
    looker = User.objects.create_user("otto", is_staff=True)
    looker.user_permissions.add(*_permissions("view_flag"))
    client.force_login(looker)
    assert "Switch voice off now" not in client.get("/admin/voice/flag/").content.decode()


def _permissions(*names):
    return Permission.objects.filter(codename__in=names)


def test_the_admin_shows_each_row_with_what_it_does(staff, persona):
    Flag.objects.create(percent=12.5)
    Flag.objects.create(persona=persona, everyone=True)
    page = staff.get("/admin/voice/flag/").content.decode()
    for word in ("All personas", "On for some", "12.5", "Harbour guide", "On for all"):
        assert word in page


def test_a_second_row_for_all_personas_is_refused_with_the_reason(staff):
    Flag.objects.create(percent=5)
    form = {"everyone": "unknown", "percent": "10", "superusers": "on"}
    page = staff.post("/admin/voice/flag/add/", form)
    assert page.status_code == 200
    assert "There is a row for all personas already" in page.content.decode()
    assert Flag.objects.count() == 1


# --- held back by itself ---------------------------------------------------------------------------------------------


@pytest.fixture
def few(settings):
    settings.OBJECTIVE_LEAST_CASES = 10


def calls(persona, outcome="answered", number=10, total=20, minutes=1):
    at = timezone.now() - timedelta(minutes=minutes)
    rows = [
        ToolCall(
            persona=persona, function="query_persona_knowledge", outcome=outcome, milliseconds={"total": total}, at=at
        )
        for _ in range(number)
    ]
    ToolCall.objects.bulk_create(rows)


def starts(conversation, outcome="live", number=10, **fields):
    """Each by a visitor of their own."""
    persona = conversation.persona
    threads = Conversation.objects.bulk_create(
        Conversation(persona=persona, visitor=uuid.uuid4()) for _ in range(number)
    )
    Attempt.objects.bulk_create(
        Attempt(conversation=one, persona=persona, outcome=outcome, **fields) for one in threads
    )


def held(row):
    objectives.judge()
    row.refresh_from_db()
    return row.held_why


def test_while_all_is_well_nothing_is_held(few, persona, conversation):
    row = Flag.objects.create(percent=50)
    calls(persona, number=200)
    calls(persona, "fallback", number=1)
    calls(persona, "nothing", number=100)
    starts(conversation, number=20)
    assert held(row) == ""


def test_too_many_fallback_lines_hold_the_percentage_and_say_so(few, persona, somebody):
    row = Flag.objects.create(percent=99.9)
    row.users.add(somebody)
    calls(persona, number=95)
    calls(persona, "fallback", number=5)
    assert "5 of 100 tool calls ended in the fallback line" in held(row)
    assert share(persona, 100) == 0
    assert is_on(persona, somebody)  # who is named knows what a pilot is
    alert = Alert.objects.get(kind="rollout")
    assert "5 of 100" in alert.words


def test_slow_answers_hold_the_percentage(few, persona):
    row = Flag.objects.create(percent=50)
    calls(persona, number=90)
    calls(persona, number=10, total=1400)
    assert "took over 1400 ms" in held(row)


def test_calls_that_cannot_start_hold_the_percentage(few, conversation):
    row = Flag.objects.create(percent=50)
    starts(conversation, number=9)
    starts(conversation, "start-slow", number=1)
    assert "1 of 10 calls could not start" in held(row)


@pytest.mark.parametrize(
    ("outcome", "detail"),
    [("microphone-denied", ""), ("cancelled", ""), ("refused", "busy"), ("refused", "limit"), ("start-busy", "3008")],
)
def test_what_is_the_visitors_own_or_a_limit_is_no_failed_start(few, conversation, outcome, detail):
    row = Flag.objects.create(percent=50)
    starts(conversation, number=10)
    starts(conversation, outcome, number=10, detail=detail)
    assert held(row) == ""


def test_one_visitor_who_fails_again_and_again_is_one_failed_start(few, conversation):
    row = Flag.objects.create(percent=50)
    starts(conversation, number=30)
    persona = conversation.persona
    Attempt.objects.bulk_create(
        Attempt(conversation=conversation, persona=persona, outcome="start-slow") for _ in range(30)
    )
    assert held(row) == ""


def test_after_a_kill_switch_without_a_row_the_setting_holds_again(staff, persona, settings):
    settings.ENABLE_VOICE_CHAT = False
    staff.post("/admin/voice/flag/kill/")
    staff.post(f"/admin/voice/flag/{Flag.objects.get().pk}/revive/")
    assert not is_on(persona)


def test_a_refusal_by_the_voice_service_is_a_failed_start(few, conversation):
    row = Flag.objects.create(percent=50)
    starts(conversation, "refused", detail="unreachable")
    assert "10 of 10 calls could not start" in held(row)


def test_a_few_bad_cases_are_not_judged(persona):
    row = Flag.objects.create(percent=50)
    calls(persona, "fallback", number=29)
    assert held(row) == ""
    calls(persona, "fallback", number=1)
    assert held(row) != ""


def test_what_is_older_than_a_quarter_of_an_hour_is_not_judged(few, persona):
    row = Flag.objects.create(percent=50)
    calls(persona, "fallback", minutes=16)
    assert held(row) == ""


def test_a_persona_s_row_is_judged_by_its_own_traffic(few, make_persona):
    good, bad = make_persona(), make_persona()
    rows = [Flag.objects.create(percent=50, persona=one) for one in (good, bad)]
    calls(good)
    calls(bad, "fallback")
    assert [bool(held(row)) for row in rows] == [False, True]


def test_a_person_lets_it_go_on_and_old_failures_do_not_hold_it_again(few, staff, persona):
    row = Flag.objects.create(percent=40)
    calls(persona, "fallback")
    assert held(row)
    page = staff.get(f"/admin/voice/flag/{row.pk}/change/").content.decode()
    assert "10 of 10 tool calls" in page and "go on with 40.0 %" in page
    staff.post(f"/admin/voice/flag/{row.pk}/go-on/")
    assert held(row) == ""
    assert 30 < share(persona, 500) < 50
    assert not Alert.objects.open().filter(kind="rollout").exists()
    calls(persona, "fallback", minutes=0)
    assert held(row)


def test_rows_without_a_percentage_have_nothing_to_hold(few, persona):
    row = Flag.objects.create(everyone=True)
    calls(persona, "fallback")
    assert held(row) == ""


# --- how starts went, as pages tell it -------------------------------------------------------------------------------


@pytest.fixture
def tell(client, conversation):
    kept = client.session
    kept["visitor"] = str(conversation.visitor)
    kept.save()

    def post(key=KEY, outcome="live", **told):
        body = {"key": str(key), "outcome": outcome, **told}
        return client.post("/chat/harbour-guide/voice/attempt/", body, content_type="application/json")

    return post


def test_a_start_is_kept_once_and_completed(tell, session):
    told = {"session": "conv_1", "milliseconds": {"allowed": 4, "connected": 120, "sound": "soon", "other": 1}}
    assert tell(**told).status_code == 200
    tell(milliseconds={"sound": 180, "ended": 9000})
    row = Attempt.objects.get()
    assert row.milliseconds == {"allowed": 4, "connected": 120, "sound": 180, "ended": 9000}
    assert (row.session, row.outcome, row.persona) == (session, "live", session.conversation.persona)


def test_a_later_word_does_not_make_a_live_call_a_failed_one(tell):
    tell()
    tell(outcome="start-slow")
    assert Attempt.objects.get().outcome == "live"


def test_a_session_of_somebody_else_is_not_joined(tell, session, make_persona):
    theirs = Conversation.objects.create(persona=session.conversation.persona, visitor=uuid.uuid4())
    Session.objects.create(conversation=theirs, elevenlabs_conversation_id="conv_2")
    tell(session="conv_2")
    assert Attempt.objects.get().session is None


def test_somebody_elses_attempt_stays_as_it_is(tell, persona):
    theirs = Conversation.objects.create(persona=persona, visitor=uuid.uuid4())
    Attempt.objects.create(key=KEY, conversation=theirs, persona=persona, outcome="start-slow")
    tell()
    assert Attempt.objects.get().outcome == "start-slow"


@pytest.mark.parametrize(
    "told", [{"key": "no"}, {"outcome": "<b>"}, {"outcome": "x" * 41}, {"detail": "y" * 41}, {"session": "z" * 256}]
)
def test_what_is_no_attempt_is_refused(tell, told):
    assert tell(**told).status_code == 400
    assert not Attempt.objects.exists()
