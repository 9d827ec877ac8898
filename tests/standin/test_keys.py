"""What a key may do: the permission that is missing is named, as ElevenLabs names it."""

import argparse

import httpx
import pytest

from voice.standin.options import Options, add_flags, read_flags
from voice.standin.server import Running

EVERYTHING = ["convai_read", "convai_write", "user_read", "voices_read", "webhooks_write"]
WEBHOOK = {"settings": {"auth_type": "hmac", "name": "R", "webhook_url": "https://example.org/in"}}


@pytest.fixture
def describe(url):
    """Tell the stand-in what the key `limited` may do; gives a client that uses it."""

    def tell(**told):
        httpx.post(f"{url}/standin/keys", json={"key": "limited", **told}).raise_for_status()
        return httpx.Client(base_url=url, headers={"xi-api-key": "limited"})

    return tell


@pytest.mark.parametrize(
    ("method", "path", "body", "permission"),
    [
        ("GET", "/v1/convai/agents", None, "convai_read"),
        ("GET", "/v1/convai/conversations/conv_x", None, "convai_read"),
        ("POST", "/v1/convai/agents/create", {"conversation_config": {}}, "convai_write"),
        ("DELETE", "/v1/convai/tools/tool_x", None, "convai_write"),
        ("GET", "/v1/convai/conversation/get-signed-url?agent_id=x", None, "convai_write"),
        ("GET", "/v2/voices", None, "voices_read"),
        ("GET", "/v1/voices", None, "voices_read"),
        ("GET", "/v1/user/subscription", None, "user_read"),
        ("POST", "/v1/workspace/webhooks", WEBHOOK, "webhooks_write"),
    ],
)
def test_a_key_without_the_permission_is_refused_and_told_its_name(describe, method, path, body, permission):
    with describe(permissions=[name for name in EVERYTHING if name != permission]) as limited:
        refused = limited.request(method, path, json=body)
    detail = refused.json()["detail"]
    assert (refused.status_code, detail["status"], detail["type"]) == (
        401,
        "missing_permissions",
        "authentication_error",
    )
    assert (
        detail["message"] == f"The API key you used is missing the permission {permission} to execute this operation."
    )
    with describe(permissions=[permission]) as limited:
        assert limited.request(method, path, json=body).status_code != 401


def test_every_key_may_list_webhooks_and_other_keys_may_do_everything(describe, url):
    with describe(permissions=[]) as limited:
        assert limited.get("/v1/workspace/webhooks").status_code == 200
        assert limited.get("/v1/convai/agents").status_code == 401
        assert limited.get("/v1/convai/agents", headers={"xi-api-key": "another"}).status_code == 200


def test_a_revoked_key_is_no_key_and_one_that_is_forgotten_is_like_any_other(describe, url):
    with describe(revoked=True) as limited:
        refused = limited.get("/v1/workspace/webhooks")
        assert (refused.status_code, refused.json()["detail"]["status"]) == (401, "invalid_api_key")
        assert httpx.get(f"{url}/standin/keys").json()["keys"] == [
            {"key": "limited", "permissions": None, "revoked": True}
        ]
        httpx.delete(f"{url}/standin/keys/limited").raise_for_status()
        assert limited.get("/v1/convai/agents").status_code == 200
    assert httpx.delete(f"{url}/standin/keys/limited").status_code == 404


@pytest.mark.parametrize(
    "told", [{}, {"key": ""}, {"key": "k", "permissions": ["fly"]}, {"key": "k", "revoked": "yes"}]
)
def test_a_key_that_is_described_in_no_known_words_is_refused(url, told):
    assert httpx.post(f"{url}/standin/keys", json=told).status_code == 422


def test_limited_keys_may_be_given_at_start_beside_the_only_full_one():
    options = Options(port=0, api_key="right", limited_keys={"reader": ("convai_read",)}, quiet=True)
    with Running(options) as running, httpx.Client(base_url=running.url) as client:
        for key, status in (("right", 404), ("reader", 401), ("wrong", 401)):
            assert client.delete("/v1/convai/agents/x", headers={"xi-api-key": key}).status_code == status
        assert client.get("/v1/convai/agents", headers={"xi-api-key": "reader"}).status_code == 200
        client.post("/standin/reset").raise_for_status()
        assert client.delete("/v1/convai/agents/x", headers={"xi-api-key": "reader"}).status_code == 401


def test_the_flag_for_limited_keys_may_be_given_more_than_once():
    flags = ["--limited-key", "a=convai_read,user_read", "--limited-key", "b="]
    assert read_flags(parse(flags)).limited_keys == {"a": ("convai_read", "user_read"), "b": ()}
    assert read_flags(parse([])).limited_keys == {}


def parse(flags):
    parser = argparse.ArgumentParser()
    add_flags(parser)
    return parser.parse_args(flags)
