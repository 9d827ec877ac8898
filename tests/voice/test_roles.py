"""Who may do what: every address of the staff's side, tried by every kind of person, against one written table.

An address that is not in the table fails, so that whoever adds one decides whom it is for.
"""

import pytest
from django.contrib.auth.models import Group, User
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from voice import roles
from voice.models import Alert, Allowance, Delivery, Flag, PhoneNumber, Silence, Workspace

pytestmark = pytest.mark.django_db

# E persona editors, A analysts, O operators, S superusers alone, * every member of staff, - nobody. Superusers may do what any
# group may; a visitor may open nothing of this.
# Of a model's own pages: list, add, history, delete, change.
MODELS = {
    "personas_persona": "EO E EO E EO",
    "knowledge_document": "E E E E E",
    "knowledge_flag": "E - E - E",
    "knowledge_gap": "E - E E E",
    "knowledge_goldenquestion": "E E E E E",
    "voice_agent": "O - O - O",
    "voice_alert": "O - O S O",
    "voice_allowance": "O O O O O",
    "voice_conversation": "A - A S A",
    "voice_delivery": "O - O S O",
    "voice_flag": "O O O O O",
    "voice_phonenumber": "O - O O O",
    "voice_silence": "O O O O O",
    "voice_toolcall": "A - A S A",
    "voice_workspace": "O - O - O",
    "auth_group": "O S O S O",
    "auth_user": "O S O S O",
}
PAGES = {
    "admin:index": "*",
    "admin:password_change": "*",
    "admin:password_change_done": "*",
    "admin:jsi18n": "*",
    "admin:view_on_site": "*",
    "admin:autocomplete": "O",
    "admin:app_list": "EO",
    "admin:auth_user_password_change": "S",
    "admin:knowledge_add_documents": "E",
    "admin:knowledge_document_file": "E",
    "admin:knowledge_document_progress": "E",
    "admin:knowledge_document_report": "E",
    "admin:knowledge_document_retry": "E",
    "admin:knowledge_duplicate_persona": "E",
    "admin:knowledge_export_persona": "E",
    "admin:knowledge_flag_decide": "E",
    "admin:knowledge_gap_ask": "E",
    "admin:knowledge_gap_dismiss": "E",
    "admin:knowledge_gap_fill": "E",
    "admin:knowledge_gap_reopen": "E",
    "admin:knowledge_golden": "E",
    "admin:knowledge_golden_accept": "E",
    "admin:knowledge_golden_export": "E",
    "admin:knowledge_golden_import": "E",
    "admin:knowledge_golden_run": "E",
    "admin:knowledge_golden_run_now": "E",
    "admin:knowledge_import_persona": "E",
    "admin:knowledge_try_question": "E",
    "admin:personas_persona_restore": "E",
    "admin:voice_agent_adopt": "S",
    "admin:voice_agent_check": "O",
    "admin:voice_agent_left_over": "O",
    "admin:voice_agent_overwrite": "O",
    "admin:voice_alert_switch_on": "O",
    "admin:voice_conversation_recording": "A",
    "admin:voice_flag_go_on": "O",
    "admin:voice_flag_kill": "O",
    "admin:voice_flag_kill_all": "O",
    "admin:voice_flag_revive": "O",
    "admin:voice_workspace_look": "O",
    "voice:figures": "A",
    "voice:inspect": "EO",
    "voice:schema": "O",
    "voice:second_factor": "*",
    "voice:second_factor_code": "*",
    "voice:second_factor_people": "S",
    "voice:test_voice": "EO",
    "voice:usage": "O",
}
# Doors that everybody may knock at; whose thread, session or draft it is stands in their own tests.
PUBLIC = [
    "persona_list",
    "chat",
    "thread",
    "avatar",
    "turns",
    "say",
    "new",
    "transcript_markdown",
    "transcript_text",
    "transcript_pdf",
    "rate",
    "judge",
    "start_session",
    "attempt",
    "wait",
    "leave",
    "heard",
    "end_session",
    "document",
    "document_file",
    "history",
    "delete_thread",
    "choose_language",
    "icon",
    "icon_png",
    "manifest",
    "healthz",
    "readyz",
    "metrics",
    "function_call",
    "conversation_start",
    "post_call",
]
POSTED = {
    "admin:knowledge_document_retry", "admin:knowledge_flag_decide", "admin:knowledge_gap_ask", "admin:knowledge_gap_dismiss",
    "admin:knowledge_gap_reopen", "admin:knowledge_golden_accept", "admin:knowledge_golden_run_now", "admin:voice_agent_adopt",
    "admin:voice_agent_check", "admin:voice_agent_overwrite", "admin:voice_alert_switch_on", "admin:voice_flag_go_on",
    "admin:voice_flag_kill", "admin:voice_flag_kill_all", "admin:voice_flag_revive", "admin:voice_workspace_look", "voice:inspect",
}  # fmt: skip
GROUPS = {"E": "Persona editors", "A": "Analysts", "O": "Operators"}


def table():
    """{name of an address: who may open it, in letters}"""
    verbs = ("changelist", "add", "history", "delete", "change")
    own = {
        f"admin:{model}_{verb}": who
        for model, line in MODELS.items()
        for verb, who in zip(verbs, line.split(), strict=True)
    }
    return (
        own
        | PAGES
        | {f"voice:{name}": "public" for name in PUBLIC}
        | dict.fromkeys(("admin:login", "admin:logout"), "public")
    )


def patterns(resolver, spaces=""):
    """(name, pattern) of every address that has a name; Django's own for old links and wrong ones have none."""
    for pattern in resolver.url_patterns:
        if hasattr(pattern, "url_patterns"):
            yield from patterns(pattern, spaces + (f"{pattern.namespace}:" if pattern.namespace else ""))
        elif pattern.name:
            yield spaces + pattern.name, pattern


def test_for_every_address_it_is_written_down_whom_it_is_for():
    assert {name for name, _ in patterns(get_resolver())} == table().keys()


@pytest.fixture
def rows(persona, session, looked_up):
    """One row of everything, by the model's name as it stands in the table."""
    session.recording.save("call.mp3", ContentFile(b"sound"))
    kept = {"title": "Timetable", "kind": "txt", "status": "failed"}
    document = persona.documents.create(file=ContentFile(b"Nine.", name="t.txt"), **kept)
    run = persona.golden_runs.create(version=1, question_set="x", cause="demand")
    return {
        "personas_persona": persona,
        "knowledge_document": document,
        "knowledge_flag": persona.flags.create(document=document, kind="hidden", quote="x", reason="x", score=1),
        "knowledge_gap": persona.gaps.create(question="Where do dogs sit?", key="1"),
        "knowledge_goldenquestion": persona.golden_questions.create(question="When does it leave?"),
        "run": run,
        "voice_agent": persona.agent,
        "voice_alert": Alert.objects.create(kind=Alert.Kind.WEBHOOK, words="No reports."),
        "voice_allowance": Allowance.objects.create(of="persona", per="day", minutes=5, persona=persona),
        "voice_conversation": session.conversation,
        "voice_conversation_recording": session,
        "voice_delivery": Delivery.objects.create(kind="post_call_transcription", subject="conv_1", body="{}"),
        "voice_flag": Flag.objects.create(name="one", persona=persona),
        "voice_phonenumber": PhoneNumber.objects.create(elevenlabs_number_id="n", number="+15551234567", state="gone"),
        "voice_silence": Silence.objects.create(ends_at=timezone.now(), why="Work"),
        "voice_toolcall": looked_up(session),
        "voice_workspace": Workspace.objects.get_or_create()[0],
        "auth_group": Group.objects.get(name="Analysts"),
        "auth_user": User.objects.create_user("somebody"),
    }


def row_of(name, rows):
    """The row an address is about: of the model its name begins with, else the persona."""
    own = name.partition(":")[2]
    return next((row for model, row in reversed(rows.items()) if own.startswith(model)), rows["personas_persona"])


def address(name, pattern, rows):
    row = row_of(name, rows)
    given = {
        "object_id": row.pk, "pk": row.pk, "id": row.pk, "slug": rows["personas_persona"].slug, "run_id": rows["run"].pk,
        "version": rows["personas_persona"].history.first().history_id, "app_label": "personas",
        "content_type_id": ContentType.objects.get_for_model(rows["personas_persona"]).pk,
    }  # fmt: skip
    wanted = [*pattern.pattern.converters] or [*pattern.pattern.regex.groupindex]
    query = "?app_label=voice&model_name=allowance&field_name=user" if name == "admin:autocomplete" else ""
    return reverse(name, kwargs={one: given[one] for one in wanted}) + query


def may_open(client, name, where):
    """Whether it is opened, or done, and then taken back."""
    with transaction.atomic():
        response = client.post(where) if name in POSTED else client.get(where)
        transaction.set_rollback(True)
    return response.status_code not in (403, 404) and not response.headers.get("Location", "").startswith(
        "/admin/login/"
    )


WHO = {
    "anonymous": "",
    "visitor": "",
    "staff without a group": "*",
    "editor": "*E",
    "analyst": "*A",
    "operator": "*O",
    "superuser": "*EAOS",
}


@pytest.fixture
def signed_in():
    def sign_in(who):
        client = Client()
        if who == "superuser":
            client.force_login(User.objects.create_superuser(who))
        elif who != "anonymous":
            user = User.objects.create_user(who, is_staff=who != "visitor")
            user.groups.set(Group.objects.filter(name__in=[GROUPS[letter] for letter in WHO[who] if letter in GROUPS]))
            client.force_login(user)
        return client

    return sign_in


@pytest.mark.parametrize("who", WHO)
def test_each_opens_what_the_table_says_and_nothing_else(who, rows, signed_in):
    client, wrong = signed_in(who), []
    decided = {name: letters for name, letters in table().items() if letters != "public"}
    for name, pattern in patterns(get_resolver()):
        if name in decided and may_open(client, name, address(name, pattern, rows)) != bool(
            {*WHO[who]} & {*decided[name]}
        ):
            wrong.append(name)
    assert wrong == []


@pytest.mark.parametrize(
    ("who", "status"), [("staff without a group", 404), ("analyst", 404), ("editor", 200), ("operator", 200)]
)
def test_a_draft_is_open_to_staff_who_may_see_personas(who, status, signed_in, make_persona):
    draft = make_persona("Secret adviser", status="draft")
    client = signed_in(who)
    assert client.get(f"/chat/{draft.slug}/").status_code == status
    assert ("Secret adviser" in client.get("/").content.decode()) is (status == 200)


def test_what_staff_change_in_a_group_stays(db):
    group = Group.objects.get(name="Analysts")
    group.permissions.clear()
    roles.make_groups()
    assert not group.permissions.exists()


def test_a_group_that_is_not_there_is_made_with_all_it_needs(db):
    Group.objects.filter(name="Analysts").delete()
    call_command("migrate", verbosity=0)
    names = Group.objects.get(name="Analysts").permissions.values_list("codename", flat=True)
    assert set(names) == {"view_conversation", "view_toolcall"}


@pytest.mark.parametrize("name", roles.ROLES)
def test_every_permission_that_a_group_is_to_have_exists(name, db):
    wanted = sum(len(verbs.split()) for verbs in roles.ROLES[name].values())
    assert Group.objects.get(name=name).permissions.count() == wanted


def test_who_may_change_agents_and_personas_adopts_what_was_changed_by_hand(signed_in, persona):
    client = signed_in("operator")
    adopt = f"/admin/voice/agent/{persona.agent.pk}/adopt/"
    assert client.post(adopt).status_code == 403
    User.objects.get(username="operator").groups.add(Group.objects.get(name="Persona editors"))
    assert client.post(adopt).status_code == 302


@pytest.mark.parametrize(
    ("who", "address", "words"),
    [
        ("operator", "/admin/personas/persona/{pk}/change/", "/try/"),
        ("editor", "/admin/", "/staff/voice/"),
        ("analyst", "/admin/", "/test-voice/"),
    ],
)
def test_no_page_leads_to_one_that_is_not_for_its_reader(who, address, words, signed_in, persona):
    shown = signed_in(who).get(address.format(pk=persona.pk))
    assert shown.status_code == 200
    assert words not in shown.content.decode()
