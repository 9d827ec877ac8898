"""A thread as staff see it: one timeline of everything that happened in it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from knowledge.models import Document, Passage
from voice import timelines
from voice.models import Command, Delivery, ToolCall, Turn

pytestmark = pytest.mark.django_db
START = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)


def at(seconds):
    return START + timedelta(seconds=seconds)


@pytest.fixture
def staff(client):
    client.force_login(User.objects.create_superuser("anna"))
    return client


@pytest.fixture
def said(session):
    """Add a turn to the session's thread."""

    def say(seconds, text, speaker="visitor", channel="spoken", spoken_in=session, **fields):
        return Turn.objects.create(
            conversation=session.conversation, session=spoken_in, key=f"{seconds}:{speaker}", speaker=speaker,
            channel=channel, text=text, at=at(seconds), **fields,
        )  # fmt: skip

    return say


@pytest.fixture
def passage(persona):
    document = Document.objects.create(persona=persona, title="Timetable", kind="txt", status="ready")
    text = "The ferry leaves at nine."
    return Passage.objects.create(document=document, persona=persona, position=0, text=text, start=0, end=len(text))


def kinds(conversation):
    return [step.kind for step in timelines.read(conversation).steps]


def page(client, session):
    response = client.get(f"/admin/voice/conversation/{session.conversation_id}/change/")
    assert response.status_code == 200
    return response.content.decode()


def test_everything_that_happened_stands_in_its_order(session, said, looked_up):
    session.started_at, session.ended_at, session.reported_at = at(0), at(30), at(33)
    session.save()
    said(5, "When does it leave?")
    call = looked_up(session)
    turn = said(8, "At nine.", "persona")
    ToolCall.objects.filter(pk=call.pk).update(at=at(6), turn=turn)
    Delivery.objects.create(kind="post_call_transcription", subject="conv_1", body="{}", received_at=at(32))
    assert kinds(session.conversation) == ["begun", "turn", "lookup", "turn", "ended", "delivery", "report"]


def test_a_look_up_stands_after_the_words_it_is_for_though_the_page_told_of_them_later(session, said, looked_up):
    session.started_at = at(0)
    session.save()
    call = looked_up(session)
    said(5.2, "When does it leave?")
    turn = said(8, "At nine.", "persona")
    ToolCall.objects.filter(pk=call.pk).update(at=at(5), turn=turn)
    assert kinds(session.conversation) == ["begun", "turn", "lookup", "turn"]


def test_after_an_interruption_what_was_heard_is_told_from_what_was_not(session, said):
    said(5, "The ferry leaves…", "persona", interrupted=True, full_text="The ferry leaves at nine from pier two.")
    step = next(step for step in timelines.read(session.conversation).steps if step.kind == "turn")
    assert (step.heard, step.unheard, step.rephrased) == ("The ferry leaves", " at nine from pier two.", "")


def test_what_begins_otherwise_than_it_was_to_be_said_is_shown_beside_it(session, said):
    said(5, "It leaves", "persona", interrupted=True, full_text="The ferry leaves at nine.")
    step = next(step for step in timelines.read(session.conversation).steps if step.kind == "turn")
    assert (step.heard, step.unheard, step.rephrased) == ("It leaves", "", "The ferry leaves at nine.")


def test_the_wait_from_a_question_to_its_answer_is_told(session, said):
    said(5, "When does it leave?")
    said(7.5, "At nine.", "persona")
    said(9, "From pier two.", "persona")
    waits = [step.waited for step in timelines.read(session.conversation).steps if step.kind == "turn"]
    assert waits == [None, 2.5, None]


def test_in_the_whole_seconds_of_a_report_a_look_up_stands_within_the_call_and_before_its_answer(
    session, said, looked_up
):
    session.started_at, session.ended_at = at(0.4), at(0)
    session.save()
    said(0, "When does it leave?")
    turn = said(0.000001, "At nine.", "persona")
    ToolCall.objects.filter(pk=looked_up(session).pk).update(at=at(0.8), turn=turn)
    steps = timelines.read(session.conversation).steps
    assert [step.kind for step in steps] == ["begun", "turn", "lookup", "turn", "ended"]
    assert steps[3].row == turn


def test_what_was_waited_is_told_no_finer_than_it_is_known(session, said, staff):
    said(5, "When does it leave?")
    turn = said(5.000001, "At nine.", "persona")
    assert "within a second of the question" in page(staff, session)
    Turn.objects.filter(pk=turn.pk).update(at=at(7.000001))
    assert "about 2 s after the question" in page(staff, session)
    Turn.objects.filter(pk=turn.pk).update(at=at(7.3))
    assert "2.3 s after the question" in page(staff, session)


def test_an_answer_within_a_blink_is_said_to_come_at_once_and_not_after_nought_seconds(staff, session, said):
    said(5, "When does it leave?", channel="typed")
    said(5.01, "At nine.", "persona", channel="typed")
    shown = page(staff, session)
    assert "at once after the question" in shown and "0.0 s" not in shown


def test_a_question_typed_before_the_call_is_not_waited_for_in_it(session, said):
    said(1, "And the fare?", channel="typed", spoken_in=None)
    said(600, "Good morning.", "persona")
    assert timelines.read(session.conversation).figures.waited is None


def test_figures_are_summed_over_the_calls_of_a_thread(session, said, looked_up):
    session.duration_secs, session.cost_credits = 30, 400
    session.save()
    call = looked_up(session)
    ToolCall.objects.filter(pk=call.pk).update(milliseconds={"recall": 1.0, "total": 4.0})
    ToolCall.objects.create(session=session, function="f", outcome="nothing", milliseconds={"total": 8.0})
    ToolCall.objects.create(session=session, function="f", outcome="fallback", milliseconds={"total": 6.0})
    figures = timelines.read(session.conversation).figures
    assert (figures.seconds, figures.credits, figures.lookups) == (30, 400, 3)
    assert (figures.unanswered, figures.faults, figures.lookup_ms, figures.slowest_ms) == (1, 1, 6.0, 8.0)


def test_before_its_report_a_call_has_no_figures_rather_than_zeros(session):
    figures = timelines.read(session.conversation).figures
    assert (figures.calls, figures.seconds, figures.credits, figures.lookup_ms) == (1, None, None, None)


def test_the_stages_of_a_look_up_stand_in_the_order_they_run(session):
    kept = {"compose": 1.0, "search": 1.0, "recall": 1.0, "total": 4.0, "embed": 1.0}
    call = ToolCall.objects.create(session=session, function="f", outcome="answered", milliseconds=kept)
    call.refresh_from_db()
    assert [name for name, *_ in timelines.look_up(call).stages] == ["recall", "embed", "search", "compose"]


def test_what_came_from_the_cache_has_no_other_stage_than_being_recalled(session):
    kept = {"recall": 0.6, "embed": 1.8, "search": 0.6, "total": 0.7}
    call = ToolCall.objects.create(session=session, function="f", outcome="answered", cached=True, milliseconds=kept)
    assert [name for name, *_ in timelines.look_up(call).stages] == ["recall"]


def test_the_stages_of_a_look_up_never_leave_their_line(session):
    call = ToolCall.objects.create(
        session=session, function="f", outcome="answered", milliseconds={"recall": 1.0, "search": 9.0, "total": 4.0}
    )
    stages = timelines.look_up(call).stages
    assert [name for name, *_ in stages] == ["recall", "search"]
    assert all(0 <= start <= 100 and start + width <= 100.5 for _, _, start, width in stages)


def test_the_page_shows_passages_scores_milliseconds_and_the_source_of_a_turn(staff, session, said, looked_up, passage):
    call = looked_up(session)
    ToolCall.objects.filter(pk=call.pk).update(
        question="When does it leave?", passages=[[passage.pk, 0.8123], [10**9, 0.3]], milliseconds={"search": 2.0, "total": 3.4}
    )  # fmt: skip
    said(8, "At nine.", "persona", citations=call.citations)
    shown = page(staff, session)
    assert "0.812" in shown and "The ferry leaves at nine." in shown
    assert "This passage is gone" in shown
    assert "3.4 ms" in shown
    assert "Timetable, page 1</a>" in shown


def test_the_page_shows_cost_criteria_rating_and_the_deliveries_behind_them(staff, session):
    session.reported_at, session.cost_credits, session.call_successful = at(33), 412, "success"
    session.criteria = {"answered": {"result": "failure", "rationale": "It guessed <b>twice</b>."}}
    session.save()
    session.conversation.rating, session.conversation.comment = 4, "Quick and friendly"
    session.conversation.save()
    delivery = Delivery.objects.create(kind="post_call_transcription", subject="conv_1", body='{"a": "<i>"}')
    shown = page(staff, session)
    assert "412 credits" in shown and "4 of 5" in shown and "Quick and friendly" in shown
    assert "It guessed &lt;b&gt;twice&lt;/b&gt;." in shown
    assert f"/admin/voice/delivery/{delivery.pk}/change/" in shown
    behind = staff.get(f"/admin/voice/delivery/{delivery.pk}/change/").content.decode()
    assert "&quot;a&quot;: &quot;&lt;i&gt;&quot;" in behind
    assert f"/admin/voice/conversation/{session.conversation_id}/change/" in behind


def test_words_of_visitors_are_never_markup(staff, session, said):
    said(5, "<script>alert(1)</script>")
    assert "&lt;script&gt;alert(1)" in page(staff, session)


def test_a_long_thread_needs_no_more_queries_than_a_short_one(session, said, looked_up, passage):
    def queries():
        with CaptureQueriesContext(connection) as taken:
            timelines.read(session.conversation)
        return len(taken)

    said(1, "Hello")
    looked_up(session)
    few = queries()
    for second in range(2, 30):
        said(second, "More?")
        call = looked_up(session)
        ToolCall.objects.filter(pk=call.pk).update(passages=[[passage.pk, 0.5]])
    assert queries() <= few + 1  # the passages themselves


def test_a_delivery_that_is_no_json_is_shown_as_it_came(staff, db):
    delivery = Delivery.objects.create(kind="x", body="{half")
    assert "{half" in staff.get(f"/admin/voice/delivery/{delivery.pk}/change/").content.decode()


def test_a_delivery_that_names_half_a_character_has_a_page_all_the_same(staff, db):
    delivery = Delivery.objects.create(kind="x", body=r'{"data": "half \ud800 of it"}')
    assert "half ? of it" in staff.get(f"/admin/voice/delivery/{delivery.pk}/change/").content.decode()


def test_a_tool_call_has_a_page_that_leads_to_its_conversation(staff, session, looked_up):
    call = looked_up(session)
    shown = staff.get(f"/admin/voice/toolcall/{call.pk}/change/").content.decode()
    assert call.content in shown
    assert f"/admin/voice/conversation/{session.conversation_id}/change/" in shown


def test_of_tool_calls_the_newest_stands_first_and_is_named_by_its_question(staff, session, looked_up):
    first, second = looked_up(session), looked_up(session)
    ToolCall.objects.filter(pk=second.pk).update(question="And the fare?")
    shown = staff.get("/admin/voice/toolcall/")
    assert [call.pk for call in shown.context["cl"].result_list] == [second.pk, first.pk]
    assert "<h2>And the fare?</h2>" in staff.get(f"/admin/voice/toolcall/{second.pk}/change/").content.decode()


def test_a_command_stands_after_the_words_it_was_given_in_and_is_no_look_up(staff, session, said):
    session.started_at = at(0)
    session.save()
    said(3, "Say that again.")
    Command.objects.create(session=session, key="c1", name="repeat_answer", at=at(3))
    said(4, "At nine.", speaker="persona", repeats=True)
    Command.objects.create(session=session, key="c2", name="set_speaking_speed", wish="sideways", done=False, at=at(6))
    assert [kind for kind in kinds(session.conversation) if kind != "begun"] == ["turn", "command", "turn", "command"]
    assert timelines.read(session.conversation).figures.lookups == 0
    shown = page(staff, session)
    assert "Say the last answer again" in shown
    assert "not carried out" in shown
    assert "said again" in shown
