"""The stand-in's own addresses, under `/standin/`: faults, limits, what happened, what is going on."""

from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import JSONResponse

from voice.standin import faults, mishaps, sound, voices, webhooks
from voice.standin import validation as v
from voice.standin.errors import invalid, not_found

LIMIT_RULES = {
    "concurrency": v.number(0, whole=True),
    "credits": v.number(0, whole=True),
    "credits_used": v.number(0, whole=True),
    "requests": v.number(0, whole=True),
    "agents": v.number(0, whole=True),
}
UNLIMITED = ("requests", "agents")  # those that may be null: no limit
WEBHOOK_RULES = {
    "is_auto_disabled": v.boolean,
    "failures": v.number(0, whole=True),
    "last_success": v.number(0, whole=True),
    "most_recent_failure_error_code": v.number(100, 599, whole=True),
    "most_recent_failure_timestamp": v.number(0, whole=True),
}
CLOSE_RULES = {"code": v.number(1000, 4999, whole=True), "reason": v.text(123)}
EVENT_RULES = {"type": v.text(), "data": v.mapping, "chunked": v.boolean, "agent_id": v.text()}


async def show(request: Request) -> JSONResponse:
    """GET /standin/: what this is and how it is doing."""
    standin = request.app.state.standin
    counts = {name: len(getattr(standin.store, name)) for name in ("agents", "tools", "conversations", "webhooks")}
    notes = [*standin.notes, standin.recogniser.note]
    return JSONResponse({"stand-in": True, "notes": notes, "counts": counts, "live_calls": list(standin.calls)})


async def add_fault(request: Request) -> JSONResponse:
    """POST /standin/faults: one rule; see the README for what it may say."""
    fault = request.app.state.standin.faults.add(await v.read_json(request))
    return JSONResponse(asdict(fault), status_code=201)


async def list_faults(request: Request) -> JSONResponse:
    """GET /standin/faults."""
    return JSONResponse({"faults": request.app.state.standin.faults.as_json()})


async def remove_faults(request: Request) -> JSONResponse:
    """DELETE /standin/faults, or /standin/faults/{fault_id} for one."""
    request.app.state.standin.faults.remove(request.path_params.get("fault_id"))
    return await list_faults(request)


async def list_requests(request: Request) -> JSONResponse:
    """GET /standin/requests: the latest requests, oldest first; `?path=` keeps those that begin with it."""
    begins = request.query_params.get("path", "")
    rows = [row for row in request.app.state.standin.requests if row["path"].startswith(begins)]
    return JSONResponse({"requests": rows})


async def forget_requests(request: Request) -> JSONResponse:
    """DELETE /standin/requests."""
    request.app.state.standin.requests.clear()
    return JSONResponse({"requests": []})


async def list_deliveries(request: Request) -> JSONResponse:
    """GET /standin/deliveries: webhook events with every attempt."""
    return JSONResponse({"deliveries": list(request.app.state.standin.deliveries.log)})


async def send_event(request: Request) -> JSONResponse:
    """POST /standin/deliveries: send any event, signed, to the workspace's (or an agent's) webhook."""
    body, standin = await v.read_json(request), request.app.state.standin
    v.check(body, EVENT_RULES, required=("type", "data"))
    agent_id = body.get("agent_id") or body["data"].get("agent_id") or ""
    webhook, _settings = webhooks.chosen_for(standin.store.agents.get(agent_id), standin.store)
    if webhook is None:
        raise invalid(
            (("body", "agent_id"), "value_error", "Neither this agent nor the workspace has a post-call webhook")
        )
    delivery = standin.deliveries.post(webhook, body["type"], body["data"], chunked=bool(body.get("chunked")))
    return JSONResponse(delivery or {"state": "not sent: the webhook is switched off"}, status_code=202)


async def resend(request: Request) -> JSONResponse:
    """POST /standin/deliveries/{delivery_id}/resend: the same bytes once more."""
    delivery_id = request.path_params["delivery_id"]
    if not request.app.state.standin.deliveries.resend(delivery_id):
        raise not_found("Delivery", delivery_id)
    return JSONResponse({}, status_code=202)


async def change_webhook(request: Request) -> JSONResponse:
    """PATCH /standin/webhooks/{webhook_id}: what only time would bring, such as `is_auto_disabled`."""
    body, webhook = await v.read_json(request), webhooks.find(request)
    v.check(body, WEBHOOK_RULES)
    webhook.update({name: body[name] for name in WEBHOOK_RULES if name in body})
    request.app.state.standin.store.touch()
    return JSONResponse({name: webhook[name] for name in WEBHOOK_RULES})


async def show_limits(request: Request) -> JSONResponse:
    """GET /standin/limits."""
    return JSONResponse(asdict(request.app.state.standin.limits))


async def change_limits(request: Request) -> JSONResponse:
    """PATCH /standin/limits: concurrency, credits, credits_used, requests, agents."""
    body, limits = await v.read_json(request), request.app.state.standin.limits
    v.check(body, LIMIT_RULES)
    for name in LIMIT_RULES:
        if body.get(name) is not None or (name in body and name in UNLIMITED):
            setattr(limits, name, body[name])
    return await show_limits(request)


async def list_calls(request: Request) -> JSONResponse:
    """GET /standin/calls: calls under way, with what was said so far."""
    calls = [
        {
            "conversation_id": call.id,
            "agent_id": call.agent["agent_id"],
            "seconds": round(call.seconds, 1),
            "text_only": call.text_only,
            "contexts": call.contexts,
            "transcript": call.record["transcript"],
        }
        for call in request.app.state.standin.calls.values()
    ]
    return JSONResponse({"calls": calls})


async def close_call(request: Request) -> JSONResponse:
    """POST /standin/calls/{conversation_id}/close: end it with this code and reason (default 1000)."""
    call, body = _call(request), await v.read_json(request) if await request.body() else {}
    v.check(body, CLOSE_RULES)
    call.hang_up(body.get("code") or 1000, body.get("reason") or "", body.get("reason") or "Closed by hand")
    return JSONResponse({})


async def drop_call(request: Request) -> JSONResponse:
    """POST /standin/calls/{conversation_id}/drop: reset its connection."""
    faults.cut(_call(request).websocket.scope["client"])
    return JSONResponse({})


async def fail_call(request: Request) -> JSONResponse:
    """POST /standin/calls/{conversation_id}/fail: let this one call meet a fault now, as a rule `on` the websocket says it."""
    call, body = _call(request), await v.read_json(request)
    fault = faults.read({**body, "on": "websocket"})
    if fault.do not in mishaps.IN_MID_CALL:
        message = f"Input should be one of {', '.join(mishaps.IN_MID_CALL)}"
        raise invalid((("body", "do"), "enum", message))
    request.app.state.standin.later(mishaps.happen(fault, call))
    return JSONResponse(asdict(fault), status_code=202)


async def hear(request: Request) -> JSONResponse:
    """POST /standin/hear with a WAV as the body: which sentence is understood, or null."""
    try:
        pcm = sound.read_wav(await request.body())
    except (sound.wave.Error, EOFError) as problem:
        raise invalid((("body",), "value_error", f"Send a 16 bit WAV file ({problem})")) from None
    return JSONResponse({"text": await request.app.state.standin.recogniser.recognise(pcm)})


async def reset(request: Request) -> JSONResponse:
    """POST /standin/reset: forget agents, tools, conversations, faults and logs."""
    request.app.state.standin.reset()
    return JSONResponse({})


def _call(request: Request):
    conversation_id = request.path_params["conversation_id"]
    call = request.app.state.standin.calls.get(conversation_id)
    if call is None:
        raise not_found("Call", conversation_id)
    return call


ROUTES = [
    ("GET", "/standin/", show),
    ("GET", "/standin/faults", list_faults),
    ("POST", "/standin/faults", add_fault),
    ("DELETE", "/standin/faults", remove_faults),
    ("DELETE", "/standin/faults/{fault_id}", remove_faults),
    ("GET", "/standin/requests", list_requests),
    ("DELETE", "/standin/requests", forget_requests),
    ("GET", "/standin/deliveries", list_deliveries),
    ("POST", "/standin/deliveries", send_event),
    ("POST", "/standin/deliveries/{delivery_id}/resend", resend),
    ("PATCH", "/standin/webhooks/{webhook_id}", change_webhook),
    ("GET", "/standin/limits", show_limits),
    ("PATCH", "/standin/limits", change_limits),
    ("GET", "/standin/calls", list_calls),
    ("POST", "/standin/calls/{conversation_id}/close", close_call),
    ("POST", "/standin/calls/{conversation_id}/drop", drop_call),
    ("POST", "/standin/calls/{conversation_id}/fail", fail_call),
    ("POST", "/standin/hear", hear),
    ("POST", "/standin/reset", reset),
    ("GET", "/standin/voices/{voice_id}/sample.wav", voices.play_sample),
]
