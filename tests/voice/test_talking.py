"""From a persona's page in the admin to its voice: what staff would hear, in words, and one link to it."""

import pytest
from django.urls import reverse

from voice.models import Agent, Flag

pytestmark = pytest.mark.django_db


@pytest.fixture
def shown(staff, persona):
    """`shown(**agent)` is the page of the persona whose agent's row says this."""

    def show(**fields):
        Agent.objects.filter(persona=persona).update(**{"elevenlabs_agent_id": "agent_1", "state": "in_step", **fields})
        return staff.get(reverse("admin:personas_persona_change", args=[persona.pk])).content.decode()

    return show


def test_a_persona_in_step_is_talked_with_on_its_own_page(shown):
    page = shown()
    assert 'href="/chat/harbour-guide/#talk"' in page
    assert "Talk with this persona" in page
    assert "Its agent is in step" in page
    assert "It is a draft" not in page


@pytest.mark.parametrize(
    ("state", "words"),
    [("waiting", "on its way to ElevenLabs"), ("out_of_step", "changed by hand"), ("refused", "refused the last change"),
     ("gone", "being made again")],
)  # fmt: skip
def test_an_agent_that_is_not_in_step_is_said_to_sound_otherwise(shown, state, words):
    assert words in shown(state=state)


def test_a_persona_without_an_agent_is_offered_for_typing_and_says_what_to_do(shown):
    page = shown(elevenlabs_agent_id="")
    assert "Bring it in step first" in page
    assert 'href="/chat/harbour-guide/"' in page
    assert "#talk" not in page


def test_where_voice_is_switched_off_for_somebody_the_page_says_so(shown, persona):
    Flag.objects.create(persona=persona, everyone=False)
    page = shown()
    assert "Voice is switched off for you" in page
    assert "#talk" not in page


def test_a_draft_can_be_talked_with_by_staff_and_is_named_one(shown, persona):
    persona.status = "draft"
    persona.save()
    page = shown()
    assert "only staff can open its page" in page
    assert "Talk with this persona" in page


def test_a_persona_that_is_not_there_yet_has_nothing_to_talk_with(staff):
    assert "Talk with this persona" not in staff.get(reverse("admin:personas_persona_add")).content.decode()
