"""Past calls put on record by hand, and the list that a reconciling job reads."""

import time

import httpx
import pytest
from elevenlabs.core.api_error import ApiError

from tests.standin.completeness import missing_fields

NOON = 1_790_000_000
TALK = [
    {"role": "agent", "message": "Ask me.", "time_in_call_secs": 0},
    {"role": "user", "message": "How long does the lamp burn?", "time_in_call_secs": 3},
    {
        "role": "agent",
        "tool_calls": [{"tool_name": "query_knowledge", "params_as_json": "{}"}],
        "tool_results": [{"tool_name": "query_knowledge", "result_value": "Forty hours."}],
        "time_in_call_secs": 4,
    },
    {"role": "agent", "message": "For forty hours.", "time_in_call_secs": 6},
]


@pytest.fixture
def put(url, make_agent):
    """Put a call on record; its id. All belong to one agent unless another is named."""
    agent_id = make_agent()

    def tell(**told):
        answer = httpx.post(f"{url}/standin/conversations", json={"agent_id": agent_id, **told})
        answer.raise_for_status()
        return answer.json()["conversation_id"]

    tell.agent_id = agent_id
    return tell


@pytest.fixture
def listed(api):
    """Ids of the conversations that fit, in the order they come."""

    def ask(**filters):
        return [row.conversation_id for row in api.conversations.list(**filters).conversations]

    return ask


def test_a_past_call_is_a_whole_record_with_its_day_its_talk_and_its_verdict(api, put):
    began = {"start_time_unix_secs": NOON, "call_duration_secs": 12}
    record = api.conversations.get(put(conversation_id="conv_lost", transcript=TALK, user_id="u-1", **began))
    assert missing_fields(record) == []
    assert (record.conversation_id, record.status, record.user_id) == ("conv_lost", "done", "u-1")
    assert record.metadata.start_time_unix_secs == record.metadata.accepted_time_unix_secs == NOON
    assert (record.metadata.call_duration_secs, record.metadata.cost) == (12, 120)
    assert [turn.message for turn in record.transcript] == [turn.get("message") for turn in TALK]
    assert record.transcript[2].tool_results[0].result_value == "Forty hours."
    assert record.transcript[3].time_in_call_secs == 6
    assert record.analysis.call_successful == "success"


def test_what_is_not_told_has_a_default_and_ended_just_now(api, put):
    record = api.conversations.get(put())
    ended = record.metadata.start_time_unix_secs + record.metadata.call_duration_secs
    assert abs(time.time() - ended) < 60
    assert (record.status, record.transcript, record.analysis.call_successful) == ("done", [], "unknown")


@pytest.mark.parametrize("status", ["initiated", "in-progress", "processing"])
def test_a_call_that_is_not_over_has_no_analysis_and_the_same_id_again_finishes_it(api, put, status):
    conversation_id = put(conversation_id="conv_1", status=status, transcript=TALK)
    record = api.conversations.get(conversation_id)
    assert (record.status, record.analysis) == (status, None)
    assert len(record.transcript) == (len(TALK) if status == "processing" else 0)
    put(conversation_id="conv_1", transcript=TALK)
    assert api.conversations.get(conversation_id).status == "done"
    assert len(api.conversations.list().conversations) == 1


def test_an_error_makes_the_call_a_failed_one(api, put):
    record = api.conversations.get(put(error={"code": 1002, "reason": "This request exceeds your quota limit."}))
    assert (record.status, record.metadata.error.code) == ("failed", 1002)


def test_nothing_is_reported_unless_it_is_asked_for(client, standin, put, listener):
    made = client.webhooks.create(settings={"auth_type": "hmac", "name": "R", "webhook_url": f"{listener.url}/report"})
    standin.store.settings["webhooks"] = {"post_call_webhook_id": made.webhook_id}
    put(conversation_id="conv_lost")
    put(conversation_id="conv_told", report=True, transcript=TALK)
    (report,) = listener.wait(path="/report")
    event = client.webhooks.construct_event(
        report.body.decode(), report.headers["ElevenLabs-Signature"], made.webhook_secret
    )
    assert (event["type"], event["data"]["conversation_id"]) == ("post_call_transcription", "conv_told")


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ({"agent_id": "agent_x"}, 404),
        ({"agent_id": None}, 422),
        ({"status": "over"}, 422),
        ({"start_time_unix_secs": "noon"}, 422),
        ({"conversation_id": "a/b"}, 422),
        ({"transcript": [{"role": "nobody"}]}, 422),
        ({"transcript": ["hello"]}, 422),
        ({"transcript": [{"tool_calls": ["query"]}]}, 422),
        ({"source": "telepathy"}, 422),
    ],
)
def test_a_record_that_no_call_could_have_left_is_refused(url, put, told, status):
    answer = httpx.post(f"{url}/standin/conversations", json={"agent_id": put.agent_id, **told})
    assert answer.status_code == status
    assert httpx.get(f"{url}/standin/").json()["counts"]["conversations"] == 0


def test_a_day_is_cut_out_of_the_list_by_when_calls_began(put, listed):
    first, second, third = (put(start_time_unix_secs=NOON + hours * 3600) for hours in (0, 1, 2))
    assert listed() == [third, second, first]
    assert listed(sort_direction="asc") == [first, second, third]
    assert listed(call_start_after_unix=NOON + 1800) == [third, second]
    assert listed(call_start_before_unix=NOON + 1800) == [first]
    assert listed(call_start_after_unix=NOON + 1800, call_start_before_unix=NOON + 5400) == [second]


def test_the_list_is_cut_by_agent_status_verdict_length_and_user(make_agent, put, listed):
    other = make_agent()
    done = put(transcript=TALK, user_id="u-1", call_duration_secs=90)
    waiting = put(status="processing", call_duration_secs=5, agent_id=other)
    failed = put(error={"code": 1011, "reason": "x"}, transcript=TALK, call_duration_secs=30)
    assert listed(agent_id=other) == [waiting]
    assert set(listed(exclude_statuses=["initiated", "in-progress", "processing"])) == {done, failed}
    assert listed(call_successful="failure") == [failed]
    assert listed(call_duration_min_secs=60) == [done]
    assert set(listed(call_duration_max_secs=60)) == {waiting, failed}
    assert listed(user_id="u-1") == [done]


def test_pages_of_a_list_that_grows_and_shrinks_leave_nobody_out_and_show_nobody_twice(api, put):
    ids = [put(start_time_unix_secs=NOON + number) for number in range(7)]
    page = api.conversations.list(page_size=3)
    seen = [row.conversation_id for row in page.conversations]
    put(start_time_unix_secs=NOON + 100)
    api.conversations.delete(seen[0])
    while page.has_more:
        page = api.conversations.list(page_size=3, cursor=page.next_cursor)
        seen += [row.conversation_id for row in page.conversations]
    assert seen == ids[::-1]
    assert page.next_cursor is None


def test_a_summary_is_told_only_when_it_is_asked_for(api, put):
    put(transcript=TALK)
    assert api.conversations.list().conversations[0].transcript_summary is None
    assert "lamp" in api.conversations.list(summary_mode="include").conversations[0].transcript_summary


@pytest.mark.parametrize(
    "filters",
    [
        {"page_size": 0},
        {"page_size": 101},
        {"page_size": "many"},
        {"cursor": "not a cursor"},
        {"exclude_statuses": ["over"]},
        {"call_start_after_unix": "yesterday"},
        {"call_successful": "maybe"},
        {"summary_mode": "short"},
        {"text_only": "perhaps"},
    ],
)
def test_a_filter_that_says_nothing_is_refused_and_named(api, filters):
    with pytest.raises(ApiError) as raised:
        api.conversations.list(**filters)
    assert raised.value.status_code == 422
    (name,) = filters
    body = raised.value.body
    detail = body["detail"] if isinstance(body, dict) else body.detail
    first = detail[0]
    assert (first["loc"] if isinstance(first, dict) else first.loc) == ["query", name]
