"""Every address: it has its page in the manual, the page's example works, and the answer is exactly of the official SDK's type."""

import json
import re
import typing
from pathlib import Path

import httpx
import pytest
from elevenlabs import ElevenLabs
from elevenlabs.types import SubscriptionExtrasResponseModel

from tests.official.endpoints import blank, catalogue
from tests.official.shapes import bare, problems
from voice.standin import app, keys, manual
from voice.standin.docs import example
from voice.standin.manual import agents
from voice.standin.tape import Tape

# What deletes comes last, parts before the whole: all examples are carried out in one workspace.
ROUTES = sorted(app.ROUTES, key=lambda route: (route[0] == "DELETE", -route[1].count("/")))
IMITATED = [f"{method} {path}" for method, path, _endpoint in ROUTES]
OWN = [f"{method} {path}" for method, path, _endpoint in app.OWN]
SOURCE = "\n".join(file.read_text() for file in Path(app.__file__).parent.rglob("*.py"))
# Answered under both spellings; the SDK uses one.
SPELT_OTHERWISE = {"GET /v1/convai/conversation/get_signed_url": "GET /v1/convai/conversation/get-signed-url"}
# What the published OpenAPI document has and the SDK's types do not (yet).
BEYOND_THE_SDK = {
    "POST /v1/convai/agents/create": {"answer.main_branch_id", "answer.initial_version_id"},
    "GET /v1/user": {"answer.subscription_extras"},
}
# What only the browser client sends, which posts it by itself.
OF_THE_BROWSER = {"POST /v1/convai/conversations/{conversation_id}/feedback": {"rating", "comment"}}


def endpoint_of(key):
    method, path = SPELT_OTHERWISE.get(key, key).split(" ")
    return catalogue().get((method, blank(path)))


@pytest.mark.parametrize("key", IMITATED)
def test_an_address_is_one_that_the_sdk_asks_at_and_takes_what_the_sdk_sends(key):
    endpoint, page = endpoint_of(key), manual.IMITATED[key]
    assert endpoint is not None, "the official SDK has no such endpoint"
    assert page.sdk == endpoint.name
    known = {*endpoint.query, *(endpoint.body or {}), *fields_of(endpoint.model), *OF_THE_BROWSER.get(key, ())}
    known |= {"file"} if key.endswith("/files") else set()
    assert set(page.names) - known == set()
    assert {name for name in endpoint.required - {"request"} if name in known} <= set(page.names)


def fields_of(model):
    """The fields of a model, or of every member of a union."""
    members = typing.get_args(bare(model)) or (model,)
    return {name for member in members for name in getattr(member, "model_fields", {})}


@pytest.mark.parametrize("key", [*manual.IMITATED, *manual.OWN])
def test_a_refusal_in_the_manual_is_one_that_the_code_makes(key):
    page = {**manual.IMITATED, **manual.OWN}[key]
    for refusal in page.refuses:
        told = re.fullmatch(r"(\d{3})( \w+)?: .+", refusal)
        assert told, refusal
        assert f'"{(told[2] or " Refusal").strip()}"' in SOURCE or not told[2], refusal


@pytest.fixture(scope="module")
def ids(running):
    """Something of everything, by the name under which paths and examples have it."""
    running.standin.reset()
    url, client = running.url, ElevenLabs(base_url=running.url, api_key="k")
    api = client.conversational_ai
    secret = api.secrets.create(name="token", value="hush")
    look_up = fill(json.dumps(agents.LOOK_UP), {"secret_id": secret.secret_id})
    tool = api.tools.create(request=json.loads(look_up))
    config = {"agent": {"prompt": {"prompt": "", "tool_ids": [tool.id]}}}
    agent_id = api.agents.create(name="Lamps", tags=["shop"], conversation_config=config).agent_id
    hook = client.webhooks.create(
        settings={"auth_type": "hmac", "name": "R", "webhook_url": "http://127.0.0.1:9/report"}
    )
    running.standin.store.settings["webhooks"] = {"post_call_webhook_id": hook.webhook_id}
    twilio = {"provider": "twilio", "phone_number": "+41310000001", "label": "Desk", "sid": "AC1", "token": "t"}
    conversation_id = past_call(running, agent_id, tool.id)
    return {
        "secret_id": secret.secret_id,
        "spare_secret_id": api.secrets.create(name="spare", value="hush").secret_id,
        "tool_id": tool.id,
        "agent_id": agent_id,
        "webhook_id": hook.webhook_id,
        "phone_number_id": post(url, "/v1/convai/phone-numbers", {**twilio, "agent_id": agent_id})["phone_number_id"],
        "conversation_id": conversation_id,
        "file_id": api.conversations.files.create(conversation_id, file=b"some bytes").file_id,
        "voice_id": "cjVigY5qzO86Huf0OWal",
    }


def post(url, path, body):
    answer = httpx.post(f"{url}{path}", json=body, headers={"xi-api-key": "k"})
    answer.raise_for_status()
    return answer.json()


def past_call(running, agent_id, tool_id):
    """A call with a looked-up answer, and with a recording."""
    details = {"type": "webhook", "method": "POST", "url": "https://example.org", "headers": {}, "body": "{}"}
    looked_up = {"tool_calls": [{"tool_name": "look_up", "tool_id": tool_id, "tool_details": details}]}
    looked_up["tool_results"] = [{"tool_name": "look_up", "tool_id": tool_id}]
    transcript = [{"role": "user", "message": "How long?"}, {"role": "agent", **looked_up}, {"message": "Forty hours."}]
    made = post(running.url, "/standin/conversations", {"agent_id": agent_id, "transcript": transcript})
    running.standin.tapes[made["conversation_id"]] = Tape()
    running.standin.store.conversations[made["conversation_id"]]["has_audio"] = True
    return made["conversation_id"]


def do(key, page, url, ids):
    """Carry out the page's example."""
    names = {**ids, "secret_id": ids["spare_secret_id"]} if key == "DELETE /v1/convai/secrets/{secret_id}" else ids
    method, path = key.split(" ")
    path, query, body = (fill(text, names) for text in (path, page.query, json.dumps(page.body)))
    more = (
        {"files": {"file": b"some bytes"}}
        if path.endswith("/files")
        else {"json": json.loads(body)}
        if page.body
        else {}
    )
    return httpx.request(method, f"{url}{path}", params=query, headers={"xi-api-key": "k"}, timeout=30, **more)


def fill(text, ids):
    return re.sub(r"\{(\w+_id)\}", lambda found: ids[found[1]], text)


CONTROLS = [key for key, page in manual.OWN.items() if page.body is not None and "/calls/" not in key]


@pytest.mark.parametrize("key", CONTROLS)
def test_the_example_of_a_control_works(key, running, ids):
    assert do(key, manual.OWN[key], running.url, ids).status_code == manual.OWN[key].answers


@pytest.mark.parametrize("key", IMITATED)
def test_the_manuals_example_is_answered_exactly_as_the_sdk_expects(key, running, ids):
    page = manual.IMITATED[key]
    answer = do(key, page, running.url, ids)
    assert answer.status_code == page.answers or (page.answers == 200 and answer.status_code == 204), answer.text
    if answer.headers.get("content-type") == "application/json" and page.answers == 200:
        assert problems(endpoint_of(key).answer, answer.json(), "answer", BEYOND_THE_SDK.get(key, ())) == []
        assert all(rows_of(answer.json())), "the example should find something"


def rows_of(body):
    """The lists of things in an answer: those whose rows are only looked at when there are some."""
    return [body] if isinstance(body, list) else [body[name] for name in LISTS if name in body]


LISTS = ("agents", "tools", "secrets", "conversations", "executions", "phone_numbers", "webhooks", "voices", "llms")


def test_the_page_shows_every_address_with_its_permission_and_an_example_to_copy(url):
    page = httpx.get(f"{url}/docs").text
    for key in [*IMITATED, *OWN]:
        assert f"<h3>{key}</h3>" in page
    assert "Permission: convai_write" in page
    assert "404 document_not_found: no such agent" in page
    agent = manual.IMITATED["PATCH /v1/convai/agents/{agent_id}"]
    command = example("PATCH /v1/convai/agents/{agent_id}", agent, url, True)
    assert command.startswith("curl -X PATCH -H 'xi-api-key: any' -H 'Content-Type: application/json' -d '{")
    assert command.endswith(f"'{url}/v1/convai/agents/agent_…'")


def test_how_many_calls_may_run_is_told_in_a_shape_that_the_sdk_has_a_name_for(url):
    user = httpx.get(f"{url}/v1/user", headers={"xi-api-key": "k"}).json()
    assert problems(SubscriptionExtrasResponseModel, user["subscription_extras"]) == []


def test_the_manual_and_the_keys_agree_on_every_permission():
    assert {keys.needed(*key.split(" ")) for key in IMITATED} - {None} == set(keys.PERMISSIONS)
