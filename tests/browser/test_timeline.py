"""A conversation as staff see it, for the eye, the keyboard and the screen reader."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from knowledge import answering
from tests.browser.conftest import DESKTOP, PHONE, QUESTION
from tests.browser.staff import complaints
from tests.browser.test_access import is_wider_than_the_screen
from voice.models import Conversation, Delivery, Session, ToolCall, Turn

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def thread(persona):
    """A thread with all that can stand in one: typed and spoken, cut short, looked up, reported, rated."""
    start = timezone.now() - timedelta(minutes=5)
    said = answering.answer(persona, QUESTION)
    cited = [citation.as_json() for citation in said.citations]
    thread = Conversation.objects.create(
        persona=persona, visitor=uuid.uuid4(), started_at=start, rating=4, comment="Quick."
    )
    session = Session.objects.create(
        conversation=thread, elevenlabs_conversation_id="conv_9101k3ttaq12ewp8b7qv5rfyszkz", started_at=start,
        ended_at=start + timedelta(seconds=40), reported_at=start + timedelta(seconds=43), status="done", duration_secs=40,
        cost_credits=412, termination_reason="Client disconnected: 1000", call_successful="success",
        summary="The visitor asked when the ferry leaves.",
        criteria={"answered": {"result": "success", "rationale": "Everything came from the timetable."}},
    )  # fmt: skip
    turns = [
        (2, "visitor", "typed", "Hello there", {}),
        (12, "visitor", "spoken", QUESTION, {}),
        (14, "persona", "spoken", said.content, {"citations": cited}),
        (20, "persona", "spoken", "The next one leaves…", {"interrupted": True, "full_text": "The next one leaves at noon."}),
    ]  # fmt: skip
    for seconds, speaker, channel, text, more in turns:
        at = start + timedelta(seconds=seconds)
        Turn.objects.create(
            conversation=thread, session=session, key=str(seconds), speaker=speaker, channel=channel, text=text, at=at, **more
        )  # fmt: skip
    ToolCall.objects.create(
        session=session, persona=persona, turn=Turn.objects.get(key="14"), function="query_persona_knowledge",
        question=QUESTION, outcome="answered", content=said.content, citations=cited,
        passages=[[passage, score] for passage, score in said.matches], at=start + timedelta(seconds=13),
        milliseconds={"recall": 0.4, "embed": 3.1, "search": 0.9, "compose": 1.1, "total": 6.2},
    )  # fmt: skip
    Delivery.objects.create(
        kind="post_call_transcription", subject=session.elevenlabs_conversation_id, body='{"data": {"transcript": []}}',
        received_at=start + timedelta(seconds=43), read_at=timezone.now(),
    )  # fmt: skip
    return thread


def pages_of(thread):
    return [
        f"/admin/voice/conversation/{thread.pk}/change/",
        f"/admin/voice/toolcall/{ToolCall.objects.get().pk}/change/",
        f"/admin/voice/delivery/{Delivery.objects.get().pk}/change/",
    ]


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_conversations_pages_fit_and_axe_finds_nothing(staff, thread, viewport):
    page = staff("/admin/", viewport=viewport)
    for address in pages_of(thread):
        page.goto(address)
        for details in page.locator("#content-main details:not([open]) > summary").all():
            details.click()
        assert not is_wider_than_the_screen(page), address
        assert complaints(page) == []


def test_from_a_conversation_to_the_passage_it_was_answered_from(staff, thread):
    page = staff(pages_of(thread)[0])
    with page.expect_navigation():
        page.locator(".step-persona .step-sources a").first.click()
    assert page.locator("#passage").inner_text()
