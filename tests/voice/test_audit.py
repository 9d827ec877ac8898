"""Who did what: each deed through its own door leaves one row with the right person, and nothing takes it away."""

import contextlib
import csv
import io
import logging
import uuid
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone

from config.celery import app as celery
from personas import causes
from personas.models import Persona, Remit
from tests import workers
from tests.conftest import ROOT
from tests.storms import wait_until
from tests.voice.gateway_calls import CALLS, Made
from tests.voice.test_admin import form_of
from tests.voice.test_second_factor import CODE, PASSWORD, PEOPLE, SETUP, a_code, give, set_up, sign_in
from voice import agents, audit, gateway, readings, tasks
from voice.gateway.telling import tells
from voice.models import Allowance, Deed, Delivery, Flag, Silence

pytestmark = pytest.mark.django_db
What = Deed.What
LOOKS = {"credits_by_day"}  # asked by POST, and changes nothing
GATEWAY = {
    name: call
    for name, call in CALLS.items()
    if name not in LOOKS and any(not one.startswith("GET ") for one in call.endpoints)
}
SAID = "Where do dogs sit?"
NEW_PASSWORD = "another pier at dusk 7"


def wrote(name):
    """What a question of the gateway tells of, or None."""
    return getattr(getattr(gateway, name), "tells", None)


class House:
    """Somebody of staff, signed in, and one of everything they can do something about."""

    def __init__(self, client, session, looked_up):
        self.client, self.session, self.persona = client, session, session.conversation.persona
        self.anna = User.objects.create_superuser("anna", password=PASSWORD)
        client.force_login(self.anna)
        self.call = looked_up(session)
        session.recording.save("call.mp3", ContentFile(b"sound"))
        self.delivery = Delivery.objects.create(kind="post_call_transcription", subject="conv_1", body="{}")
        self.flag = Flag.objects.create(persona=self.persona)
        self.berta = User.objects.create_user("berta", password=PASSWORD, is_staff=True)
        self.editors = Group.objects.get(name="Persona editors")
        self.document = self.persona.documents.create(
            title=SAID, kind="txt", status="ready", file=ContentFile(b"9", name="t.txt")
        )

    def get(self, path):
        assert self.client.get(path).status_code == 200, path

    def post(self, path, **form):
        assert self.client.post(path, form).status_code == 302, path

    def factor(self):
        give(self.anna)
        self.client.post(CODE, {"code": a_code(self.anna)})

    def change(self, **changes):
        form = form_of(self.persona, **{"documents-INITIAL_FORMS": 0, **changes})
        self.post(f"/admin/personas/persona/{self.persona.pk}/change/", **form)

    def delete(self, path):
        self.post(f"{path}delete/", post="yes")


@pytest.fixture
def house(client, session, looked_up):
    house = House(client, session, looked_up)
    Deed.objects.before(timezone.now() + timedelta(days=1)).delete()
    return house


def give_wrong_code(house):
    give(house.anna)
    house.client.post(CODE, {"code": "00000a"})


def renew(house):
    house.factor()
    house.client.post(SETUP, {"renew": "1", "code": a_code(house.anna)})


def remove(house):
    house.factor()
    house.client.post(SETUP, {"remove": "1", "code": a_code(house.anna)})


def reset(house):
    give(house.berta)
    house.post(PEOPLE, person=house.berta.pk, sure="1")


def add_document(house):
    path = f"/admin/personas/persona/{house.persona.pk}/documents/add/"
    house.post(path, title="Prices", text="A night costs 25 euros.")


def add_persona(house):
    house.post("/admin/personas/persona/add/", **form_of(Persona(name="Second", slug="second", first_message="Ahoy.")))


def allow(house):
    Allowance.objects.create(of="persona", per="day", minutes=5, persona=house.persona)
    house.delete(f"/admin/voice/allowance/{Allowance.objects.get().pk}/")


DEEDS = {
    What.SIGNED_IN: lambda house: sign_in(Client()),
    What.SIGNED_OUT: lambda house: house.client.post("/admin/logout/"),
    What.CODE_TAKEN: House.factor,
    What.CODE_REFUSED: give_wrong_code,
    What.FACTOR_SET_UP: lambda house: set_up(house.client),
    What.FACTOR_REMOVED: remove,
    What.FACTOR_RESET: reset,
    What.RECOVERY_RENEWED: renew,
    What.RIGHTS_CHANGED: lambda house: house.delete(f"/admin/auth/user/{house.berta.pk}/"),
    What.PERSONA_ADDED: add_persona,
    What.PERSONA_CHANGED: lambda house: house.change(tagline="New words"),
    What.PERSONA_DELETED: lambda house: house.delete(f"/admin/personas/persona/{house.persona.pk}/"),
    What.DOCUMENT_ADDED: add_document,
    What.DOCUMENT_DELETED: lambda house: house.delete(f"/admin/knowledge/document/{house.document.pk}/"),
    What.VOICE_OFF: lambda house: house.post("/admin/voice/flag/kill/"),
    What.VOICE_ON: lambda house: house.post(f"/admin/voice/flag/{house.flag.pk}/revive/"),
    What.ROLLOUT_CHANGED: lambda house: house.post(f"/admin/voice/flag/{house.flag.pk}/change/", everyone="true"),
    What.SETTING_CHANGED: allow,
    What.TRANSCRIPT_READ: lambda house: house.get(f"/admin/voice/conversation/{house.session.conversation_id}/change/"),
    What.RECORDING_HEARD: lambda house: house.get(f"/admin/voice/conversation/recordings/{house.session.pk}/"),
    What.DELIVERY_READ: lambda house: house.get(f"/admin/voice/delivery/{house.delivery.pk}/change/"),
    What.QUESTION_READ: lambda house: house.get(f"/admin/voice/toolcall/{house.call.pk}/change/"),
    What.FILE_TAKEN: lambda house: house.get("/staff/voice/?format=csv"),
    What.RECORD_DELETED: lambda house: house.delete(f"/admin/voice/conversation/{house.session.conversation_id}/"),
    What.PASSWORD_CHANGED: lambda house: house.post(
        "/admin/password_change/", old_password=PASSWORD, new_password1=NEW_PASSWORD, new_password2=NEW_PASSWORD
    ),
}
ELSEWHERE = {What.SIGN_IN_FAILED, What.TEST_CALL}  # in tests of their own


@pytest.mark.parametrize("what", DEEDS)
def test_a_deed_leaves_one_row_with_who_did_it(what, house):
    DEEDS[what](house)
    (row,) = Deed.objects.filter(what=what)
    assert (row.by, row.name, row.user_id) == ("person", "anna", house.anna.pk)


def test_every_kind_of_deed_is_done_in_a_test():
    told = {What(wrote(name)) for name in GATEWAY}
    assert told | DEEDS.keys() | ELSEWHERE == set(What)
    assert not told & DEEDS.keys()


@pytest.mark.parametrize(
    "path",
    [
        "/admin/knowledge/document/",
        "/admin/voice/conversation/",
        "/admin/personas/persona/",
        "/admin/",
        "/staff/voice/",
    ],
)
def test_a_look_at_what_nobody_said_leaves_none(path, house):
    house.get(path)
    assert not Deed.objects.exists()


@pytest.mark.parametrize("door", ["conversation/recordings/{}/", "deed/csv/"])
def test_a_file_is_given_to_nobody_by_another_method(door, house):
    assert house.client.post(f"/admin/voice/{door.format(house.session.pk)}").status_code == 405
    assert house.client.post(f"/admin/personas/persona/{house.persona.pk}/export/").status_code == 405
    assert not Deed.objects.exists()


def test_a_list_that_is_asked_for_by_another_method_is_read_all_the_same(house):
    assert house.client.post("/admin/voice/toolcall/").status_code == 200
    assert Deed.objects.get().what == What.QUESTION_READ


@pytest.mark.parametrize("spelt", ["{}", "urn:uuid:{}", "{{{}}}"])
def test_a_conversation_is_named_as_its_row_however_its_address_is_spelt(spelt, house):
    pk = house.session.conversation_id
    house.get(f"/admin/voice/conversation/{spelt.format(str(pk).upper())}/change/")
    assert Deed.objects.get().conversation == str(pk)


@pytest.mark.parametrize("path", ["knowledge/gap/", "knowledge/gap/{gap}/change/", "voice/toolcall/{call}/delete/"])
def test_every_page_with_a_visitors_question_is_written_down(path, house):
    gap = house.persona.gaps.create(question="Who lit the lamp?", key="lamp")
    house.get("/admin/" + path.format(gap=gap.pk, call=house.call.pk))
    assert Deed.objects.get().what == What.QUESTION_READ
    assert "lamp" not in Deed.objects.get().about


def test_whoever_is_asked_whether_to_delete_a_conversation_reads_nothing_of_it(house):
    thread = house.session.conversation
    thread.turns.create(speaker="visitor", text="Who lit the lamp?")
    alone = house.client.get(f"/admin/voice/conversation/{thread.pk}/delete/")
    several = house.client.post(
        "/admin/voice/conversation/", {"action": "delete_selected", "_selected_action": [thread.pk]}
    )
    for page in (alone, several):
        assert page.status_code == 200
        assert "Who lit the lamp?" not in page.content.decode()


@pytest.mark.parametrize("record", ["toolcall", "delivery"])
def test_a_record_that_is_deleted_is_named_by_its_number(record, house):
    pk = {"toolcall": house.call.pk, "delivery": house.delivery.pk}[record]
    house.delete(f"/admin/voice/{record}/{pk}/")
    assert Deed.objects.get(what=What.RECORD_DELETED).about == f"voice.{record} {pk}"


def test_the_admins_own_history_names_a_deleted_question_by_its_number(house):
    house.delete(f"/admin/voice/toolcall/{house.call.pk}/")
    assert LogEntry.objects.get(content_type__model="toolcall").object_repr == f"#{house.call.pk}"


def limits(house):
    """Everything that belongs to a persona, a person and a group, and is named by them."""
    Allowance.objects.create(of="persona", per="day", minutes=5, persona=house.persona)
    Allowance.objects.create(of="person", per="day", minutes=5, user=house.berta)
    Remit.objects.create(user=house.berta).personas.add(house.persona)


@pytest.mark.parametrize("listed", [False, True])
@pytest.mark.parametrize(("what", "path"), [("persona", "personas/persona"), ("berta", "auth/user")])
def test_what_is_limited_by_others_can_be_deleted_and_each_leaves_its_row(what, path, listed, house):
    limits(house)
    one = getattr(house, what)
    if listed:
        house.post(f"/admin/{path}/", action="delete_selected", _selected_action=[one.pk], post="yes")
    else:
        house.delete(f"/admin/{path}/{one.pk}/")
    assert not type(one).objects.filter(pk=one.pk).exists()
    gone = {row.what for row in Deed.objects.all()}
    assert gone >= {What.SETTING_CHANGED, What.PERSONA_DELETED if what == "persona" else What.RIGHTS_CHANGED}


def test_what_was_refused_was_not_read(house):
    house.client.force_login(User.objects.create_user("carla", is_staff=True))
    assert house.client.get(f"/admin/voice/conversation/{house.session.conversation_id}/change/").status_code == 403
    assert house.client.get(f"/admin/voice/conversation/{uuid.uuid4()}/change/").status_code in (302, 403)
    assert not Deed.objects.filter(what=What.TRANSCRIPT_READ).exists()


def test_every_file_that_staff_can_take_away_is_written_down(house):
    """A new one needs a line in readings.DOORS. What the shelf holds is staff's own: documents and faces."""
    own = {"knowledge/admin/documents.py", "voice/views/pages.py"}
    giving = {
        str(path.relative_to(ROOT))
        for room in ("voice/admin", "voice/views", "knowledge/admin", "personas/admin")
        for path in (ROOT / room).rglob("*.py")
        if {"Content-Disposition", "FileResponse("}
        & {word for word in ("Content-Disposition", "FileResponse(") if word in path.read_text()}
    }
    doors = {"conversations": "admin:voice_conversation_recording", "deeds": "admin:voice_deed_csv",
             "archives": "admin:knowledge_export_persona", "golden": "admin:knowledge_golden_export", "figures": "voice:figures", "usage": "voice:usage"}  # fmt: skip
    assert {path.rpartition("/")[2].removesuffix(".py") for path in giving - own} == doors.keys()
    assert set(doors.values()) <= readings.DOORS.keys()


def test_publishing_in_the_list_is_a_change_of_the_persona(house):
    Persona.objects.update(status="draft")
    house.post("/admin/personas/persona/", action="publish", _selected_action=[house.persona.pk])
    (row,) = Deed.objects.filter(what=What.PERSONA_CHANGED)
    assert (row.name, row.persona, row.about) == ("anna", house.persona, "Harbour guide")


def test_several_deleted_in_a_list_leave_a_row_each(house):
    extra = (
        Silence.objects.create(ends_at=timezone.now(), why="Work"),
        Silence.objects.create(ends_at=timezone.now(), why="Rest"),
    )
    form = {"action": "delete_selected", "_selected_action": [one.pk for one in extra], "post": "yes"}
    house.post("/admin/voice/silence/", **form)
    assert Deed.objects.filter(what=What.SETTING_CHANGED, name="anna").count() == 2


def test_a_password_that_was_refused_is_written_down_with_the_name_if_there_is_one(client):
    User.objects.create_superuser("anna", password=PASSWORD)
    for name in ("anna", "hunter2-in-the-wrong-field"):
        sign_in(client, name, "wrong")
    rows = Deed.objects.filter(what=What.SIGN_IN_FAILED).order_by("id")
    assert [(row.by, row.about, row.outcome) for row in rows] == [
        ("visitor", "anna", "refused"),
        ("visitor", "", "refused"),
    ]


def test_a_call_that_staff_begin_is_written_down_and_a_visitors_is_not(standin, make_persona, client):
    persona = make_persona(slug="harbour-guide")
    agents.sync(agents.note(persona))
    address = "/chat/harbour-guide/voice/start/"
    assert client.post(address, "{}", content_type="application/json").status_code == 200
    assert not Deed.objects.filter(what=What.TEST_CALL).exists()
    staff = Client()
    staff.force_login(User.objects.create_superuser("anna"))
    assert staff.post(address, "{}", content_type="application/json").status_code == 200
    (row,) = Deed.objects.filter(what=What.TEST_CALL)
    assert (row.name, row.persona) == ("anna", persona)
    assert row.conversation.startswith("conv_")


def test_every_question_that_changes_something_at_elevenlabs_leaves_one_row_without_what_is_secret(standin):
    """By the table of CALLS: a new function that writes and does not tell fails here."""
    made, wrong = Made(standin), []
    for name, call in GATEWAY.items():
        Deed.objects.before(timezone.now() + timedelta(days=1)).delete()
        call.ask(made)
        rows = list(Deed.objects.values())
        if [row["what"] for row in rows] != [wrote(name)] or "hush" in str(rows) or "wsec" in str(rows):
            wrong.append((name, rows))
    assert wrong == []


def test_no_question_that_only_looks_tells(standin):
    assert [name for name in CALLS.keys() - GATEWAY.keys() if wrote(name)] == []


def test_what_elevenlabs_refused_and_what_it_did_not_answer_is_told_apart(standin, settings):
    with contextlib.suppress(gateway.GatewayError):
        gateway.update_agent("agent_none", {"name": "x"})
    settings.ELEVENLABS_URL = "http://127.0.0.1:9"
    with contextlib.suppress(gateway.GatewayError):
        gateway.update_agent("agent_none", {"name": "x"})
    assert list(Deed.objects.order_by("id").values_list("outcome", flat=True)) == ["refused", "unknown"]


def test_a_listener_that_fails_does_not_fail_the_deed(caplog):
    def broken(**_):
        raise ValueError("a fault of ours")

    gateway.wrote.connect(broken)
    try:
        assert tells("agent_created")(lambda name: "agent_9")("x") == "agent_9"
    finally:
        gateway.wrote.disconnect(broken)
    assert "a fault of ours" in caplog.text
    assert Deed.objects.get().what == What.AGENT_CREATED


def test_a_row_that_cannot_be_written_stands_in_the_log_and_the_deed_is_done(house, monkeypatch, caplog):
    def full(*_args, **_named):
        raise DatabaseError("disk full")

    monkeypatch.setattr(Deed, "save", full)
    with caplog.at_level(logging.ERROR):
        house.change(tagline="New words")
    house.persona.refresh_from_db()
    assert house.persona.tagline == "New words"
    assert "not in the audit log" in caplog.text
    assert "anna" in caplog.text


def test_what_is_undone_leaves_no_row(house):
    with transaction.atomic():
        audit.write(What.PERSONA_CHANGED, persona=house.persona)
        transaction.set_rollback(True)
    assert not Deed.objects.exists()


def test_a_command_is_named_and_the_clock_is_the_clock(house, monkeypatch):
    give(house.berta)
    monkeypatch.setattr("sys.argv", ["manage.py", "reset_second_factor", "berta"])
    call_command("reset_second_factor", "berta")
    monkeypatch.setattr("sys.argv", ["celery"])
    audit.write(What.AGENT_CHANGED)
    rows = Deed.objects.order_by("id").values_list("by", "name", "about")
    assert list(rows) == [("command", "manage.py reset_second_factor", "berta"), ("clock", "", "")]


def test_the_person_and_the_persona_may_go_and_the_row_stays_with_the_name(house):
    house.get(f"/admin/voice/conversation/{house.session.conversation_id}/change/")
    house.persona.delete()
    house.anna.delete()
    row = Deed.objects.get(what=What.TRANSCRIPT_READ)
    assert (row.user, row.persona, row.name) == (None, None, "anna")
    assert row.conversation == str(house.session.conversation_id)


def test_an_address_is_shortened(house):
    path = f"/admin/voice/delivery/{house.delivery.pk}/change/"
    for address in ("203.0.113.77", "2001:db8:1234:5678::9", "127.0.0.1"):
        house.client.get(path, REMOTE_ADDR=address)
    rows = Deed.objects.order_by("id").values_list("address", flat=True)
    assert list(rows) == ["203.0.113.0/24", "2001:db8:1234::/48", ""]


def test_what_was_said_is_in_no_row(house):
    for what in (What.QUESTION_READ, What.DOCUMENT_DELETED, What.TRANSCRIPT_READ):
        DEEDS[what](house)
    house.post(f"/admin/knowledge/document/{uuid.uuid4()}/change/", title=SAID)
    assert SAID not in str(list(Deed.objects.values()))


def test_nobody_changes_or_deletes_a_row(house):
    house.get(f"/admin/voice/delivery/{house.delivery.pk}/change/")
    row = Deed.objects.get()
    for forbidden in (row.save, row.delete, Deed.objects.all().delete, lambda: Deed.objects.update(name="nobody")):
        with pytest.raises(Exception, match="neither changed nor deleted"):
            forbidden()
    own = f"/admin/voice/deed/{row.pk}/"
    assert house.client.get(f"{own}change/").status_code == 200
    assert house.client.get("/admin/voice/deed/add/").status_code == 403
    assert house.client.post(f"{own}change/", {"name": "nobody"}).status_code == 403
    assert house.client.post(f"{own}delete/", {"post": "yes"}).status_code == 403
    form = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    house.client.post("/admin/voice/deed/", form)
    assert Deed.objects.filter(pk=row.pk, name="anna").exists()


def test_the_log_is_read_by_person_deed_persona_and_day(house):
    house.get(f"/admin/voice/conversation/{house.session.conversation_id}/change/")
    for chosen in (
        f"user__id__exact={house.anna.pk}",
        f"what__exact={What.TRANSCRIPT_READ}",
        f"persona__id__exact={house.persona.pk}",
        f"at__day={timezone.now().day}&at__month={timezone.now().month}&at__year={timezone.now().year}",
        "q=anna",
    ):
        assert (
            "Conversation read"
            in house.client.get(f"/admin/voice/deed/?{chosen}").content.decode().split("result_list")[-1]
        ), chosen
    shown = house.client.get(f"/admin/voice/deed/?what__exact={What.VOICE_OFF}").content.decode()
    assert "0 entries of the audit log" in shown


def test_the_file_holds_what_the_list_shows_and_no_formula(house):
    audit.write(What.PERSONA_CHANGED, about="=1+1")
    audit.write(What.VOICE_OFF)
    response = house.client.get(f"/admin/voice/deed/csv/?what__exact={What.PERSONA_CHANGED}")
    head, row = csv.reader(io.StringIO(response.content.decode("utf-8-sig")))
    assert head == ["at", "by", "name", "what", "persona", "about", "conversation", "address", "outcome"]
    assert row[3:6] == ["persona_changed", "", "'=1+1"]
    assert Deed.objects.filter(what=What.FILE_TAKEN, about="audit log").count() == 1
    assert house.client.get("/admin/voice/deed/csv/?nonsense=1").status_code == 302


def test_staff_without_the_right_see_no_log(client):
    client.force_login(User.objects.create_user("berta", is_staff=True))
    assert client.get("/admin/voice/deed/").status_code == 403
    assert client.get("/admin/voice/deed/csv/").status_code == 403


@pytest.mark.parametrize(("days", "left"), [(365, ["new"]), (0, ["old", "new"])])
def test_rows_go_when_they_are_old_enough(settings, days, left):
    settings.AUDIT_DAYS = days
    for name, age in (("old", 366), ("new", 364)):
        Deed.objects.create(by="person", name=name, what=What.VOICE_OFF, at=timezone.now() - timedelta(days=age))
    tasks.let_old_rows_go()
    assert list(Deed.objects.order_by("id").values_list("name", flat=True)) == left


def test_no_tool_call_and_no_visitors_page_writes_a_row(client, session):
    client.get("/chat/harbour-guide/")
    client.post("/chat/harbour-guide/say/", {"text": "When?", "key": "1"})
    assert not Deed.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_what_a_worker_does_is_put_down_to_whoever_caused_it(standin, client, make_persona, tmp_path):
    celery.control.purge()
    standin.http.post("/standin/reset").raise_for_status()
    client.force_login(User.objects.create_superuser("anna"))
    address = {"ELEVENLABS_URL": standin.url, "ELEVENLABS_API_KEY": "key-of-the-tests"}
    with workers.running(tmp_path / "log", **address):
        client.post(
            "/admin/personas/persona/add/", form_of(Persona(name="Second", slug="second", first_message="Ahoy."))
        )
        made = Deed.objects.filter(what=What.AGENT_CREATED)
        assert wait_until(made.exists, 90), (tmp_path / "log").read_text()
    row = made.get()
    assert (row.by, row.name, row.persona) == ("person", "anna", Persona.objects.get())
    assert row.address == ""
    connection.close()


def test_what_beat_hands_out_is_the_clocks():
    headers = {}
    causes.take_along(headers=headers)
    assert headers["caused_by"]["kind"] in ("clock", "command")
