"""After a call: the record, the recording and the signed report."""

import base64
import io
import json
import time
import wave
from types import SimpleNamespace

import httpx
import pytest
from elevenlabs.errors.bad_request_error import BadRequestError

from tests.standin.caller import payload
from tests.standin.completeness import missing_fields


@pytest.fixture
def hook(client, listener):
    """A workspace webhook that the listener receives, and the settings that name it."""
    made = client.webhooks.create(
        settings={"auth_type": "hmac", "name": "Reports", "webhook_url": f"{listener.url}/report"}
    )
    webhooks = {"post_call_webhook_id": made.webhook_id, "events": ["transcript"]}
    platform = {"workspace_overrides": {"webhooks": webhooks}}
    return SimpleNamespace(webhook_id=made.webhook_id, webhook_secret=made.webhook_secret, platform=platform)


def talk(call, agent_id, **options):
    """A short call; its conversation id."""
    caller = call(agent_id, **options)
    caller.wait("audio")
    caller.type("How are you?")
    caller.wait("audio", event_id=2)
    caller.hang_up()
    return payload(caller.frames[0])["conversation_id"]


def test_the_record_is_complete_for_the_sdk_and_tells_the_whole_call(call, make_agent, make_tool, listener, finished):
    agent_id = make_agent(tools=[make_tool(f"{listener.url}/tool")])
    caller = call(agent_id, init={"user_id": "user-7", "dynamic_variables": {"place": "Bern"}})
    caller.wait("agent_response", event_id=1)
    caller.type("How long does the lamp burn?")
    caller.wait("audio", event_id=2)
    caller.send({"type": "feedback", "event_id": 2, "score": "like"})
    caller.listen(0.3)
    caller.socket.close(1000, "User ended conversation")
    record = finished(payload(caller.frames[0])["conversation_id"])
    assert missing_fields(record) == []
    assert (record.status, record.user_id, record.agent_id) == ("done", "user-7", agent_id)
    assert [turn.role for turn in record.transcript] == ["agent", "user", "agent", "agent"]
    assert record.transcript[2].message is None
    (made,), (result,) = record.transcript[2].tool_calls, record.transcript[2].tool_results
    assert made.request_id == result.request_id
    assert json.loads(made.params_as_json)["parameters"]["query"] == "How long does the lamp burn?"
    assert 0 < result.tool_latency_secs < 5
    assert record.transcript[3].feedback.score == "like"
    assert record.conversation_initiation_client_data.dynamic_variables["place"] == "Bern"
    assert record.conversation_initiation_client_data.dynamic_variables["system__agent_id"] == agent_id
    assert record.metadata.termination_reason == "User ended conversation (1000)"
    assert record.metadata.conversation_initiation_source == "js_sdk"
    assert record.analysis.call_successful == "success"


def test_while_the_call_goes_on_it_is_in_progress_and_its_transcript_is_empty(call, api, make_agent):
    caller = call(make_agent())
    caller.wait("agent_response")
    record = api.conversations.get(payload(caller.frames[0])["conversation_id"])
    assert (record.status, record.transcript) == ("in-progress", [])
    assert api.analytics.live_count.get().count == 1


def test_conversations_are_listed_filtered_and_complete(call, api, make_agent, finished):
    first, second = make_agent(), make_agent()
    one, two = talk(call, first), talk(call, second)
    finished(one), finished(two)
    page = api.conversations.list()
    assert missing_fields(page) == []
    assert {row.conversation_id for row in page.conversations} == {one, two}
    assert [row.conversation_id for row in api.conversations.list(agent_id=first).conversations] == [one]
    assert api.conversations.list(call_start_after_unix=int(time.time()) + 60).conversations == []
    assert api.conversations.list(page_size=1).has_more is True


def test_criteria_and_data_collection_have_results(call, make_agent, finished):
    criteria = [{"id": "helped", "name": "Helped", "type": "prompt", "conversation_goal_prompt": "Was it answered?"}]
    collection = {"order": {"type": "string", "description": "The order number."}}
    agent_id = make_agent(platform={"evaluation": {"criteria": criteria}, "data_collection": collection})
    analysis = finished(talk(call, agent_id)).analysis
    assert analysis.evaluation_criteria_results["helped"].result == "success"
    assert analysis.data_collection_results["order"].value is None


def test_a_refused_start_is_a_failed_conversation_with_its_error(call, api, make_agent):
    call(make_agent({"agent": {"first_message": "Hello {{name}}."}})).wait_for_close()
    (row,) = api.conversations.list().conversations
    record = api.conversations.get(row.conversation_id)
    assert record.status == "failed"
    assert record.metadata.error.code == 1008


def test_the_recording_has_the_agents_voice_at_its_time(call, api, make_agent, finished):
    record = finished(talk(call, make_agent()))
    assert record.has_audio is True
    with wave.open(io.BytesIO(b"".join(api.conversations.audio.get(record.conversation_id)))) as file:
        assert file.getframerate() == 16000
        assert any(file.readframes(16000))


def test_a_call_that_may_not_be_recorded_is_not(call, url, make_agent, finished):
    record = finished(talk(call, make_agent(platform={"privacy": {"record_voice": False}})))
    assert record.has_audio is False
    answer = httpx.get(f"{url}/v1/convai/conversations/{record.conversation_id}/audio", headers={"xi-api-key": "k"})
    assert answer.status_code == 404


def test_a_deleted_conversation_is_gone_with_its_recording(call, api, url, make_agent, finished):
    conversation_id = talk(call, make_agent())
    finished(conversation_id)
    api.conversations.delete(conversation_id)
    for path in (conversation_id, f"{conversation_id}/audio"):
        assert httpx.get(f"{url}/v1/convai/conversations/{path}", headers={"xi-api-key": "k"}).status_code == 404


def test_a_page_may_rate_a_conversation_without_a_key(call, url, make_agent, finished):
    conversation_id = talk(call, make_agent())
    address = f"{url}/v1/convai/conversations/{conversation_id}/feedback"
    assert httpx.post(address, json={"rating": 5, "comment": "Good."}).status_code == 200
    assert httpx.post(address, json={"rating": 6}).status_code == 422
    feedback = finished(conversation_id).metadata.feedback
    assert (feedback.rating, feedback.comment) == (5, "Good.")


def test_the_report_is_signed_so_that_the_sdk_accepts_it_and_equals_the_record(
    call, client, hook, make_agent, listener, finished
):
    conversation_id = talk(call, make_agent(platform=hook.platform))
    (report,) = listener.wait(path="/report")
    signature = report.headers["ElevenLabs-Signature"]
    event = client.webhooks.construct_event(report.body.decode(), signature, hook.webhook_secret)
    assert event["type"] == "post_call_transcription"
    assert event["data"]["conversation_id"] == conversation_id
    said = [turn["message"] for turn in event["data"]["transcript"]]
    assert said == [turn.message for turn in finished(conversation_id).transcript]
    with pytest.raises(BadRequestError):
        client.webhooks.construct_event(report.body.decode() + " ", signature, hook.webhook_secret)


def test_the_workspaces_webhook_is_used_when_the_agent_has_none(call, api, hook, make_agent, listener):
    api.settings.update(webhooks={"post_call_webhook_id": hook.webhook_id, "events": ["transcript"]})
    talk(call, make_agent())
    assert listener.wait(path="/report")


def test_the_recording_is_sent_in_chunks_as_its_own_event(call, client, hook, make_agent, listener):
    hook.platform["workspace_overrides"]["webhooks"]["events"] = ["transcript", "audio"]
    conversation_id = talk(call, make_agent(platform=hook.platform))
    reports = {json.loads(report.body)["type"]: report for report in listener.wait(2, path="/report")}
    audio = reports["post_call_audio"]
    assert audio.headers["Transfer-Encoding"] == "chunked"
    assert "Content-Length" not in audio.headers
    event = client.webhooks.construct_event(
        audio.body.decode(), audio.headers["ElevenLabs-Signature"], hook.webhook_secret
    )
    assert set(event["data"]) == {"agent_id", "conversation_id", "full_audio"}
    assert event["data"]["conversation_id"] == conversation_id
    assert base64.b64decode(event["data"]["full_audio"]).startswith(b"RIFF")


def test_a_report_is_sent_once_when_retries_are_off(call, hook, make_agent, listener, standin):
    listener.statuses = [503]
    talk(call, make_agent(platform=hook.platform))
    listener.wait(path="/report")
    time.sleep(0.5)
    assert len(listener.received) == 1
    assert standin.deliveries.log[0]["state"] == "failed"


def test_with_retries_on_the_same_body_comes_again_after_503_but_not_after_400(
    call, client, hook, make_agent, listener
):
    client.webhooks.update(hook.webhook_id, is_disabled=False, name="Reports", retry_enabled=True)
    agent_id = make_agent(platform=hook.platform)
    listener.statuses = [503, 429]
    talk(call, agent_id)
    bodies = [report.body for report in listener.wait(3, path="/report")]
    assert len(set(bodies)) == 1
    listener.statuses = [400]
    talk(call, agent_id)
    listener.wait(4, path="/report")
    time.sleep(0.5)
    assert len(listener.received) == 4


def test_after_ten_failures_in_a_row_a_webhook_is_disabled_until_somebody_enables_it(
    client, hook, standin, url, listener
):
    webhook = standin.store.webhooks[hook.webhook_id]
    standin.store.settings["webhooks"] = {"post_call_webhook_id": hook.webhook_id}
    listener.statuses = [500] * 10
    for number in range(10):
        httpx.post(f"{url}/standin/deliveries", json={"type": "call_initiation_failure", "data": {}}).raise_for_status()
        listener.wait(number + 1, path="/report")
    until = time.monotonic() + 10
    while not webhook["is_auto_disabled"] and time.monotonic() < until:
        time.sleep(0.02)
    listed = client.webhooks.list().webhooks[0]
    assert (listed.is_auto_disabled, listed.most_recent_failure_error_code) == (True, 500)
    client.webhooks.update(hook.webhook_id, is_disabled=False, name="Reports")
    assert client.webhooks.list().webhooks[0].is_auto_disabled is False
