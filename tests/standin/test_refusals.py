"""How the stand-in says no: status, word and sentence of ElevenLabs' refusals, and what else its answers tell."""

import threading
import time

import httpx
import pytest
from elevenlabs.core.api_error import ApiError

KEY = {"xi-api-key": "k"}


@pytest.fixture
def ask(url):
    """One raw request."""
    with httpx.Client(base_url=url, headers=KEY, timeout=20) as client:
        yield client.request


@pytest.fixture
def fault(url):
    def add(**rule):
        httpx.post(f"{url}/standin/faults", json={"on": "http", "do": "status", **rule}).raise_for_status()

    return add


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/v1/convai/agents/x", "Agent"),
        ("/v1/convai/tools/x", "Tool"),
        ("/v1/convai/tools/x/executions", "Tool"),
        ("/v1/convai/secrets/x", "Secret"),
        ("/v1/convai/conversations/x", "Conversation"),
        ("/v1/convai/phone-numbers/x", "Phone number"),
        ("/v1/voices/x", "Voice"),
        ("/v1/convai/conversation/get-signed-url?agent_id=x", "Agent"),
    ],
)
def test_what_is_not_there_is_named_with_its_kind_and_id(ask, path, kind):
    refused = ask("GET", path)
    detail = refused.json()["detail"]
    assert (refused.status_code, detail["status"]) == (404, "document_not_found")
    assert detail["message"] == f"{kind} with ID 'x' not found."
    assert detail["code"] == f"{kind.lower().replace(' ', '_')}_not_found"
    assert detail["request_id"]


@pytest.mark.parametrize("header", [None, "", "wrong"])
def test_a_missing_and_a_wrong_key_are_told_apart(url, ask, header):
    httpx.post(f"{url}/standin/keys", json={"key": "wrong", "revoked": True}).raise_for_status()
    refused = httpx.get(f"{url}/v1/user", headers={} if header is None else {"xi-api-key": header})
    word = "invalid_api_key" if header else "needs_authorization"
    assert (refused.status_code, refused.json()["detail"]["status"]) == (401, word)


@pytest.mark.parametrize(
    ("status", "word"), [(400, "invalid_request"), (409, "conflict"), (429, "system_busy"), (500, "internal_error")]
)
def test_a_fault_refuses_in_the_shape_and_the_words_of_the_real_service(ask, fault, status, word):
    fault(path="/v1/convai/tools", status=status, times=1)
    refused = ask("GET", "/v1/convai/tools")
    detail = refused.json()["detail"]
    assert (refused.status_code, detail["status"]) == (status, word)
    assert {"type", "code", "message", "request_id"} <= detail.keys()


def test_a_fault_may_say_any_word_such_as_an_exceeded_quota(fault, api):
    fault(
        path="/v1/convai/agents", status=401, says="quota_exceeded", reason="This request exceeds your quota.", times=1
    )
    with pytest.raises(ApiError) as raised:
        api.agents.list()
    assert raised.value.body["detail"]["status"] == "quota_exceeded"
    assert raised.value.body["detail"]["message"] == "This request exceeds your quota."


def test_every_answer_tells_how_many_requests_are_under_way_and_how_many_may_be(ask, url):
    assert concurrency(ask("GET", "/v1/convai/agents")) == ("1", "10")
    assert concurrency(ask("GET", "/v1/convai/agents/x")) == ("1", "10")
    httpx.patch(f"{url}/standin/limits", json={"requests": 3}).raise_for_status()
    assert concurrency(ask("GET", "/v1/convai/agents")) == ("1", "3")


def concurrency(answer):
    return answer.headers["current-concurrent-requests"], answer.headers["maximum-concurrent-requests"]


def test_more_requests_at_a_time_than_the_plan_allows_are_refused_as_such(ask, fault, url, standin):
    httpx.patch(f"{url}/standin/limits", json={"requests": 1}).raise_for_status()
    fault(path="/v1/convai/tools", do="latency", seconds=2)
    slow = threading.Thread(target=httpx.get, args=(f"{url}/v1/convai/tools",), kwargs={"headers": KEY}, daemon=True)
    slow.start()
    while not standin.requests:
        time.sleep(0.01)
    refused = ask("GET", "/v1/convai/agents")
    assert (refused.status_code, refused.json()["detail"]["status"]) == (429, "too_many_concurrent_requests")
    assert "a maximum of 1 concurrent requests" in refused.json()["detail"]["message"]
    assert concurrency(refused) == ("2", "1")
    httpx.patch(f"{url}/standin/limits", json={"requests": None}).raise_for_status()
    assert ask("GET", "/v1/convai/agents").status_code == 200
    slow.join(20)


def test_an_account_full_of_agents_takes_no_more(api, url, make_agent):
    make_agent()
    httpx.patch(f"{url}/standin/limits", json={"agents": 1}).raise_for_status()
    with pytest.raises(ApiError) as raised:
        make_agent()
    assert (raised.value.status_code, raised.value.body["detail"]["status"]) == (422, "quota_exceeded")


def test_a_webhook_that_was_switched_off_by_itself_says_so_and_gets_nothing(client, url, standin, listener):
    made = client.webhooks.create(settings={"auth_type": "hmac", "name": "R", "webhook_url": f"{listener.url}/report"})
    standin.store.settings["webhooks"] = {"post_call_webhook_id": made.webhook_id}
    off = {"is_auto_disabled": True, "most_recent_failure_error_code": 503, "most_recent_failure_timestamp": 1790000000}
    httpx.patch(f"{url}/standin/webhooks/{made.webhook_id}", json=off).raise_for_status()
    (row,) = client.webhooks.list().webhooks
    assert (row.is_auto_disabled, row.is_disabled) == (True, False)
    assert (row.most_recent_failure_error_code, row.most_recent_failure_timestamp) == (503, 1790000000)
    event = {"type": "call_initiation_failure", "data": {"conversation_id": "conv_1"}}
    httpx.post(f"{url}/standin/deliveries", json=event).raise_for_status()
    client.webhooks.update(made.webhook_id, is_disabled=False, name="R")
    assert client.webhooks.list().webhooks[0].is_auto_disabled is False
    httpx.post(f"{url}/standin/deliveries", json=event).raise_for_status()
    assert len(listener.wait(path="/report")) == 1
    assert httpx.patch(f"{url}/standin/webhooks/x", json=off).status_code == 404


def test_what_a_tool_did_is_listed_with_request_answer_and_error(call, api, make_agent, make_tool, listener):
    tool = make_tool(f"{listener.url}/tool")
    agent_id = make_agent(tools=[tool])
    caller = call(agent_id)
    caller.wait("agent_response")
    for statuses in ([], [503]):
        listener.statuses = statuses
        caller.type("How long does the lamp burn?")
        caller.wait("agent_tool_response")
        caller.wait("agent_response")
    failed, answered = api.tools.executions.get(tool.id).executions
    assert (answered.is_error, failed.is_error, failed.error_type) == (False, True, "external_server")
    assert "How long does the lamp burn?" in answered.request_payload
    assert "forty hours" in answered.response_payload
    assert answered.tool_call_details.method == "POST"
    assert answered.agent_id == agent_id
    assert [row.id for row in api.tools.executions.get(tool.id, is_error=True).executions] == [failed.id]
    assert api.tools.executions.get(tool.id, end_time=1.0).executions == []
    first = api.tools.executions.get(tool.id, page_size=1)
    assert [row.id for row in first.executions] == [failed.id]
    rest = api.tools.executions.get(tool.id, page_size=1, cursor=first.next_cursor)
    assert ([row.id for row in rest.executions], rest.has_more) == ([answered.id], False)
