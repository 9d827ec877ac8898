"""Whoever is limited to some personas: every address of the staff's side, opened with the rows of another persona and with
their own, by somebody who is in every group. Of the other persona, whose rows all say "zebra", they meet nothing."""

import pytest
from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group, User
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.test import Client
from django.urls import get_resolver

from personas import remits
from personas.admin import Narrowed, Undivided
from personas.models import Persona, Remit
from tests.voice.staff_pages import MODELS, POSTED, address, make_rows, patterns, table
from tests.voice.test_admin import form_of
from voice.models import Flag

pytestmark = pytest.mark.django_db
OF_NO_PERSONA = {"auth.group", "auth.user"}


@pytest.fixture
def own(persona):
    return make_rows(persona, "boat")


@pytest.fixture
def other(make_persona):
    return make_rows(make_persona("Zebra keeper", slug="zebra", status="draft"), "zebra")


@pytest.fixture
def minder():
    """In every group, so that groups keep nothing back."""
    user = User.objects.create_user("anna", is_staff=True)
    user.groups.set(Group.objects.all())
    return user


@pytest.fixture
def limited(minder, persona):
    Remit.objects.create(user=minder).personas.add(persona)
    return minder


@pytest.fixture
def browser(minder):
    client = Client()
    client.force_login(minder)
    return client


def staff_addresses():
    return [(name, pattern) for name, pattern in patterns(get_resolver()) if table()[name] != "public"]


def ask(client, method, where):
    """The status, and everything that was said; what was done is taken back."""
    with transaction.atomic():
        response = getattr(client, method)(where)
        transaction.set_rollback(True)
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return response, body.decode(errors="replace") + response.headers.get("Location", "")


def is_about_a_row(pattern):
    return bool([*pattern.pattern.converters] or pattern.pattern.regex.groups)


def test_of_another_persona_nothing_is_shown(limited, browser, own, other):
    """With the address of a row of theirs there is no such thing; lists, forms and files are as if it were not there."""
    told, opened = [], []
    for name, pattern in staff_addresses():
        where = address(name, pattern, other)
        response, said = ask(browser, "post" if name in POSTED else "get", where)
        if "zebra" in said.lower():
            told.append(name)
        if is_about_a_row(pattern) and is_of_a_persona(name) and not is_refused(response):
            opened.append(name)
    assert (told, opened) == ([], [])


def test_nothing_of_another_persona_is_changed(limited, browser, own, other):
    """Every page about a row, with an empty form sent to it."""
    done = []
    for name, pattern in staff_addresses():
        if is_about_a_row(pattern) and is_of_a_persona(name):
            response, said = ask(browser, "post", address(name, pattern, other))
            if not is_refused(response) or "zebra" in said.lower():
                done.append(name)
    assert done == []


def is_of_a_persona(name):
    return not name.startswith(("admin:auth_", "admin:app_list"))


def is_refused(response):
    """Forbidden, not there, not that way, or sent to the first page, as the admin does where there is no such row."""
    return response.status_code in (403, 404, 405) or response.headers.get("Location", "") == "/admin/"


def test_their_own_persona_is_open_to_them_and_says_nothing_of_others(limited, browser, own, other):
    told, closed = [], []
    for name, pattern in staff_addresses():
        response, said = ask(browser, "post" if name in POSTED else "get", address(name, pattern, own))
        if "zebra" in said.lower():
            told.append(name)
        if is_about_a_row(pattern) and response.status_code in (403, 404):
            closed.append(name)
    assert told == []
    assert not {f"admin:{model}_change" for model in OWN} & {*closed}


OWN = [
    model
    for model in MODELS
    if model not in ("personas_remit", "voice_alert", "voice_deed", "voice_silence", "voice_workspace")
]


@pytest.mark.parametrize("model", OWN)
def test_who_is_not_limited_meets_all(model, minder, browser, own, other):
    """Else the other tests here would prove nothing."""
    if model.startswith("auth_"):
        return
    _response, said = ask(browser, "get", f"/admin/{model.replace('_', '/', 1)}/")
    assert "zebra" in said.lower()


def test_every_page_of_a_model_says_how_it_is_limited():
    undecided = {
        model._meta.label_lower
        for model, page in admin.site._registry.items()
        if not isinstance(page, Narrowed | Undivided)
    }
    assert undecided == OF_NO_PERSONA


def test_rows_of_a_person_and_of_their_groups_add_up(minder, persona, make_persona):
    second, _third = make_persona("Second"), make_persona("Third")
    Remit.objects.create(user=minder).personas.add(persona)
    Remit.objects.create(group=Group.objects.get(name="Analysts")).personas.add(second)
    assert {*remits.personas(minder)} == {persona, second}


def test_who_has_no_row_is_not_limited(minder, persona, make_persona):
    Remit.objects.create(user=User.objects.create_user("berta")).personas.add(persona)
    make_persona("Second")
    assert remits.personas(minder).count() == 2


def test_a_superuser_is_never_limited(persona, make_persona):
    chief = User.objects.create_superuser("chief")
    Remit.objects.create(user=chief).personas.add(persona)
    make_persona("Second")
    assert remits.personas(chief).count() == 2


def test_a_limit_whose_personas_are_gone_still_limits(limited, persona, make_persona):
    make_persona("Second")
    persona.delete()
    assert not remits.personas(User.objects.get(pk=limited.pk)).exists()


GROUPS = "/admin/auth/group/"


@pytest.mark.parametrize("by_list", [False, True])
def test_a_group_that_limits_is_not_deleted_and_it_is_said_why(by_list, minder, persona, make_persona, client):
    make_persona("Second")
    team = Group.objects.create(name="Team A")
    minder.groups.add(team)
    Remit.objects.create(group=team).personas.add(persona)
    client.force_login(User.objects.create_superuser("chief"))
    chosen = {"action": "delete_selected", "_selected_action": team.pk} if by_list else {}
    said = client.post(GROUPS if by_list else f"{GROUPS}{team.pk}/delete/", {"post": "yes", **chosen}).content.decode()
    assert "First give that limit to another group, or delete it." in said
    assert [*remits.personas(User.objects.get(pk=minder.pk))] == [persona]


def test_a_group_without_a_limit_is_deleted(client):
    team = Group.objects.create(name="Team A")
    client.force_login(User.objects.create_superuser("chief"))
    where = f"{GROUPS}{team.pk}/delete/"
    assert "First give that limit" not in client.get(where).content.decode()
    client.post(where, {"post": "yes"})
    assert not Group.objects.filter(pk=team.pk).exists()


@pytest.mark.parametrize(("status", "expected"), [("draft", 404), ("published", 200)])
def test_a_draft_of_others_has_no_page(status, expected, limited, browser, make_persona):
    other = make_persona("Zebra keeper", status=status)
    assert browser.get(f"/chat/{other.slug}/").status_code == expected


def test_the_way_to_a_personas_page_tells_no_slug_of_a_draft_of_others(limited, browser, own, other):
    kind = ContentType.objects.get_for_model(Persona).pk
    theirs, mine = other["personas_persona"].pk, own["personas_persona"]
    for key in (theirs, theirs.hex, str(theirs).upper(), "nobody"):
        for number in (kind, f"0{kind}", f"+{kind}"):
            assert browser.get(f"/admin/r/{number}/{key}/").status_code == 404
    assert browser.get(f"/admin/r/{kind}/{mine.pk}/").headers["Location"] == f"/chat/{mine.slug}/"


def test_recent_actions_name_no_persona_of_before_the_limit(minder, browser, persona, other):
    LogEntry.objects.log_actions(minder.pk, [other["personas_persona"]], CHANGE, "Changed.", single_object=True)
    assert "Zebra keeper" in browser.get("/admin/").content.decode()
    Remit.objects.create(user=minder).personas.add(persona)
    assert "zebra" not in browser.get("/admin/").content.decode().lower()


def test_a_slug_that_is_taken_is_refused_without_saying_by_whom(limited, browser, persona, other):
    where = f"/admin/personas/persona/{persona.pk}/change/"
    form = browser.post(where, form_of(persona, slug="zebra")).context["adminform"].form
    assert form.errors["slug"] == ["This address cannot be used. Choose another."]


def test_who_is_limited_makes_no_personas(limited, browser, own):
    mine = own["personas_persona"].pk
    for page in ("add/", "import/", f"{mine}/duplicate/"):
        assert browser.post(f"/admin/personas/persona/{page}").status_code == 403
    assert Persona.objects.count() == 1


def test_a_question_cannot_be_given_to_another_persona(limited, browser, own, other):
    given = {"persona": other["personas_persona"].pk, "question": "When?", "position": 1, "active": "on"}
    response = browser.post("/admin/knowledge/goldenquestion/add/", given)
    assert "persona" in response.context["adminform"].form.errors
    assert other["personas_persona"].golden_questions.count() == 1


def test_a_document_cannot_be_given_to_another_persona(limited, browser, own, other):
    given = {"persona": other["personas_persona"].pk, "text": "Zebras sit in the second row."}
    response = browser.post("/admin/knowledge/document/add/", given)
    assert "persona" in response.context["form"].errors


@pytest.mark.parametrize(
    "where",
    [
        "/staff/voice/?persona={pk}",
        "/staff/voice/?persona={pk}&format=csv",
        "/admin/knowledge/document/cited/?persona={pk}",
        "/admin/knowledge/document/progress/?document={document}",
        "/admin/knowledge/goldenquestion/add/?persona={pk}",
        "/admin/voice/allowance/add/?persona={pk}",
        "/admin/voice/conversation/?persona__id__exact={pk}",
        "/admin/autocomplete/?app_label=voice&model_name=allowance&field_name=persona&term=keeper",
        "/test-voice/?persona=zebra",
    ],
)
def test_naming_another_persona_in_an_address_shows_nothing_of_it(where, limited, browser, own, other):
    given = {"pk": other["personas_persona"].pk, "document": other["knowledge_document"].pk}
    response, said = ask(browser, "get", where.format(**given))
    assert response.status_code == 200
    assert "zebra" not in said.lower().replace("persona=zebra", "")


def test_the_figures_of_all_are_those_of_ones_own(minder, browser, persona, own, other):
    assert _conversations(browser) == 7  # of all, as it was kept
    Remit.objects.create(user=minder).personas.add(persona, other["personas_persona"])
    assert _conversations(browser) == 14
    Remit.objects.get(user=minder).personas.remove(persona)
    assert _conversations(browser) == 7
    Remit.objects.get(user=minder).personas.clear()
    assert _conversations(browser) == 0


def _conversations(browser):
    return browser.get("/staff/voice/").context["board"].count("conversations")


@pytest.mark.parametrize(
    ("model", "action"),
    [
        ("personas_persona", "delete_selected"),
        ("personas_persona", "publish"),
        ("knowledge_document", "delete_selected"),
        ("knowledge_document", "read_again"),
        ("voice_delivery", "read_again"),
        ("voice_phonenumber", "assign_again"),
    ],
)
def test_an_action_leaves_the_rows_of_others_alone(model, action, limited, browser, own, other):
    row = other[model]
    chosen = {"action": action, "_selected_action": row.pk, "post": "yes"}
    before = type(row).objects.filter(pk=row.pk).values().get()
    browser.post(f"/admin/{model.replace('_', '/', 1)}/", chosen)
    assert type(row).objects.filter(pk=row.pk).values().get() == before


def test_who_is_limited_switches_their_own_persona_off_and_nothing_else(limited, browser, own):
    general = Flag.objects.create(everyone=True)
    for where, status in ((f"{own['voice_flag'].pk}/kill/", 302), (f"{general.pk}/kill/", 404), ("kill/", 403)):
        assert browser.post(f"/admin/voice/flag/{where}").status_code == status
    assert [*Flag.objects.exclude(killed_at=None)] == [own["voice_flag"]]


def test_a_rollout_for_all_is_not_made_by_who_is_limited(limited, browser, make_persona):
    response = browser.post("/admin/voice/flag/add/", {"persona": "", "everyone": "true"})
    assert response.context["adminform"].form.errors["persona"]


def test_a_body_is_shown_to_those_who_may_read_conversations(browser, minder, own):
    where = f"/admin/voice/delivery/{own['voice_delivery'].pk}/change/"
    assert "delivery-body" in ask(browser, "get", where)[1]
    minder.groups.set(Group.objects.filter(name="Operators"))
    said = ask(browser, "get", where)[1]
    assert "delivery-body" not in said
    assert "It holds what was said." in said


def test_a_limit_is_for_a_person_or_a_group_and_not_for_both(persona, client):
    client.force_login(User.objects.create_superuser("chief"))
    group = Group.objects.get(name="Analysts")
    given = {"user": User.objects.create_user("berta").pk, "group": group.pk, "personas": persona.pk}
    refused = client.post("/admin/personas/remit/add/", given)
    assert refused.context["adminform"].form.non_field_errors() == ["Choose either a person or a group."]
    assert client.post("/admin/personas/remit/add/", {**given, "group": ""}).status_code == 302
