"""Who may do what: every address of the staff's side, tried by every kind of person, against one written table.

An address that is not in the table fails, so that whoever adds one decides whom it is for.
"""

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.urls import get_resolver

from tests.voice.staff_pages import GROUPS, POSTED, address, make_rows, patterns, table
from voice import roles
from voice.models import Conversation

pytestmark = pytest.mark.django_db


@pytest.fixture
def rows(persona):
    return make_rows(persona, "boat")


def test_for_every_address_it_is_written_down_whom_it_is_for():
    assert {name for name, _ in patterns(get_resolver())} == table().keys()


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


def test_editors_delete_no_persona_with_its_conversations(signed_in, persona, rows):
    where = f"/admin/personas/persona/{persona.pk}/delete/"
    assert signed_in("editor").post(where, {"post": "yes"}).status_code == 403
    assert Conversation.objects.exists()


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
