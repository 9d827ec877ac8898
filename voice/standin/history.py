"""Conversations put on record without anybody talking, so that a lost day can be made."""

import time

from starlette.requests import Request
from starlette.responses import JSONResponse

from voice.standin import analysis, records
from voice.standin import validation as v
from voice.standin.errors import not_found
from voice.standin.store import new_id

RULES = {
    "agent_id": v.text(),
    "conversation_id": v.text(pattern=r"^\w+$"),
    "start_time_unix_secs": v.number(0, whole=True),
    "call_duration_secs": v.number(0),
    "status": v.one_of(*records.STATUSES),
    "user_id": v.text(),
    "dynamic_variables": v.mapping,
    "source": v.one_of(*records.SOURCES),
    "text_only": v.boolean,
    "termination_reason": v.text(),
    "error": v.mapping,
    "error.code": v.number(whole=True),
    "error.reason": v.text(),
    "report": v.boolean,
    "transcript": v.sequence(),
    "transcript.*": v.mapping,
    "transcript.*.role": v.one_of("user", "agent"),
    "transcript.*.message": v.text(),
    "transcript.*.time_in_call_secs": v.number(0),
    "transcript.*.tool_calls": v.sequence(),
    "transcript.*.tool_calls.*": v.mapping,
    "transcript.*.tool_calls.*.tool_name": v.text(),
    "transcript.*.tool_results": v.sequence(),
    "transcript.*.tool_results.*": v.mapping,
    "transcript.*.tool_results.*.tool_name": v.text(),
}
CALL = {
    "type": "webhook",
    "request_id": "tlcal_1",
    "tool_name": "",
    "tool_id": None,
    "params_as_json": "{}",
    "tool_has_been_called": True,
    "tool_details": None,
}
RESULT = {
    "request_id": "tlcal_1",
    "tool_name": "",
    "tool_id": None,
    "result_value": "",
    "is_error": False,
    "is_blocked": False,
    "tool_has_been_called": True,
    "tool_latency_secs": 0.0,
    "error_type": None,
    "raw_error_message": None,
    "dynamic_variable_updates": [],
    "type": "webhook",
}


async def put_on_record(request: Request) -> JSONResponse:
    """POST /standin/conversations: a record as if this call had taken place; the same id again replaces it.

    Needs `agent_id`; everything else has a default: it began as long ago as it lasted, it is done, nothing was said.
    Nothing is reported, as when every webhook was lost, unless `report` is true.
    """
    body, standin = await v.read_json(request), request.app.state.standin
    v.check(body, RULES, required=("agent_id",))
    agent = standin.store.agents.get(body["agent_id"])
    if agent is None:
        raise not_found("Agent", body["agent_id"])
    record = remember(standin.store, agent, body)
    if body.get("report"):
        analysis.report(standin, record, agent)
    return JSONResponse(records.describe(record), status_code=201)


def remember(store, agent: dict, told: dict) -> dict:
    """Make and keep the record that `told` describes."""
    init = {key: told[key] for key in ("user_id", "dynamic_variables") if told.get(key)}
    init["source_info"] = {"source": told.get("source") or "js_sdk"}
    record = records.start(told.get("conversation_id") or new_id("conv"), agent, "signed_url", init)
    for turn in told.get("transcript") or []:
        _say(record, turn)
    seconds = told.get("call_duration_secs")
    seconds = (
        2 + max((turn["time_in_call_secs"] for turn in record["transcript"]), default=0) if seconds is None else seconds
    )
    _date(record, told, seconds)
    _close(record, told, seconds, agent["platform_settings"])
    store.conversations.pop(record["conversation_id"], None)
    store.conversations[record["conversation_id"]] = record
    store.touch()
    return record


def _say(record: dict, turn: dict) -> None:
    """One turn; whatever a turn of the real record may hold besides (metrics, feedback) is taken as it is."""
    number, own = len(record["transcript"]) + 1, ("role", "message", "time_in_call_secs")
    more = {key: value for key, value in turn.items() if key not in own and value is not None}
    for name, whole in (("tool_calls", CALL), ("tool_results", RESULT)):
        more[name] = [{**whole, **given} for given in more.get(name) or []]
    seconds = turn.get("time_in_call_secs")
    seconds = 2 * number if seconds is None else seconds
    records.add_turn(record, turn.get("role") or "user", turn.get("message"), number, seconds, **more)


def _date(record: dict, told: dict, seconds: float) -> None:
    began = told.get("start_time_unix_secs")
    began = int(time.time() - seconds) if began is None else began
    record["metadata"].update(
        start_time_unix_secs=began, accepted_time_unix_secs=began, text_only=bool(told.get("text_only"))
    )
    for turn in record["transcript"]:
        turn["created_at_unix_ms"] = (began + turn["time_in_call_secs"]) * 1000


def _close(record: dict, told: dict, seconds: float, settings: dict) -> None:
    """Bring the record as far as its status says."""
    status, error = told.get("status") or ("failed" if told.get("error") else "done"), told.get("error")
    if status not in records.LIVE:
        records.end(record, seconds, told.get("termination_reason") or "Call ended by remote party", error)
    if status in records.OVER:
        record["analysis"] = analysis.judge(record, settings)
    record["status"] = status


ROUTES = [("POST", "/standin/conversations", put_on_record)]
