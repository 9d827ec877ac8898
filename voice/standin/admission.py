"""Who may talk: from an opened socket to a call with its first message sent, or a close code with a reason."""

import asyncio
import contextlib
import json
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.websockets import WebSocket, WebSocketDisconnect

from voice.standin import frames, overrides, records, tickets, variables
from voice.standin.call import Call
from voice.standin.errors import Hangup

SECONDS_TO_INTRODUCE = 1.0
BURST = 3
BURST_MOST = 300


@dataclass
class Limits:
    """What the account allows: calls at the same time, credits for the month; None is no limit for REST requests at the same
    time, and for agents."""

    concurrency: int = 30
    credits: int = 1_800_000
    credits_used: int = 0
    requests: int | None = None
    agents: int | None = None


async def admit(standin, websocket: WebSocket) -> Call:
    """A call that has begun: admitted, counted, its metadata sent. Raises Hangup with the code and the reason."""
    init = await _read_introduction(websocket)
    agent, conversation_id, how = tickets.redeem(standin.store, websocket.query_params)
    record = records.start(conversation_id, agent, how, init)
    standin.store.conversations[conversation_id] = record
    with noting_refusal(standin, record):
        _check_origin(agent, websocket.headers.get("origin"))
        return await let_in(standin, websocket, agent, record, init)


async def let_in(standin, connection, agent: dict, record: dict, init: dict) -> Call:
    """The call, once its overrides, variables and place are in order. Raises Hangup."""
    call = _prepare(standin, connection, agent, record, init)
    await _find_room(call)
    return call


@contextlib.contextmanager
def noting_refusal(standin, record: dict):
    """Keep in the record why a call did not begin."""
    try:
        yield
    except Hangup as refusal:
        record["status"] = "failed"
        record["metadata"].update(
            termination_reason=refusal.reason, error={"code": refusal.code, "reason": refusal.reason}
        )
        standin.store.touch()
        raise


async def _read_introduction(websocket: WebSocket) -> dict:
    """The client's `conversation_initiation_client_data`; an empty one for a client that does not introduce itself."""
    with contextlib.suppress(TimeoutError, ValueError, KeyError):
        message = json.loads(await asyncio.wait_for(websocket.receive_text(), SECONDS_TO_INTRODUCE))
        if isinstance(message, dict) and message.get("type") == "conversation_initiation_client_data":
            return message
    return {}


def _check_origin(agent: dict, origin: str | None) -> None:
    """The agent's allowlist: who sends no Origin passes, unless one is required."""
    auth = agent["platform_settings"]["auth"]
    allowed = [entry.get("hostname", "") for entry in auth.get("allowlist") or []]
    if not allowed or (origin is None and not auth.get("require_origin_header")):
        return
    parts = urlsplit(origin or "")
    if parts.hostname not in allowed and parts.netloc not in allowed:
        raise Hangup(1008, f"Host {parts.netloc or 'unknown'} is not in the allowlist of this agent.")


def _prepare(standin, websocket: WebSocket, agent: dict, record: dict, init: dict) -> Call:
    changed = overrides.apply(agent, init.get("conversation_config_override"))
    call = Call(standin, websocket, changed, record["conversation_id"], record)
    configs = [tool["tool_config"] for tool in call.tools]
    given = init.get("dynamic_variables")
    call.variables = variables.gather(call.config["agent"], configs, given if isinstance(given, dict) else {})
    variables.require(call.config["agent"], configs, call.variables)
    mocks = init.get("tool_mock_config")
    call.tool_mocks = mocks if isinstance(mocks, dict) else {}
    record["conversation_initiation_client_data"]["dynamic_variables"] = {
        key: "<REDACTED>" if key.startswith("secret__") else value
        for key, value in {**call.variables, **variables.system(call)}.items()
    }
    record["metadata"]["text_only"] = call.text_only
    return call


async def _find_room(call: Call) -> None:
    """Count the call, or let it wait where the agent has a queue. Sends the metadata, first of all messages."""
    limits, platform = call.standin.limits, call.agent["platform_settings"]
    if limits.credits_used >= limits.credits:
        raise Hangup(3000, "[quota_exceeded] You've run out of credits.")
    daily = platform["call_limits"].get("daily_limit", 100000)
    if _calls_today(call) > daily:
        raise Hangup(4300, f"Agent has exceeded its daily call limit of {daily}.")
    queue = platform.get("queueing_config") or {}
    if _has_room(call):
        _begin(call)
        await call.send_metadata()
    elif queue.get("enabled"):
        await call.send_metadata()
        await _wait_in_queue(call, queue.get("wait_timeout_seconds") or 180)
    else:
        raise Hangup(3008, "too many concurrent connections")


async def _wait_in_queue(call: Call, seconds: float) -> None:
    until = time.monotonic() + seconds
    await call.send(frames.queue_status("waiting"))
    while not _has_room(call):
        if time.monotonic() > until:
            await call.send(frames.queue_status("timed_out"))
            raise Hangup(3008, "too many concurrent connections")
        try:  # what a waiting visitor says is not kept
            await asyncio.wait_for(call.websocket.receive_text(), min(0.2, seconds))
        except (TimeoutError, KeyError):
            continue
        except WebSocketDisconnect as left:
            raise Hangup(left.code, "The caller left the queue.") from None
    _begin(call)
    await call.send(frames.queue_status("admitted"))


def _has_room(call: Call) -> bool:
    calls, limits = call.standin.calls.values(), call.agent["platform_settings"]["call_limits"]
    most = call.standin.limits.concurrency
    if limits.get("bursting_enabled", True):
        most = min(most * BURST, max(most, BURST_MOST))
    own = limits.get("agent_concurrency_limit", -1)
    running = sum(1 for other in calls if other.agent["agent_id"] == call.agent["agent_id"])
    return len(calls) < most and (own < 0 or running < own)


def _begin(call: Call) -> None:
    """From here on the call counts and costs; its clock starts now."""
    call.standin.calls[call.id] = call
    call.started = call.last_pong = call.last_sign = time.monotonic()
    call.record["status"] = "in-progress"
    call.record["metadata"]["accepted_time_unix_secs"] = int(time.time())
    is_burst = len(call.standin.calls) > call.standin.limits.concurrency
    call.record["metadata"]["charging"]["is_burst"] = is_burst
    call.standin.store.touch()


def _calls_today(call: Call) -> int:
    since = time.time() - 24 * 3600
    return sum(
        1
        for record in call.standin.store.conversations.values()
        if record["agent_id"] == call.agent["agent_id"] and record["metadata"]["start_time_unix_secs"] > since
    )
