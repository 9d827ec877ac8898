"""Running tools in the middle of a call: the frames around them and what the transcript keeps."""

import asyncio
import json
import logging
import time

from voice.standin import frames, records, results, toolcalls, variables
from voice.standin.store import new_id
from voice.standin.toolcalls import Outcome

logger = logging.getLogger("standin")


async def run_webhook(call, tool: dict, question: str, event_id: int) -> tuple[Outcome, object]:
    """Call a webhook tool; gives the outcome and the (filtered) result the agent may speak of."""
    config, call_id = tool["tool_config"], new_id("tlcal")
    values = {**call.variables, **variables.system(call)}
    outgoing = toolcalls.build(config, question, values, call.standin.store.secrets)
    details = outgoing.as_details(toolcalls.hidden_headers(config))
    note = _open(call, tool, "webhook", call_id, event_id, outgoing.body or json.dumps(outgoing.query), details)
    await call.send(frames.tool_request(config["name"], call_id, "webhook", event_id))
    try:
        outcome = _mock(call, tool) or await toolcalls.send(outgoing, config["response_timeout_secs"])
    except asyncio.CancelledError:
        _close(note, Outcome("", True, 0.0, "unknown", "The visitor interrupted."), "")
        await call.send(frames.tool_response(config["name"], call_id, "webhook", event_id, is_error=True))
        raise
    logger.info("A tool call took %d ms: %s", outcome.seconds * 1000, outcome.error_type or "answered")
    tool["calls"] += 1
    tool["seconds"] += outcome.seconds
    result = (
        "" if outcome.is_error else results.filter_result(outcome.text, config["api_schema"].get("response_filter"))
    )
    shown = result if isinstance(result, str) else json.dumps(result, ensure_ascii=False)
    turn = _close(note, outcome, shown)
    if not outcome.is_error:
        turn["tool_results"][0]["dynamic_variable_updates"] = _assign(call, config, outcome.text, call_id)
    response = frames.tool_response(config["name"], call_id, "webhook", event_id, outcome.is_error)
    await call.send(response)
    await call.send(frames.tool_payload(response, shown))
    return outcome, result


async def run_client(call, tool: dict, question: str, event_id: int) -> Outcome:
    """Ask the client to run its tool; waits for the answer only when the tool expects one."""
    config, call_id = tool["tool_config"], new_id("tlcal")
    values = {**call.variables, **variables.system(call)}
    parameters = results.fill_schema(config.get("parameters"), question, values) or {}
    expects = bool(config.get("expects_response"))
    details = {"type": "client", "parameters": json.dumps(parameters)}
    note = _open(call, tool, "client", call_id, event_id, json.dumps(parameters), details)
    answer = call.expect_result(call_id) if expects else None
    started = time.monotonic()
    await call.send(frames.client_tool_call(config["name"], call_id, parameters, event_id, expects))
    if answer is None:
        outcome = Outcome("", False, 0.0)
    else:
        outcome = await _wait_for(answer, config["response_timeout_secs"], started)
    tool["calls"] += 1
    tool["seconds"] += outcome.seconds
    _close(note, outcome, outcome.text)
    return outcome


async def end_call(call, event_id: int) -> None:
    """The built-in tool that hangs up: the transcript's note and the frame that tells the client."""
    call_id, tool = new_id("tlcal"), {"id": None, "tool_config": {"name": "end_call"}}
    note = _open(call, tool, "system", call_id, event_id, json.dumps({"reason": "The visitor said goodbye."}), None)
    _close(note, Outcome('{"status": "success"}', False, 0.0), '{"status": "success"}')
    await call.send(frames.tool_response("end_call", call_id, "system", event_id))


async def _wait_for(answer: asyncio.Future, seconds: float, started: float) -> Outcome:
    try:
        message = await asyncio.wait_for(answer, seconds)
    except TimeoutError:
        problem = f"The client did not answer within {seconds:g} seconds."
        return Outcome("", True, time.monotonic() - started, "client_timeout", problem)
    result = message.get("result")
    text = result if isinstance(result, str) else json.dumps(result)
    is_error = bool(message.get("is_error"))
    kind = str(message.get("error_type") or "external_client") if is_error else ""
    return Outcome(text, is_error, time.monotonic() - started, kind, text if is_error else "")


def _mock(call, tool: dict) -> Outcome | None:
    """A canned outcome when the client asked for tool mocks (`tool_mock_config`)."""
    config, name = call.tool_mocks, tool["tool_config"]["name"]
    strategy = config.get("mocking_strategy", "none")
    if strategy != "all" and not (strategy == "selected" and name in (config.get("mocked_tool_names") or [])):
        return None
    if tool["response_mocks"]:
        mock = tool["response_mocks"][0]
        return Outcome(str(mock.get("mock_result", "")), bool(mock.get("is_error")), 0.0)
    if config.get("fallback_strategy") == "call_real_tool":
        return None
    return Outcome("", True, 0.0, "customer_config", f"No mock is defined for the tool {name}.")


def _assign(call, config: dict, text: str, call_id: str) -> list[dict]:
    """Set the variables that the tool's `assignments` read from its answer."""
    updates = []
    for rule in config.get("assignments") or []:
        value = results.read_path(results.filter_result(text, None), rule.get("value_path", ""))
        name = rule.get("dynamic_variable", "")
        if value is None or not name or name.startswith("system__"):
            continue
        keep = rule.get("preserve_native_type") or isinstance(value, (str, int, float, bool))
        old, call.variables[name] = call.variables.get(name), value if keep else json.dumps(value)
        updates.append(
            {
                "variable_name": name,
                "old_value": None if old is None else str(old),
                "new_value": str(call.variables[name]),
                "updated_at": time.time(),
                "tool_name": config["name"],
                "tool_request_id": call_id,
            }
        )
    return updates


def _open(call, tool: dict, kind: str, call_id: str, event_id: int, parameters: str, details: dict | None) -> dict:
    noted = {
        "type": kind,
        "request_id": call_id,
        "tool_name": tool["tool_config"]["name"],
        "tool_id": tool["id"],
        "params_as_json": parameters,
        "tool_has_been_called": True,
        "tool_details": details,
    }
    return records.add_turn(call.record, "agent", None, event_id, call.seconds, tool_calls=[noted])


def _close(turn: dict, outcome: Outcome, shown: str) -> dict:
    noted = turn["tool_calls"][0]
    turn["tool_results"] = [
        {
            "request_id": noted["request_id"],
            "tool_name": noted["tool_name"],
            "tool_id": noted["tool_id"],
            "result_value": shown,
            "is_error": outcome.is_error,
            "is_blocked": False,
            "tool_has_been_called": True,
            "tool_latency_secs": round(outcome.seconds, 4),
            "error_type": outcome.error_type or None,
            "raw_error_message": outcome.problem or None,
            "dynamic_variable_updates": [],
            "type": noted["type"],
        }
    ]
    return turn
