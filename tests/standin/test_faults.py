"""Failing on demand, and looking at what happened."""

import json
import time

import httpx
import pytest
from elevenlabs.core.api_error import ApiError

from tests.standin.caller import payload

KEY = {"xi-api-key": "k"}


@pytest.fixture
def fault(url):
    """Add a fault rule."""

    def add(**rule):
        answer = httpx.post(f"{url}/standin/faults", json=rule)
        answer.raise_for_status()
        return answer.json()

    return add


def test_a_path_can_be_made_to_fail_so_many_times(fault, api):
    fault(on="http", do="status", path="/v1/convai/agents*", status=503, times=1)
    with pytest.raises(ApiError) as raised:
        api.agents.list(request_options={"max_retries": 0})
    assert raised.value.status_code == 503
    assert api.agents.list().agents == []


def test_too_many_requests_come_with_retry_after_and_the_sdk_waits_for_it(fault, api):
    fault(on="http", do="status", status=429, retry_after=1, times=1)
    began = time.monotonic()
    assert api.agents.list(request_options={"max_retries": 1}).agents == []
    assert time.monotonic() - began >= 1


def test_a_percentage_strikes_about_so_often(fault, url):
    fault(on="http", do="status", status=500, percent=50)
    statuses = [httpx.get(f"{url}/v1/convai/agents", headers=KEY).status_code for _ in range(60)]
    assert 10 < statuses.count(500) < 50


def test_a_create_may_happen_although_its_answer_is_lost(fault, api, make_agent):
    fault(on="http", do="lost_answer", path="/v1/convai/agents/create", times=1)
    with pytest.raises(httpx.TransportError):
        make_agent(name="Lost")
    assert [agent.name for agent in api.agents.list().agents] == ["Lost"]


def create(url, name, timeout=10):
    body = {"name": name, "conversation_config": {}}
    return httpx.post(f"{url}/v1/convai/agents/create", headers=KEY, json=body, timeout=timeout)


def test_a_create_may_happen_long_before_its_answer(fault, api, url):
    fault(on="http", do="late_answer", path="/v1/convai/agents/create", times=1, seconds=5)
    with pytest.raises(httpx.TimeoutException):
        create(url, "Late", timeout=1)
    assert [agent.name for agent in api.agents.list().agents] == ["Late"]


def test_a_create_may_happen_and_be_answered_with_a_fault(fault, api, url):
    fault(on="http", do="status_after", path="/v1/convai/agents/create", times=1, status=504)
    answer = create(url, "Done")
    assert answer.status_code == 504
    assert answer.json()["detail"]["request_id"].startswith("req_")
    assert [agent.name for agent in api.agents.list().agents] == ["Done"]


def test_an_answer_can_come_byte_by_byte_and_never_be_silent_for_long(fault, url):
    fault(on="http", do="trickle", times=1, seconds=1)
    began = time.monotonic()
    answer = httpx.get(f"{url}/v1/convai/agents", headers=KEY, timeout=0.9)
    assert answer.json() == {}
    assert time.monotonic() - began >= 1


@pytest.mark.parametrize("do", ["drop", "half_answer"])
def test_a_connection_can_break(fault, url, do):
    fault(on="http", do=do, times=1)
    with pytest.raises(httpx.TransportError):
        httpx.get(f"{url}/v1/convai/agents", headers=KEY)
    assert httpx.get(f"{url}/v1/convai/agents", headers=KEY).status_code == 200


def test_an_answer_can_be_slow_or_never_come(fault, url):
    fault(on="http", do="latency", seconds=0.6, times=1)
    began = time.monotonic()
    assert httpx.get(f"{url}/v1/convai/agents", headers=KEY).status_code == 200
    assert time.monotonic() - began >= 0.6
    fault(on="http", do="hang", times=1)
    with pytest.raises(httpx.ReadTimeout):
        httpx.get(f"{url}/v1/convai/agents", headers=KEY, timeout=0.5)


def test_an_answer_can_be_no_json(fault, url):
    fault(on="http", do="garbage", times=1)
    assert httpx.get(f"{url}/v1/convai/agents", headers=KEY).text.startswith("<html>")


@pytest.mark.parametrize(
    "rule",
    [
        {},
        {"on": "http"},
        {"on": "http", "do": "explode"},
        {"on": "webhook", "do": "latency"},
        {"on": "http", "do": "status", "status": 200},
        {"on": "http", "do": "status", "percent": 101},
    ],
)
def test_a_rule_that_means_nothing_is_refused(url, rule):
    assert httpx.post(f"{url}/standin/faults", json=rule).status_code == 422


def test_rules_are_listed_counted_and_removed(fault, url):
    rule = fault(on="http", do="status", path="/v1/user")
    fault(on="http", do="status", path="/v1/voices")
    httpx.get(f"{url}/v1/user", headers=KEY)
    listed = httpx.get(f"{url}/standin/faults").json()["faults"]
    assert [(row["path"], row["struck"]) for row in listed] == [("/v1/user", 1), ("/v1/voices", 0)]
    left = httpx.delete(f"{url}/standin/faults/{rule['id']}").json()["faults"]
    assert [row["path"] for row in left] == ["/v1/voices"]
    assert httpx.delete(f"{url}/standin/faults").json()["faults"] == []


def test_a_start_can_be_refused_with_any_code(fault, call, make_agent):
    fault(on="websocket", do="close", code=1011, reason="Out of order")
    assert call(make_agent()).wait_for_close() == (1011, "Out of order")


def test_a_start_can_hang_without_a_first_message(fault, call, make_agent):
    fault(on="websocket", do="hang", times=1)
    caller = call(make_agent())
    assert caller.listen(2) == []
    assert caller.closed is None


def test_the_first_message_can_be_a_wrong_one(fault, call, make_agent):
    fault(on="websocket", do="wrong_first")
    caller = call(make_agent())
    caller.wait("agent_response")
    assert caller.frames[0]["type"] == "ping"


@pytest.mark.parametrize("do", ["drop", "half_frame"])
def test_a_connection_can_be_reset_in_mid_call_and_the_call_is_over_then(fault, call, make_agent, finished, do):
    fault(on="websocket", do=do, after=0.5)
    caller = call(make_agent())
    caller.wait("agent_response")
    assert caller.wait_for_close()[0] == 1006
    assert finished(payload(caller.frames[0])["conversation_id"]).status == "done"


def test_a_connection_can_fall_silent(fault, call, make_agent):
    fault(on="websocket", do="silence", after=1)
    caller = call(make_agent())
    caller.wait("agent_response")
    caller.listen(1.5)
    caller.type("Hello")
    assert caller.listen(1.5) == []
    assert caller.closed is None


def test_frames_that_are_no_json_can_be_sent(fault, call, make_agent):
    fault(on="websocket", do="garbage", after=0.5)
    caller = call(make_agent())
    with pytest.raises(json.JSONDecodeError):
        caller.listen(3)


def test_a_call_can_be_closed_and_dropped_by_hand(call, url, make_agent):
    one, two = call(make_agent()), call(make_agent())
    ids = [payload_of_first(caller)["conversation_id"] for caller in (one, two)]
    live = httpx.get(f"{url}/standin/calls").json()["calls"]
    assert {row["conversation_id"] for row in live} >= set(ids)
    httpx.post(f"{url}/standin/calls/{ids[0]}/close", json={"code": 1011, "reason": "By hand"}).raise_for_status()
    httpx.post(f"{url}/standin/calls/{ids[1]}/drop").raise_for_status()
    assert one.wait_for_close() == (1011, "By hand")
    assert two.wait_for_close()[0] == 1006
    assert httpx.post(f"{url}/standin/calls/conv_x/close").status_code == 404


def payload_of_first(caller):
    caller.wait("agent_response")
    return payload(caller.frames[0])


@pytest.fixture
def send_event(client, standin, url, listener):
    """Send a small event to the listener's webhook."""
    made = client.webhooks.create(settings={"auth_type": "hmac", "name": "R", "webhook_url": f"{listener.url}/report"})
    standin.store.settings["webhooks"] = {"post_call_webhook_id": made.webhook_id}

    def send(number=1):
        event = {"type": "call_initiation_failure", "data": {"conversation_id": f"conv_{number}"}}
        httpx.post(f"{url}/standin/deliveries", json=event).raise_for_status()

    send.secret = made.webhook_secret
    return send


def numbers(reports):
    return [report.json["data"]["conversation_id"] for report in reports]


def test_a_report_can_stay_away(fault, send_event, listener, url):
    fault(on="webhook", do="undelivered", times=1)
    send_event(1)
    send_event(2)
    assert numbers(listener.wait(path="/report")) == ["conv_2"]
    states = [row["state"] for row in httpx.get(f"{url}/standin/deliveries").json()["deliveries"]]
    assert states == ["kept back by a fault", "delivered"]


def test_a_report_can_come_twice_with_the_same_bytes(fault, send_event, listener):
    fault(on="webhook", do="twice", times=1)
    send_event()
    first, second = listener.wait(2, path="/report")
    assert first.body == second.body


def test_reports_can_come_late_and_out_of_order(fault, send_event, listener):
    fault(on="webhook", do="out_of_order", times=1)
    send_event(1)
    send_event(2)
    assert numbers(listener.wait(2, path="/report")) == ["conv_2", "conv_1"]
    fault(on="webhook", do="late", seconds=0.5, times=1)
    send_event(3)
    send_event(4)
    assert numbers(listener.wait(4, path="/report"))[2:] == ["conv_4", "conv_3"]


def test_a_report_can_be_badly_signed_or_stale(fault, send_event, listener, client):
    for do, said in (("bad_signature", "does not match"), ("stale", "outside the tolerance")):
        fault(on="webhook", do=do, times=1)
        send_event()
        report = listener.wait(path="/report")[-1]
        listener.received.clear()
        with pytest.raises(ApiError) as raised:
            client.webhooks.construct_event(
                report.body.decode(), report.headers["ElevenLabs-Signature"], send_event.secret
            )
        assert said in raised.value.body.error


def test_a_delivery_can_be_sent_again(send_event, listener, url):
    send_event()
    listener.wait(path="/report")
    (delivery,) = httpx.get(f"{url}/standin/deliveries").json()["deliveries"]
    httpx.post(f"{url}/standin/deliveries/{delivery['id']}/resend").raise_for_status()
    first, second = listener.wait(2, path="/report")
    assert first.body == second.body


def test_requests_are_written_down_without_the_key(api, url):
    httpx.get(f"{url}/v1/convai/agents", headers={"xi-api-key": "sk_a_long_and_secret_key"}, params={"search": "x"})
    (row,) = httpx.get(f"{url}/standin/requests", params={"path": "/v1/convai/agents"}).json()["requests"]
    assert (row["method"], row["query"], row["status"]) == ("GET", "search=x", 200)
    assert "sk_a_long" not in json.dumps(row)


def test_the_page_about_itself_names_every_address(url):
    page = httpx.get(f"{url}/docs").text
    for address in ("/v1/convai/conversation<", "/v1/convai/agents/create", "/v2/voices", "/standin/faults"):
        assert address in page
    assert "GET /v1/convai/agents/{agent_id}<" in page
