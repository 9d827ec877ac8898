"""What was done to a persona, by whom, and the way back."""

import sys

import pytest
from django.contrib.auth.models import Permission
from django.core.files.base import ContentFile
from django.urls import reverse

from knowledge import ingestion
from knowledge.answering import answer
from knowledge.models import Library
from personas import story, versions
from personas.models import Persona, StarterQuestion
from voice.models import Agent

pytestmark = pytest.mark.django_db


@pytest.fixture
def persona():
    persona = Persona.objects.create(name="Maren", slug="maren", tagline="Knows the pier.")
    for position, text in enumerate(["When?", "Where?"]):
        StarterQuestion.objects.create(persona=persona, text=text, position=position)
    return persona


def change(persona, **fields):
    for name, value in fields.items():
        setattr(persona, name, value)
    persona.save()
    return persona.history.first().history_id


def told(persona):
    return [
        (entry.what, [(one.what, one.before, one.after) for one in entry.changes]) for entry in story.entries(persona)
    ]


def questions(persona):
    return list(persona.starter_questions.order_by("position").values_list("text", flat=True))


def form(persona, **fields):
    """What the admin's form of a persona sends."""
    kept = ("name", "slug", "status", "tagline", "description", "instructions", "strictness", "first_message",
            "fallback_message", "spoken_style", "written_style", "language", "voice_id", "stability",
            "similarity_boost", "speed")  # fmt: skip
    inlines = {
        f"{prefix}-{name}_FORMS": 0 for prefix in ("starter_questions", "documents") for name in ("TOTAL", "INITIAL")
    }
    return {name: getattr(persona, name) for name in kept} | inlines | fields


def test_a_persona_of_which_no_row_was_kept_has_no_version_to_go_back_to(admin_client, persona):
    Persona.history.filter(id=persona.pk).delete()
    assert all(entry.version is None for entry in story.entries(persona))
    assert admin_client.get(reverse("admin:personas_persona_history", args=[persona.pk])).status_code == 200


def test_a_change_is_told_with_both_values(persona):
    change(persona, tagline="Knows the tides.")
    assert told(persona)[0] == ([], [("Tagline", "Knows the pier.", "Knows the tides.")])


def test_questions_made_with_the_persona_are_told_with_it(persona):
    assert told(persona) == [(["Made.", "Starter question “When?” added.", "Starter question “Where?” added."], [])]


def test_a_save_that_changes_nothing_is_not_told(persona):
    before = told(persona)
    persona.save()
    assert told(persona) == before


def test_who_changed_it_is_told(admin_client, persona):
    response = admin_client.post(
        reverse("admin:personas_persona_change", args=[persona.pk]), form(persona, tagline="New")
    )
    assert response.status_code == 302, response.context["adminform"].form.errors
    assert story.entries(persona)[0].who == "admin"


def test_why_staff_changed_it_is_told_of_the_persona_and_of_its_questions_at_once(admin_client, persona):
    question = persona.starter_questions.first()
    data = form(persona, tagline="New", reason="The pier is closed.") | {
        "starter_questions-TOTAL_FORMS": 1,
        "starter_questions-INITIAL_FORMS": 1,
        "starter_questions-0-id": question.pk,
        "starter_questions-0-persona": persona.pk,
        "starter_questions-0-text": "When now?",
        "starter_questions-0-position": 0,
    }
    admin_client.post(reverse("admin:personas_persona_change", args=[persona.pk]), data)
    newest = story.entries(persona)[0]
    assert (newest.who, newest.why) == ("admin", "The pier is closed.")
    assert [change.after for change in newest.changes] == ["New", "When now?"]


def test_a_document_that_is_uploaded_again_has_a_new_version(persona):
    for text in (b"A night costs 25 euros.", b"A night costs 30 euros."):
        ingestion.ingest(ingestion.receive(persona, file=ContentFile(text, name="fees.txt")))
    sentences = [sentence for entry in story.entries(persona) for sentence in entry.what]
    assert "Document “Fees” has a new version." in sentences
    assert not any("removed" in sentence for sentence in sentences)


def test_what_a_command_did_is_told_under_its_name(persona, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["/somewhere/manage.py", "import_persona", "x.zip"])
    change(persona, tagline="New")
    assert story.entries(persona)[0].why == "manage.py import_persona"


def test_only_the_part_of_a_long_text_that_changed_is_shown(persona):
    change(persona, instructions="Be kind. " * 500)
    change(persona, instructions="Be kind. " * 400 + "Be brief." + "Be kind. " * 99)
    (shown,) = story.entries(persona)[0].changes
    assert "Be brief." in shown.after
    assert len(shown.after) <= versions.SHOWN + 1


def test_documents_are_named_when_they_come_change_their_title_and_go(persona):
    document = ingestion.receive(persona, "Fees", text="A night costs 25 euros.")
    document.title = "Berthing fees"
    document.save()
    ingestion.forget(document)
    sentences = [sentence for entry in story.entries(persona) for sentence in entry.what]
    assert sentences[:3] == [
        "Document “Berthing fees” removed.",
        "Document “Berthing fees” changed.",
        "Document “Fees” added.",
    ]


def test_of_a_document_that_is_gone_no_content_is_kept(persona):
    ingestion.forget(ingestion.receive(persona, "Fees", text="A night costs 25 euros."))
    kept = [str(value) for row in persona.documents.model.history.values() for value in row.values()]
    assert "Fees" in kept
    assert not any("25 euros" in value for value in kept)


def test_what_staff_did_from_the_list_is_told_once(admin_client, persona):
    data = {"action": "publish", "_selected_action": [str(persona.pk)]}
    admin_client.post(reverse("admin:personas_persona_changelist"), data)
    assert [entry.why for entry in story.entries(persona)].count("Published from the list.") == 1


def test_going_back_brings_fields_and_questions_as_they_were(persona):
    version = persona.history.first().history_id
    change(persona, tagline="New", voice_id="v2")
    persona.starter_questions.get(text="When?").delete()
    persona.starter_questions.filter(text="Where?").get().delete()
    StarterQuestion.objects.create(persona=persona, text="Why?")
    versions.restore(persona, version)
    persona = Persona.objects.get(pk=persona.pk)
    assert (persona.tagline, persona.voice_id, questions(persona)) == ("Knows the pier.", "", ["When?", "Where?"])


def test_going_back_is_itself_a_change_and_can_be_taken_back(persona):
    first = persona.history.first().history_id
    second = change(persona, tagline="New")
    versions.restore(persona, first)
    assert story.entries(persona)[0].why.startswith("Back to the state of ")
    versions.restore(persona, second)
    assert Persona.objects.get(pk=persona.pk).tagline == "New"


def test_going_back_neither_publishes_nor_withdraws(persona):
    version = persona.history.first().history_id
    change(persona, tagline="New", status=Persona.Status.PUBLISHED)
    versions.restore(persona, version)
    assert Persona.objects.get(pk=persona.pk).is_published


def test_an_address_that_another_has_now_is_refused_and_nothing_is_changed(persona):
    version = persona.history.first().history_id
    change(persona, slug="maren-holt", tagline="New")
    Persona.objects.create(name="Other", slug="maren")
    with pytest.raises(versions.NoWayBack, match="Slug"):
        versions.restore(persona, version)
    assert Persona.objects.get(pk=persona.pk).tagline == "New"


def test_a_picture_that_is_gone_leaves_the_present_one(persona):
    version = change(persona, avatar="avatars/gone.png")
    change(persona, avatar="", tagline="New")
    versions.restore(persona, version)
    assert Persona.objects.get(pk=persona.pk).avatar == ""


def test_a_version_of_another_persona_is_none_of_this_one(persona):
    other = Persona.objects.create(name="Emil", slug="emil")
    with pytest.raises(versions.NoWayBack, match="no such version"):
        versions.restore(persona, other.history.first().history_id)


def test_going_back_is_news_for_agent_and_answers(persona, django_capture_on_commit_callbacks):
    version = persona.history.first().history_id
    ingestion.ingest(ingestion.receive(persona, "Fees", text="A night costs 25 euros."))
    change(persona, fallback_message="No idea.")
    known = Library.objects.get(pk=persona.pk).version
    Agent.objects.update(state=Agent.State.IN_STEP)
    with django_capture_on_commit_callbacks(execute=False):
        versions.restore(persona, version)
    assert Library.objects.get(pk=persona.pk).version > known
    assert Agent.objects.get(persona=persona).state == Agent.State.WAITING
    assert not answer(persona, "Who painted the Mona Lisa?").cached


def test_the_page_shows_the_way_back_and_a_post_takes_it(admin_client, persona):
    version = persona.history.first().history_id
    change(persona, tagline="New <b>words</b>")
    page = admin_client.get(reverse("admin:personas_persona_history", args=[persona.pk])).content.decode()
    back = reverse("admin:personas_persona_restore", args=[persona.pk, version])
    assert back in page
    assert "New &lt;b&gt;words&lt;/b&gt;" in page
    asked = admin_client.get(back).content.decode()
    assert "Knows the pier." in asked
    assert Persona.objects.get(pk=persona.pk).tagline == "New <b>words</b>"
    admin_client.post(back)
    assert Persona.objects.get(pk=persona.pk).tagline == "Knows the pier."
    assert story.entries(persona)[0].who == "admin"


def test_a_refusal_is_said_on_the_page(admin_client, persona):
    version = persona.history.first().history_id
    change(persona, slug="maren-holt")
    Persona.objects.create(name="Other", slug="maren")
    response = admin_client.post(reverse("admin:personas_persona_restore", args=[persona.pk, version]), follow=True)
    assert "Nothing was changed." in " ".join(map(str, response.context["messages"]))


@pytest.mark.parametrize(("granted", "seen", "back"), [((), 403, 403), (("view_persona",), 200, 403), (("change_persona",), 200, 200)])  # fmt: skip
def test_who_may_look_and_who_may_go_back(client, persona, django_user_model, granted, seen, back):
    clerk = django_user_model.objects.create_user("clerk", password="x", is_staff=True)
    clerk.user_permissions.set(Permission.objects.filter(codename__in=granted))
    client.force_login(clerk)
    version = persona.history.first().history_id
    assert client.get(reverse("admin:personas_persona_history", args=[persona.pk])).status_code == seen
    assert client.get(reverse("admin:personas_persona_restore", args=[persona.pk, version])).status_code == back


def test_the_pages_hold_no_inline_script_or_style(admin_client, persona):
    version = persona.history.first().history_id
    change(persona, tagline="New")
    for address in (reverse("admin:personas_persona_history", args=[persona.pk]), reverse("admin:personas_persona_restore", args=[persona.pk, version])):  # fmt: skip
        page = admin_client.get(address).content.decode()
        assert "<style" not in page
        assert " style=" not in page
        assert "onclick=" not in page
