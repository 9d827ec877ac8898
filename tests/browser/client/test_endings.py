"""How conversations of the official browser client end, and how it is told that one cannot begin."""

import httpx
import pytest


@pytest.fixture
def last_word(chat):
    """`onDisconnect` of a text conversation with this agent, after these words were typed."""

    def talk(words=None, **agent):
        visitor = chat(**agent)
        if words:
            visitor.do("sendUserMessage", words)
        return visitor.wait("onDisconnect")

    return talk


def test_an_agent_that_hangs_up_ends_the_session_at_its_tools_report(last_word):
    end = last_word("Goodbye", can_hang_up=True)
    assert (end["reason"], end["context"]["type"]) == ("agent", "end_call")


def test_a_call_that_lasted_too_long_is_an_error_that_says_so(last_word):
    end = last_word(config={"conversation": {"text_only": True, "max_duration_seconds": 1}})
    assert end["reason"] == "error"
    assert end["context"] == {"type": "max_duration_exceeded"}


@pytest.mark.parametrize(
    ("code", "said", "reason"), [(1000, "", "agent"), (1011, "Internal error", "error"), (4300, "Busy", "error")]
)
def test_a_close_by_the_service_is_told_with_its_code_and_reason(bench, chat, code, said, reason):
    visitor = chat()
    body = {"code": code, "reason": said}
    httpx.post(f"{bench.url}/standin/calls/{visitor.id}/close", json=body).raise_for_status()
    end = visitor.wait("onDisconnect")
    assert (end["reason"], end["closeCode"], end.get("closeReason") or "") == (reason, code, said)


def fail(bench, visitor, do):
    httpx.post(f"{bench.url}/standin/calls/{visitor.id}/fail", json={"do": do}).raise_for_status()


@pytest.mark.parametrize("do", ["drop", "half_frame"])
def test_a_lost_connection_is_an_error_with_code_1006(bench, chat, do):
    visitor = chat()
    fail(bench, visitor, do)
    end = visitor.wait("onDisconnect")
    assert (end["reason"], end["closeCode"]) == ("error", 1006)


def test_running_out_of_credits_in_mid_call_is_an_error_with_its_sentence(bench, chat):
    visitor, limits = chat(), bench.standin.limits
    enough, limits.credits = limits.credits, 0
    try:
        end = visitor.wait("onDisconnect")
    finally:
        limits.credits = enough
    assert (end["closeCode"], end["message"]) == (1002, "This request exceeds your quota limit.")


def test_a_service_that_falls_silent_is_not_noticed_so_a_page_must_watch_the_pings(bench, chat):
    visitor = chat()
    visitor.wait("onPing")
    fail(bench, visitor, "silence")
    visitor.do("sendUserMessage", "Who are you?")
    before = len(visitor.notes("onPing"))
    visitor.page.wait_for_timeout(1200)  # more than two pings would have come
    assert len(visitor.notes("onPing")) <= before + 1
    assert visitor.do("isOpen")
    assert len(visitor.notes("onMessage")) == 1


def test_what_is_no_json_is_passed_over(bench, chat):
    visitor = chat()
    fail(bench, visitor, "garbage")
    visitor.do("sendUserMessage", "Who are you?")
    visitor.wait_for_words("I am the assistant here.")
    assert visitor.do("isOpen")


NO_AGENT = "The AI agent you are trying to reach does not exist."
TEXT = {"conversation": {"text_only": True}}
BUSY = {"config": TEXT, "platform": {"call_limits": {"agent_concurrency_limit": 0}}}
SPENT = {"config": TEXT, "platform": {"call_limits": {"daily_limit": 0}}}
VARIABLES = "Missing required dynamic variables in first message: {'name'}"


@pytest.mark.parametrize(
    ("agent", "options", "code", "reason"),
    [
        ({}, {"overrides": {"tts": {"voiceId": "EXAVITQu4vr4xnSDxMaL"}}}, 1008, "Override for field 'voice_id' is not"),
        ({"config": {"agent": {"first_message": "Hello {{name}}."}}}, {}, 1008, VARIABLES),
        (BUSY, {}, 3008, "too many concurrent connections"),
        (SPENT, {}, 4300, "Agent has exceeded its daily call limit of 0."),
        (None, {}, 3000, NO_AGENT),
    ],
    ids=["an override", "a variable", "concurrency", "the day's limit", "no agent"],
)
def test_a_start_that_is_refused_rejects_with_the_code_and_the_reason(bench, texter, agent, options, code, reason):
    text = {"overrides": {"conversation_config_override": {"conversation": {"text_only": True}}}}
    agent_id = "agent_nobody" if agent is None else bench.workspace.agent(**{"platform": text, **agent})
    origin = bench.url.replace("http", "ws")
    answer = texter.start(agentId=agent_id, textOnly=True, origin=origin, **options)
    assert (answer["isSessionError"], answer["closeCode"]) == (True, code)
    assert answer["closeReason"].startswith(reason)
    assert answer["message"] == answer["closeReason"]
    assert [change["status"] for change in texter.notes("onStatusChange")] == ["connecting", "disconnected"]


def test_a_signed_url_that_was_used_is_refused(bench, visit):
    url = bench.workspace.signed_url(bench.workspace.agent(), include_conversation_id=True)
    first, second = visit(microphone="scripted"), visit(microphone="scripted")
    assert first.start(signedUrl=url)["id"] in url
    answer = second.start(signedUrl=url)
    assert (answer["closeCode"], answer["closeReason"]) == (3000, "The conversation signature has already been used.")


def test_a_waiting_call_is_told_of_the_queue_and_then_greeted(bench, chat, visit):
    room = {"call_limits": {"agent_concurrency_limit": 1}, "queueing_config": {"enabled": True}}
    first = chat(platform=room)
    agent_id = bench.standin.calls[first.id].agent["agent_id"]
    second = visit(granted=False)
    second.start(signedUrl=bench.workspace.signed_url(agent_id), textOnly=True)
    second.wait("onDebug", lambda frame: frame.get("queue_status_event") == {"status": "waiting"})
    first.do("endSession")
    second.wait("onDebug", lambda frame: frame.get("queue_status_event") == {"status": "admitted"})
    second.wait_for_words("Ask me.")


@pytest.mark.parametrize(
    ("closed", "sentence"),
    [
        (True, "Your agent has authentication enabled, but no signed URL or conversation token was provided."),
        (False, "ElevenLabs API returned 404 The stand-in has no LiveKit server: use a signed URL (WebSocket)."),
    ],
)
def test_a_webrtc_attempt_fails_at_once_and_says_why(bench, visit, closed, sentence):
    agent_id = bench.workspace.agent(platform={"auth": {"enable_auth": closed}})
    answer = visit().start(agentId=agent_id, origin=bench.url)
    assert answer["message"] == f"Failed to fetch conversation token for agent {agent_id}: {sentence}"


def test_a_wrong_first_message_leaves_the_start_hanging_so_a_page_needs_its_own_limit(bench, visit, mended):
    mended.faults.add({"on": "websocket", "do": "wrong_first"})
    url = bench.workspace.signed_url(bench.workspace.agent({"conversation": {"text_only": True}}))
    start = f"Promise.race([bench.start({{ signedUrl: '{url}', textOnly: true }}), wait(1000)])"
    visitor = visit(granted=False)
    assert (
        visitor.page.evaluate(f"wait = ms => new Promise(done => setTimeout(done, ms, 'nothing')), {start}")
        == "nothing"
    )
