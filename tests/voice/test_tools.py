"""The tool door: who is turned away, what goes back, and that the caller always hears something."""

import json
import uuid

import pytest
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from knowledge import caching, ingestion
from tests.conftest import SERVICE_TOKEN
from voice import conversations, journal, sessions, tools
from voice.models import Session, ToolCall

TIMETABLE = """# Timetable

The ferry to Gull Island leaves at nine in the morning from pier two.

# Fares

A return ticket for adults costs twelve crowns. Children under six travel free.
"""
QUESTION = "When does the ferry to Gull Island leave?"
ADDRESS = "/elevenlabs/function-call"


@pytest.fixture(autouse=True)
def _database(transactional_db):
    """Real commits, since the answer is looked up on another thread; and no row is saved in the middle of the next test."""
    yield
    journal.flush()


@pytest.fixture
def call(session):
    """A live call of a persona that knows its timetable."""
    document = ingestion.receive(session.conversation.persona, "Timetable", text=TIMETABLE)
    ingestion.ingest(document)
    return session


def body(call, query=QUESTION, **changes):
    return {
        "function_name": "query_persona_knowledge",
        "parameters": {"query": query, "persona_id": str(call.conversation.persona_id)},
        "conversation_id": call.elevenlabs_conversation_id,
        **changes,
    }


def ask(content, token=SERVICE_TOKEN, **headers):
    """Knock as ElevenLabs does, with CSRF checks on."""
    content = content if isinstance(content, bytes) else json.dumps(content).encode()
    headers = {**({"X-Service-Token": token} if token is not None else {}), **headers}
    return Client(enforce_csrf_checks=True).post(ADDRESS, content, content_type="application/json", headers=headers)


def noted():
    """The rows of this test's calls."""
    assert journal.flush()
    return list(ToolCall.objects.all())


def test_a_question_is_answered_with_content_and_citations(call):
    reply = ask(body(call)).json()
    assert reply["success"] is True
    assert reply["error"] is None
    assert "nine in the morning" in reply["result"]["content"]
    (citation, *_) = reply["result"]["citations"]
    assert citation["document"] == "Timetable"
    assert citation["quote"] in TIMETABLE
    assert {"passage_id", "page", "heading"} <= set(citation)


def test_every_call_is_written_down_with_its_milliseconds(call):
    ask(body(call))
    (row,) = noted()
    assert (row.outcome, row.question, row.session, row.cached) == ("answered", QUESTION, call, False)
    assert row.milliseconds["total"] > 0
    assert row.passages


def test_the_same_question_again_gives_the_same_answer_from_the_cache(call):
    first, again = ask(body(call)).json(), ask(body(call, "  when does the ferry to GULL Island leave ")).json()
    assert first == again
    assert [row.cached for row in noted()] == [False, True]


def test_a_cached_answer_costs_no_sql(call, django_assert_num_queries):
    ask(body(call))
    assert journal.flush()
    with django_assert_num_queries(0):
        assert ask(body(call)).json()["success"] is True


def test_a_changed_document_is_never_answered_from_the_cache(call):
    ask(body(call))
    assert journal.flush()  # so that no citation is noted of a document in the moment it goes
    changed = TIMETABLE.replace("nine in the morning", "ten past four")
    ingestion.ingest(ingestion.receive(call.conversation.persona, "New timetable", text=changed))
    ingestion.forget(call.conversation.persona.documents.get(title="Timetable"))
    assert "ten past four" in ask(body(call)).json()["result"]["content"]


def test_what_the_documents_do_not_hold_gets_the_personas_own_line(call):
    reply = ask(body(call, "Who won the chess championship in nineteen seventy two?")).json()
    assert reply["result"] == {"content": call.conversation.persona.fallback_message, "citations": []}
    assert [row.outcome for row in noted()] == ["nothing"]


@pytest.mark.parametrize("token", [None, "", "wrong", SERVICE_TOKEN + "x", "tokén"])
def test_without_the_right_token_nobody_gets_in_and_nothing_is_touched(call, token, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = ask(body(call), token=token)
    assert response.status_code == 401
    assert response.json()["success"] is False
    assert "X-Service-Token" in response["WWW-Authenticate"]
    assert noted() == []


def test_both_tokens_are_good_while_one_is_replaced(call, settings):
    settings.SERVICE_TOKENS = ["the-new-token-of-the-tests", SERVICE_TOKEN]
    assert ask(body(call)).status_code == 200
    assert ask(body(call), token="the-new-token-of-the-tests").status_code == 200
    settings.SERVICE_TOKENS = ["the-new-token-of-the-tests"]
    assert ask(body(call)).status_code == 401


def test_with_no_token_set_the_door_is_closed(call, settings):
    settings.SERVICE_TOKENS = []
    assert ask(body(call), token="").status_code == 401
    settings.SERVICE_TOKENS = [""]
    assert ask(body(call), token="").status_code == 401


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"function_name": "__class__"}, "function_name"),
        ({"function_name": 7}, "function_name"),
        ({"parameters": None}, "parameters"),
        ({"parameters": {"query": "Hello?"}}, "persona_id"),
        ({"parameters": {"query": 7, "persona_id": str(uuid.uuid4())}}, "parameters.query"),
        ({"parameters": {"query": "   ", "persona_id": str(uuid.uuid4())}}, "parameters.query"),
        ({"parameters": {"query": "a" * 1001, "persona_id": str(uuid.uuid4())}}, "parameters.query"),
        ({"parameters": {"query": "a" * 10_000, "persona_id": str(uuid.uuid4())}}, "parameters.query"),
        ({"parameters": {"query": "Hello?", "persona_id": 1}}, "persona_id"),
        ({"parameters": {"query": "Hello?", "persona_id": "{" + str(uuid.uuid4()) + "}"}}, "persona_id"),
        ({"parameters": {"query": "Hello?", "persona_id": uuid.uuid4().urn}}, "persona_id"),
        ({"conversation_id": ""}, "conversation_id"),
        ({"conversation_id": "x" * 300}, "conversation_id"),
        ({"conversation_id": ["conv_1"]}, "conversation_id"),
    ],
)
def test_a_wrong_shape_is_refused_with_the_field_named(call, change, named):
    response = ask(body(call, **change))
    assert response.status_code == 400
    assert named in response.json()["error"]["message"]


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'"x"', b"null", b"1", b"NaN", b"\xff\xfe", b"\xef\xbb\xbf{}", b"[" * 60_000]
)
def test_what_is_no_json_object_is_refused_with_400(call, content):
    response = ask(content)
    assert response.status_code == 400
    assert response.json()["success"] is False


@hypothesis_settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_whatever_json_arrives_the_answer_is_a_refusal_and_never_a_fault(call, content):
    assert ask(json.dumps(content).encode("utf-8", "surrogatepass")).status_code == 400


@pytest.mark.parametrize(
    "query",
    ["Wann fährt die Fähre? ⛴️", "متى تغادر العبارة؟", "渡轮几点出发？", "fe\u0301rry", "ferry\x00 time", "\u202eferry"],
)
def test_every_script_is_a_question_and_is_kept_unharmed(call, query):
    assert ask(body(call, query)).status_code == 200
    (row,) = noted()
    assert "\x00" not in row.question
    assert "\u202e" not in row.question


def test_unknown_extra_fields_are_ignored(call):
    assert ask(body(call, extra={"a": 1})).status_code == 200


def test_a_conversation_that_we_did_not_start_is_refused(call):
    response = ask(body(call, conversation_id="conv_of_somebody_else"))
    assert response.status_code == 403
    assert [row.outcome for row in noted()] == ["refused"]


def test_a_conversation_of_another_persona_is_refused(call, make_persona):
    other = make_persona("Lighthouse keeper")
    asked = {"query": QUESTION, "persona_id": str(other.pk)}
    assert ask(body(call, parameters=asked)).status_code == 403
    ask(body(call))
    assert ask(body(call, parameters=asked)).status_code == 403


def test_a_conversation_that_ended_is_refused(call):
    ask(body(call))
    sessions.end(call, "done")
    assert ask(body(call)).status_code == 403


def test_a_persona_withdrawn_in_mid_call_is_refused_and_nothing_breaks(call):
    persona = call.conversation.persona
    persona.status = "draft"
    persona.save()
    assert ask(body(call)).status_code == 403


def test_a_persona_deleted_in_mid_call_is_refused_and_nothing_breaks(call):
    asked = body(call)
    call.conversation.persona.delete()
    assert ask(asked).status_code == 403


def test_the_eleventh_question_in_a_minute_is_asked_to_wait(call):
    statuses = [ask(body(call, f"{QUESTION} {number}")).status_code for number in range(11)]
    assert statuses == [200] * 10 + [429]
    response = ask(body(call))
    assert 1 <= int(response["Retry-After"]) <= 60
    assert noted()[-1].outcome == "limited"


def test_one_conversation_over_its_limit_does_not_silence_another(call):
    for number in range(11):
        ask(body(call, f"{QUESTION} {number}"))
    other = call.conversation.sessions.create(elevenlabs_conversation_id="conv_2")
    assert ask(body(other)).status_code == 200


def test_a_compressed_body_is_refused_before_it_is_unpacked(call):
    assert ask(body(call), **{"Content-Encoding": "gzip"}).status_code == 400


def test_a_body_larger_than_64_kb_is_refused(call):
    assert ask(body(call, extra="x" * 70_000)).status_code == 413


@pytest.mark.parametrize("method", ["get", "put", "delete", "patch"])
def test_only_post_is_answered(client, method):
    response = getattr(client, method)(ADDRESS, headers={"X-Service-Token": SERVICE_TOKEN})
    assert response.status_code == 405
    assert "POST" in response["Allow"]


def test_a_slash_at_the_end_is_another_address_and_no_redirect(call):
    response = Client().post(ADDRESS + "/", body(call), content_type="application/json")
    assert response.status_code == 404
    assert response["Content-Type"] == "application/json"


def test_an_answer_that_takes_too_long_becomes_the_fallback_line_in_time(call, settings):
    settings.TOOL_BUDGET_MS = 0
    response = ask(body(call))
    reply = response.json()
    assert response.status_code == 200
    assert reply["success"] is False
    assert reply["result"]["content"]
    assert noted()[0].outcome == "fallback"


def test_with_redis_frozen_the_caller_still_hears_the_answer(call, valkey):
    with valkey.frozen():
        replies = [ask(body(call)).json() for _ in range(3)]
    assert all("nine in the morning" in reply["result"]["content"] for reply in replies)


def test_a_question_may_lean_on_the_one_before_it_in_the_same_call(call):
    ask(body(call, "What does a return ticket cost?"))
    assert journal.flush()
    reply = ask(body(call, "And for children?")).json()
    assert "Children under six" in reply["result"]["citations"][0]["quote"]
    assert [row.question for row in noted()][-1] == "And for children?"


def test_a_leaning_question_sent_twice_has_the_same_answer(call):
    ask(body(call, "What does a return ticket cost?"))
    assert journal.flush()
    first = ask(body(call, "And for children?")).json()
    for _ in range(3):  # more often than a thread goes back
        assert journal.flush()
        assert ask(body(call, "And for children?")).json() == first


def test_a_question_never_leans_on_another_conversation(call):
    thread = conversations.begin(call.conversation.persona, uuid.uuid4())
    other = Session.objects.create(conversation=thread, elevenlabs_conversation_id="conv_other")
    ask(body(call, "What does a return ticket cost?"))
    ask(body(other, "And for children?"))
    assert journal.flush()
    kept = caching.recall_fact(tools.thread_key("conv_other"))
    assert b"ticket" not in (kept or b"")  # nothing is kept when Redis takes too long
