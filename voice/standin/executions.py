"""What became of each call of a tool, read from the conversations on record."""

from starlette.requests import Request
from starlette.responses import JSONResponse

from voice.standin import tools
from voice.standin.errors import invalid
from voice.standin.paging import cut_page, flag


async def list_executions(request: Request) -> JSONResponse:
    """GET /v1/convai/tools/{tool_id}/executions, latest first."""
    tool_id, params = tools.find(request)["id"], request.query_params
    began, ended = _moment(params, "start_time"), _moment(params, "end_time")
    is_error, records = flag(params, "is_error"), request.app.state.standin.store.conversations.values()
    rows = [
        row
        for record in records
        for row in _executions(record, tool_id)
        if params.get("agent_id") in (None, row["agent_id"])
        and params.get("branch_id") in (None, row["branch_id"])
        and is_error in (None, row["is_error"])
        and (began is None or row["timestamp"] >= began)
        and (ended is None or row["timestamp"] <= ended)
    ]
    rows.sort(key=lambda row: (row["timestamp"], row["id"]), reverse=True)
    page, following = cut_page(rows, params)
    return JSONResponse({"executions": page, "next_cursor": following, "has_more": following is not None})


def _executions(record: dict, tool_id: str):
    for turn in record["transcript"]:
        for call, result in zip(turn["tool_calls"], turn["tool_results"], strict=False):
            if call["tool_id"] == tool_id:
                yield _describe(record, turn, call, result)


def _describe(record: dict, turn: dict, call: dict, result: dict) -> dict:
    return {
        "id": f"{record['conversation_id']}:{call['request_id']}",
        "tool_id": call["tool_id"],
        "tool_request_id": call["request_id"],
        "conversation_id": record["conversation_id"],
        "agent_id": record["agent_id"],
        "branch_id": record["branch_id"],
        "timestamp": turn["created_at_unix_ms"] / 1000,
        "latency_secs": result["tool_latency_secs"],
        "is_error": result["is_error"],
        "request_payload": call["params_as_json"],
        "response_payload": result["result_value"],
        "error_message": result["raw_error_message"],
        "error_type": result["error_type"],
        "tool_call_details": call["tool_details"],
    }


def _moment(params, name: str) -> float | None:
    value = params.get(name)
    try:
        return None if value is None else float(value)
    except ValueError:
        raise invalid((("query", name), "float_parsing", "Input should be a valid number")) from None
