"""The log of a whole call as objects: each line names the call, none repeats what was said or a secret."""

import json
import signal
import time

import httpx

from tests.standin.caller import Caller, payload
from tests.standin.test_program import free_port, start, wait_for
from tests.standin.workspace import Workspace

QUESTION = "How long does the purple lamp burn?"


def test_every_line_of_a_call_names_it_and_none_says_what_was_said_or_a_secret(listener):
    port = free_port()
    flags = ["--webhook-url", f"{listener.url}/report", "--webhook-secret", "wsec_of_the_test", "--webhook-delay", "0"]
    process = start("--port", port, "--log-format", "json", *flags)
    try:
        wait_for(port, process)
        call = hold_a_call(Workspace(f"http://127.0.0.1:{port}"), listener)
    finally:
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=20)[0]
    lines = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    told = [line for line in lines if line["conversation"]]
    assert {line["conversation"] for line in told} == {call}
    assert [line["message"].split(" ")[:3] for line in told] == [
        ["A", "call", "has"], ["A", "tool", "call"], ["The", "call", "is"], ["A", "report", "was"]
    ]  # fmt: skip
    assert {"at", "level", "logger", "conversation", "message"} == {*told[0]}
    for words in ("purple", "forty hours", "hush", "wsec_of_the_test", "conversation_signature"):
        assert words not in "".join(map(str, lines))


def until_taken(url):
    give_up = time.monotonic() + 20
    while time.monotonic() < give_up:
        if [sent["state"] for sent in httpx.get(f"{url}/standin/deliveries").json()["deliveries"]] == ["delivered"]:
            return
        time.sleep(0.05)
    raise AssertionError("no report was taken")


def hold_a_call(workspace, listener):
    """A question with a look-up, then the end and its report; the call's id."""
    secret = workspace.api.secrets.create(name="token", value="hush")
    headers = {"X-Service-Token": {"secret_id": secret.secret_id}}
    agent_id = workspace.agent(tools=[workspace.tool(f"{listener.url}/tool", api_schema={"request_headers": headers})])
    signed = workspace.api.conversations.get_signed_url(agent_id=agent_id).signed_url
    with Caller(signed, init={}) as caller:
        caller.wait("agent_response", event_id=1)
        caller.type(QUESTION)
        caller.wait("agent_tool_response")
        caller.wait("agent_response", event_id=2)
    until_taken(workspace.url)
    return payload(caller.frames[0])["conversation_id"]
