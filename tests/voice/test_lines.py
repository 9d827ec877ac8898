"""Which of ElevenLabs' conversations a phone call is: never another persona's, never one of two, whoever says it first."""

import threading
import uuid
from functools import partial
from itertools import permutations

import pytest
from django.db import connection, transaction

from tests.voice.test_reports import delivery
from tests.voice.test_tools import ask, body, noted
from voice import journal, lines, reports
from voice.models import Agent, Conversation, Session


@pytest.fixture(autouse=True)
def _database(transactional_db):
    """Real commits, since the answer is looked up on another thread; and no row is saved in the middle of the next test."""
    yield
    journal.flush()


@pytest.fixture
def make_call():
    def make(persona, sid, conversation_id=""):
        thread = Conversation.objects.create(persona=persona, visitor=uuid.uuid4())
        return Session.objects.create(
            conversation=thread, channel="phone", call_sid=sid,
            elevenlabs_conversation_id=conversation_id or lines.new_reference(),
        )  # fmt: skip

    return make


@pytest.fixture
def call(persona, make_call):
    """A phone call that nobody has named yet."""
    return make_call(persona, "CA1")


def fresh(session):
    return Session.objects.get(pk=session.pk)


def named(session, conversation_id="conv_9", **changes):
    """A tool call of this session's persona that names a conversation."""
    return ask({**body(session, conversation_id=conversation_id), **changes})


def test_the_first_tool_call_with_the_calls_reference_names_its_conversation(call, persona, make_call):
    other = make_call(persona, "CA2")
    assert named(call, call=call.elevenlabs_conversation_id).status_code == 200
    assert fresh(call).elevenlabs_conversation_id == "conv_9"
    assert not lines.is_named(fresh(other))
    assert [row.session for row in noted()] == [call]


def test_the_next_tool_call_needs_no_reference_and_another_conversation_cannot_use_it_again(call):
    reference = call.elevenlabs_conversation_id
    named(call, call=reference)
    assert named(call).status_code == 200
    assert named(call, "conv_10", call=reference).status_code == 403


def test_without_a_reference_the_only_call_of_the_persona_is_meant(call):
    assert named(call).status_code == 200
    assert fresh(call).elevenlabs_conversation_id == "conv_9"


def test_without_a_reference_two_calls_are_too_many_and_the_caller_hears_the_fallback(call, persona, make_call):
    make_call(persona, "CA2")
    reply = named(call)
    assert reply.status_code == 200
    assert reply.json()["success"] is False
    assert reply.json()["result"]["content"]
    assert not lines.is_named(fresh(call))
    assert [row.outcome for row in noted()] == ["fallback"]


def test_a_conversation_that_says_it_is_no_phone_call_is_not_bound_to_one(call):
    assert named(call, call="none").status_code == 403
    assert not lines.is_named(fresh(call))


def test_a_conversation_never_gets_the_call_of_another_persona(call, make_persona, make_call):
    keeper = make_call(make_persona("Lighthouse keeper"), "CA2")
    assert named(call, call=keeper.elevenlabs_conversation_id).status_code == 403
    assert not lines.is_named(fresh(keeper))


def test_a_conversation_that_ended_is_not_bound_to_the_next_call(call, persona, make_call):
    Session.objects.filter(pk=make_call(persona, "CA0", "conv_9").pk).update(ended_at="2026-01-01T00:00Z")
    assert named(call).status_code == 403
    assert not lines.is_named(fresh(call))


def test_a_call_that_is_over_is_bound_to_nothing(call):
    Session.objects.update(ended_at="2026-01-01T00:00Z")
    assert named(call, call=call.elevenlabs_conversation_id).status_code == 403


@pytest.mark.parametrize("reference", ["phone:", "phone:%", "phone:1' or 1", "x" * 5000, "PHONE:\u0661"])
def test_a_made_up_reference_means_nothing(call, reference):
    assert named(call, call=reference).status_code == 403


def test_a_reference_that_is_no_text_is_refused(call):
    assert named(call, call=7).status_code == 400


def test_a_reference_is_not_the_name_of_a_conversation_for_anybody_else(call, make_persona, make_call):
    keeper = make_call(make_persona("Lighthouse keeper"), "CA2")
    assert named(call, keeper.elevenlabs_conversation_id).status_code == 403


def test_two_tool_calls_at_once_bind_one_call_and_both_are_answered(call):
    replies = []
    asking = [threading.Thread(target=lambda: replies.append(named(call))) for _ in range(4)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    assert [reply.json()["success"] for reply in replies] == [True] * 4
    assert fresh(call).elevenlabs_conversation_id == "conv_9"


def report(conversation_id, sid):
    metadata = {"start_time_unix_secs": 1739537297, "call_duration_secs": 22, "phone_call": {"call_sid": sid}}
    with transaction.atomic():
        reports.join(delivery(conversation_id=conversation_id, metadata=metadata))


def test_a_call_in_which_nothing_was_looked_up_is_named_by_its_report(call):
    report("conv_9", "CA1")
    assert fresh(call).elevenlabs_conversation_id == "conv_9"
    assert call.conversation.turns.count() == 3


def test_the_report_puts_right_what_was_bound_wrongly(call, persona, make_call):
    lines.name(call, "conv_b")
    other = make_call(persona, "CA2")
    report("conv_b", "CA2")
    assert fresh(other).elevenlabs_conversation_id == "conv_b"
    report("conv_a", "CA1")
    assert fresh(call).elevenlabs_conversation_id == "conv_a"
    assert [session.conversation.turns.count() for session in (call, other)] == [3, 3]


def test_in_whatever_order_it_is_heard_each_call_has_its_own_conversation(persona, make_call):
    """Two calls at once, the second bound to the first's conversation by mistake; tool calls and reports as they come."""
    for round_, order in enumerate(permutations(range(4))):
        sids, ids = (f"CA1-{round_}", f"CA2-{round_}"), (f"conv_1-{round_}", f"conv_2-{round_}")
        first, second = (make_call(persona, sid) for sid in sids)
        lines.name(second, ids[0])
        told = [
            partial(lines.bind, persona.pk, ids[0], first.elevenlabs_conversation_id),
            partial(lines.bind, persona.pk, ids[1], second.elevenlabs_conversation_id),
            partial(report, ids[0], sids[0]),
            partial(report, ids[1], sids[1]),
        ]
        for number in order:
            told[number]()
        assert [fresh(call).elevenlabs_conversation_id for call in (first, second)] == list(ids), order


def test_a_phone_call_that_never_rang_here_is_kept_as_one_by_phone(persona):
    Agent.objects.update(elevenlabs_agent_id="agent_1")
    metadata = {"start_time_unix_secs": 1739537297, "call_duration_secs": 22, "phone_call": {"call_sid": "CA7"}}
    fetched = delivery(conversation_id="conv_7", metadata=metadata, agent_id="agent_1")
    fetched.origin = "fetched"
    with transaction.atomic():
        reports.join(fetched)
    session = Session.objects.get()
    assert (session.channel, session.call_sid, session.conversation.elsewhere) == ("phone", "CA7", True)


def test_a_report_never_takes_the_conversation_of_a_page(call, session):
    report(session.elevenlabs_conversation_id, "CA1")
    assert not lines.is_named(fresh(call))
    assert session.conversation.turns.count() == 3


def test_reports_that_contradict_each_other_at_once_wait_for_each_other_and_do_not_deadlock(persona, make_call):
    first, second = make_call(persona, "CA1", "conv_1"), make_call(persona, "CA2", "conv_2")
    faults = []

    def settle_often(sid):
        try:
            for number in range(40):
                lines.settle(sid, f"conv_{1 + number % 2}")
        except Exception as fault:
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=settle_often, args=[call.call_sid]) for call in (first, second)]
    [thread.start() for thread in threads]
    [thread.join(60) for thread in threads]
    assert faults == []
    names = set(Session.objects.values_list("elevenlabs_conversation_id", flat=True))
    assert len(names) == 2 and names & {"conv_1", "conv_2"}


def test_a_report_of_a_call_that_has_its_name_by_now_leaves_it_that(persona, make_call):
    call = make_call(persona, "CA1")
    stale = Session.objects.filter(pk=call.pk)
    stale.update(elevenlabs_conversation_id="conv_9")
    lines.settle("CA1", "conv_9")
    assert stale.get().elevenlabs_conversation_id == "conv_9"
