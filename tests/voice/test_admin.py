"""What staff see and do: voices to choose from, agents and why they are not in step, whole conversations."""

import re
import uuid
from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from voice.models import Agent, Conversation, Delivery, Session, ToolCall

pytestmark = pytest.mark.django_db


def page(client, address):
    response = client.get(address, follow=True)
    assert response.status_code == 200
    return response.content.decode()


def form_of(persona, **changes):
    """What the persona form sends back."""
    form = {name: getattr(persona, name) for name in ("name", "slug", "status", "tagline", "description", "instructions", "first_message",
            "fallback_message", "strictness", "language", "voice_id", "stability", "similarity_boost", "speed")}  # fmt: skip
    return {
        **form,
        "starter_questions-TOTAL_FORMS": 0,
        "starter_questions-INITIAL_FORMS": 0,
        "documents-TOTAL_FORMS": 0,
        "documents-INITIAL_FORMS": 0,
        **changes,
    }


def test_the_list_says_of_each_agent_how_it_is(staff, persona):
    assert "Waiting" in page(staff, "/admin/personas/persona/")
    Agent.objects.update(state="in_step")
    assert "In step" in page(staff, "/admin/personas/persona/")


def test_a_refusals_reason_stands_on_the_personas_page(staff, persona):
    Agent.objects.update(state="refused", problem="ElevenLabs answered 422: no such voice")
    assert "no such voice" in page(staff, f"/admin/personas/persona/{persona.pk}/change/")


def test_when_an_agent_was_last_in_step_is_said_as_a_person_says_it(staff, persona):
    Agent.objects.update(state="in_step", synced_at=datetime(2026, 5, 4, 9, 30, tzinfo=UTC))
    assert "4 May 2026, 09:30" in page(staff, f"/admin/personas/persona/{persona.pk}/change/")


def test_the_voice_is_chosen_from_the_accounts_with_a_sample_to_hear(staff, standin, persona):
    shown = page(staff, f"/admin/personas/persona/{persona.pk}/change/")
    assert "<audio" in shown
    assert 'select name="voice_id"' in shown


def test_while_elevenlabs_is_away_the_form_works_and_says_why_there_is_no_list(staff, persona):
    shown = page(staff, f"/admin/personas/persona/{persona.pk}/change/")
    assert "cannot be listed now" in shown
    response = staff.post(f"/admin/personas/persona/{persona.pk}/change/", form_of(persona, tagline="New words"))
    assert response.status_code == 302
    persona.refresh_from_db()
    assert persona.tagline == "New words"


def test_a_voice_that_the_account_does_not_have_is_refused_at_its_field(staff, standin, persona):
    response = staff.post(f"/admin/personas/persona/{persona.pk}/change/", form_of(persona, voice_id="nobodys-voice"))
    assert "not in your ElevenLabs account" in response.content.decode()


@pytest.mark.parametrize(
    ("field", "low", "high", "said"),
    [("stability", 0.0, 1.0, "0 to 1"), ("similarity_boost", 0.0, 1.0, "0 to 1"), ("speed", 0.7, 1.2, "0.7 to 1.2")],
)
def test_a_voice_setting_keeps_to_its_documented_range_and_says_it_at_its_field(staff, persona, field, low, high, said):
    """The ranges of ElevenLabs' TTSConversationalConfig."""
    address = f"/admin/personas/persona/{persona.pk}/change/"
    shown = page(staff, address)
    assert re.search(rf'<input type="number" name="{field}"[^>]* min="{low}" max="{high}"', shown)
    assert f"{said}." in shown
    for value in (low - 0.01, high + 0.01):
        response = staff.post(address, form_of(persona, **{field: value}))
        assert response.context["adminform"].form.errors.keys() == {field}
    for value in (low, high):
        assert staff.post(address, form_of(persona, **{field: value})).status_code == 302


def test_the_lists_need_the_same_number_of_queries_for_many_rows_as_for_few(staff, make_persona):
    def queries():
        with CaptureQueriesContext(
            connection,
        ) as taken:
            for address in (
                "/admin/personas/persona/",
                "/admin/voice/agent/",
                "/admin/voice/conversation/",
                "/admin/voice/toolcall/",
            ):
                page(staff, address)
        return len(taken)

    def fill():
        persona = make_persona()
        thread = Conversation.objects.create(persona=persona, visitor=uuid.uuid4())
        session = Session.objects.create(conversation=thread, elevenlabs_conversation_id=uuid.uuid4().hex)
        ToolCall.objects.create(session=session, persona=persona, function="f", outcome="answered")

    fill()
    few = queries()
    for _ in range(5):
        fill()
    assert queries() == few


def test_records_cannot_be_changed_or_added_by_hand(staff, session):
    assert staff.get("/admin/voice/conversation/add/").status_code == 403
    assert staff.post(f"/admin/voice/conversation/{session.conversation_id}/change/", {}).status_code == 403


def test_staff_can_ask_for_reading_a_delivery_again(staff):
    delivery = Delivery.objects.create(kind="x", body="{}", attempts=5, problem="odd")
    action = {"action": "read_again", "_selected_action": [str(delivery.pk)]}
    staff.post("/admin/voice/delivery/", action)
    delivery.refresh_from_db()
    assert delivery.attempts == 0


def test_publishing_from_the_list_opens_the_page_and_withdrawing_closes_it(staff, client, make_persona):
    draft = make_persona(status="draft")
    for action, status in (("publish", "published"), ("withdraw", "draft")):
        staff.post("/admin/personas/persona/", {"action": action, "_selected_action": [str(draft.pk)]})
        draft.refresh_from_db()
        assert draft.status == status


def test_a_member_of_staff_without_permission_sees_and_changes_nothing(client, persona):
    client.force_login(User.objects.create_user("berta", is_staff=True))
    assert client.get("/admin/personas/persona/").status_code == 403
    assert client.post(f"/admin/personas/persona/{persona.pk}/change/", form_of(persona)).status_code == 403


def test_a_state_whose_voice_is_gone_from_the_account_cannot_be_had_back(staff, standin, persona):
    persona.voice_id = "nobodys-voice"
    persona.save()
    version = persona.history.first().history_id
    persona.voice_id = ""
    persona.save()
    address = f"/admin/personas/persona/{persona.pk}/history/{version}/"
    assert "not in your ElevenLabs account any more" in page(staff, address)
    assert "not in your ElevenLabs account any more" in staff.post(address).content.decode()
    persona.refresh_from_db()
    assert persona.voice_id == ""
