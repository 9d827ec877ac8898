"""Tools, secrets, voices, webhooks and the account over REST, through the official Python SDK."""

import io
import wave

import httpx
import pytest
from elevenlabs.core.api_error import ApiError

from tests.standin.completeness import missing_fields

CLIENT_TOOL = {"type": "client", "name": "show_sources", "description": "Shows the sources."}


def status_of(call, *arguments, **named):
    with pytest.raises(ApiError) as raised:
        call(*arguments, **named)
    return raised.value.status_code


def test_a_tool_comes_back_with_its_defaults_and_nothing_required_is_missing(api, make_tool):
    tool = api.tools.get(make_tool("https://example.org/tool").id)
    assert tool.tool_config.api_schema.method == "POST"
    assert tool.tool_config.response_timeout_secs == 5
    assert tool.tool_config.tool_error_handling_mode == "auto"
    assert missing_fields(tool) == []
    assert missing_fields(api.tools.list()) == []


def test_updating_a_tool_replaces_its_configuration(api, make_tool):
    tool = make_tool("https://example.org/tool", response_timeout_secs=60)
    config = {"type": "webhook", "name": "other", "description": "x", "api_schema": {"url": "https://example.org/new"}}
    changed = api.tools.update(tool.id, request={"tool_config": config})
    assert changed.tool_config.name == "other"
    assert changed.tool_config.response_timeout_secs == 20
    assert changed.tool_config.api_schema.method == "GET"


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "has spaces"},
        {"name": "x" * 65},
        {"response_timeout_secs": 4},
        {"response_timeout_secs": 301},
        {"pre_tool_speech": "always"},
        {"api_schema": {"method": "FETCH"}},
        {"api_schema": {"url": "ftp://example.org"}},
        {"api_schema": {"request_body_schema": {"type": "object", "properties": {"q": {"type": "string"}}}}},
        {
            "api_schema": {
                "request_body_schema": {
                    "type": "object",
                    "properties": {"q": {"type": "string", "description": "x", "constant_value": "y"}},
                }
            }
        },
    ],
)
def test_a_tool_that_elevenlabs_would_not_take_is_refused(api, make_tool, changes):
    assert status_of(make_tool, "https://example.org/tool", **changes) == 422
    assert api.tools.list().tools == []


def test_a_client_tool_may_wait_from_one_to_120_seconds(api):
    def create(seconds):
        return api.tools.create(request={"tool_config": {**CLIENT_TOOL, "response_timeout_secs": seconds}})

    assert create(1).tool_config.expects_response is False
    assert status_of(create, 121) == 422


def test_a_header_with_an_unknown_secret_is_refused(make_tool):
    assert (
        status_of(make_tool, "https://example.org", api_schema={"request_headers": {"X": {"secret_id": "no"}}}) == 404
    )


def test_a_tool_in_use_is_only_deleted_by_force_and_then_leaves_its_agents(api, make_tool, make_agent):
    tool = make_tool("https://example.org/tool")
    agent_id = make_agent(tools=[tool])
    dependents = api.tools.get_dependent_agents(tool.id)
    assert [agent.id for agent in dependents.agents] == [agent_id]
    assert missing_fields(dependents) == []
    assert status_of(api.tools.delete, tool.id) == 400
    api.tools.delete(tool.id, force=True)
    assert api.agents.get(agent_id).conversation_config.agent.prompt.tool_ids == []


def test_tools_are_found_by_name_kind_and_user(api, make_tool, make_agent):
    webhook = make_tool("https://example.org/tool")
    client_tool = api.tools.create(request={"tool_config": CLIENT_TOOL})
    agent_id = make_agent(tools=[webhook])
    assert [tool.id for tool in api.tools.list(search="sources").tools] == [client_tool.id]
    assert [tool.id for tool in api.tools.list(types=["webhook"]).tools] == [webhook.id]
    assert [tool.id for tool in api.tools.list(used_by_agent_id=agent_id).tools] == [webhook.id]


def test_a_secret_is_never_read_out_again(api, url):
    secret = api.secrets.create(name="token", value="the value nobody reads")
    assert missing_fields(api.secrets.list()) == []
    for path in ("secrets", f"secrets/{secret.secret_id}"):
        answer = httpx.get(f"{url}/v1/convai/{path}", headers={"xi-api-key": "k"})
        assert answer.status_code == 200
        assert "the value nobody reads" not in answer.text


def test_a_secret_in_use_is_not_deleted(api, make_tool):
    secret = api.secrets.create(name="token", value="v")
    tool = make_tool(
        "https://example.org", api_schema={"request_headers": {"X-Token": {"secret_id": secret.secret_id}}}
    )
    assert [user.id for user in api.secrets.list().secrets[0].used_by.tools] == [tool.id]
    assert status_of(api.secrets.delete, secret.secret_id) == 400
    api.tools.delete(tool.id)
    api.secrets.delete(secret.secret_id)
    assert api.secrets.list().secrets == []


def test_voices_are_searched_paged_and_complete(client):
    first = client.voices.search(page_size=3)
    assert (len(first.voices), first.has_more, first.total_count) == (3, True, 7)
    rest = client.voices.search(page_size=10, next_page_token=first.next_page_token)
    assert {voice.voice_id for voice in first.voices}.isdisjoint(voice.voice_id for voice in rest.voices)
    assert len(first.voices) + len(rest.voices) == len(client.voices.get_all().voices) == 7
    assert [voice.name for voice in client.voices.search(search="sarah").voices] == ["Sarah"]
    assert missing_fields(rest) == []


def test_a_voices_sample_is_real_speech_and_needs_no_key(client):
    voice = client.voices.get("EXAVITQu4vr4xnSDxMaL")
    answer = httpx.get(voice.preview_url, timeout=30)
    with wave.open(io.BytesIO(answer.content)) as file:
        assert file.getframerate() == 16000
        assert file.getnframes() > 16000
    assert status_of(client.voices.get, "nobody") == 404


def test_a_webhooks_secret_is_shown_once(client, url):
    made = client.webhooks.create(
        settings={"auth_type": "hmac", "name": "Reports", "webhook_url": "https://example.org/in"}
    )
    assert made.webhook_secret.startswith("wsec_")
    listed = httpx.get(f"{url}/v1/workspace/webhooks?include_usages=true", headers={"xi-api-key": "k"})
    assert made.webhook_secret not in listed.text
    assert missing_fields(client.webhooks.list(include_usages=True)) == []


def test_a_deleted_webhook_is_taken_from_whatever_named_it(client, api, make_agent):
    made = client.webhooks.create(
        settings={"auth_type": "hmac", "name": "Reports", "webhook_url": "https://example.org/in"}
    )
    platform = {
        "workspace_overrides": {"webhooks": {"post_call_webhook_id": made.webhook_id, "events": ["transcript"]}}
    }
    agent_id = make_agent(platform=platform)
    api.settings.update(webhooks={"post_call_webhook_id": made.webhook_id, "events": ["transcript"]})
    usage = client.webhooks.list(include_usages=True).webhooks[0].usage
    assert [use.usage_type for use in usage] == ["ConvAI Agent Settings", "ConvAI Settings"]
    client.webhooks.delete(made.webhook_id)
    assert api.settings.get().webhooks.post_call_webhook_id is None
    overrides = api.agents.get(agent_id).platform_settings.workspace_overrides
    assert overrides.webhooks.post_call_webhook_id is None


def test_an_agent_cannot_name_a_webhook_that_is_not_there(make_agent):
    platform = {"workspace_overrides": {"webhooks": {"post_call_webhook_id": "webhook_x"}}}
    assert status_of(make_agent, platform=platform) == 404


def test_the_account_tells_its_limits_completely(client, api):
    user = client.user.get()
    assert missing_fields(user) == []
    assert missing_fields(client.user.subscription.get()) == []
    assert missing_fields(api.llm.list()) == []
    assert missing_fields(api.settings.get()) == []
    assert user.subscription_extras["convai_concurrency"] == 30
    assert api.analytics.live_count.get().count == 0


def test_without_a_key_nothing_is_told(url):
    answer = httpx.get(f"{url}/v1/convai/agents")
    assert answer.status_code == 401
    assert answer.json()["detail"]["status"] == "needs_authorization"
    assert answer.json()["detail"]["message"].startswith("Neither authorization header nor xi-api-key received")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"text"', b"\xff\xfe", b"[" * 100_000])
def test_a_body_that_is_no_object_is_refused_with_422(url, body):
    headers = {"xi-api-key": "k", "content-type": "application/json"}
    answer = httpx.post(f"{url}/v1/convai/agents/create", headers=headers, content=body)
    assert answer.status_code == 422
    assert isinstance(answer.json()["detail"], list)


def test_a_webrtc_token_is_refused_at_once_with_or_without_a_key(url, make_agent):
    address = f"{url}/v1/convai/conversation/token"
    closed, open_ = make_agent(platform={"auth": {"enable_auth": True}}), make_agent()
    page = {"origin": "http://localhost:8000"}
    assert httpx.get(address, params={"agent_id": closed}, headers=page).status_code == 401
    assert httpx.get(address, params={"agent_id": open_}, headers=page).status_code == 404
    refused = httpx.get(address, params={"agent_id": "nobody"}, headers=page)
    assert refused.status_code == 404
    assert refused.headers["access-control-allow-origin"] == "*"


def test_pages_of_other_origins_may_send_feedback(url):
    asked = {"origin": "http://localhost:8000", "access-control-request-method": "POST"}
    answer = httpx.options(f"{url}/v1/convai/conversations/conv_1/feedback", headers=asked)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "*"
