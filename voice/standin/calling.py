"""Calls that go out: an agent rings somebody up, and what that somebody does."""

from starlette.requests import Request
from starlette.responses import JSONResponse

from voice.standin import dialling
from voice.standin import validation as v
from voice.standin.errors import Hangup, not_found

NUMBER = r"^\+[1-9][0-9]{4,14}$"
RULES = {
    "agent_id": v.text(),
    "agent_phone_number_id": v.text(),
    "to_number": v.text(),
    "conversation_initiation_client_data": v.mapping,
}
CALLEE_RULES = {
    "number": v.text(pattern=NUMBER),
    "result": v.one_of("answered", "busy", "no_answer"),
    "say": v.sequence(50),
    "say.*": v.text(2000),
}
FAILED = {"busy": "The line is busy.", "no_answer": "Nobody answered."}


async def call_out(request: Request) -> JSONResponse:
    """POST /v1/convai/twilio/outbound-call: 200 also for a call that cannot be made; then `success` is false."""
    body, standin = await v.read_json(request), request.app.state.standin
    v.check(body, RULES, required=("agent_id", "agent_phone_number_id", "to_number"))
    agent = standin.store.agents.get(body["agent_id"])
    number = standin.store.phone_numbers.get(body["agent_phone_number_id"])
    if agent is None:
        raise not_found("Agent", body["agent_id"])
    if number is None:
        raise not_found("Phone number", body["agent_phone_number_id"])
    if not number["supports_outbound"]:
        return _told(False, "This phone number does not support outbound calls.")
    if v.text(pattern=NUMBER)(body["to_number"]):
        return _told(False, f"The phone number {body['to_number']} is not valid.")
    phone_call = dialling.describe(number, body["to_number"], "outbound")
    callee = standin.callees.get(body["to_number"]) or {"result": "answered", "say": []}

    async def ring(record):
        if callee["result"] in FAILED:
            phone_call["call_result"] = callee["result"]
            raise Hangup(1011, FAILED[callee["result"]], "no_answer")
        return {**(body.get("conversation_initiation_client_data") or {}), "source_info": {"source": "twilio"}}

    call, record = await dialling.connect(standin, agent, phone_call, ring)
    if call is not None:
        standin.later(dialling.converse(call, callee["say"], False))
    return _told(True, "Success", record["conversation_id"], phone_call["call_sid"])


async def set_callee(request: Request) -> JSONResponse:
    """POST /standin/callees: what a number does when it is called: {"number", "result": answered|busy|no_answer, "say": […]}."""
    body, standin = await v.read_json(request), request.app.state.standin
    v.check(body, CALLEE_RULES, required=("number",))
    standin.callees[body["number"]] = {"result": body.get("result") or "answered", "say": body.get("say") or []}
    return JSONResponse(standin.callees)


def _told(success: bool, message: str, conversation_id: str | None = None, call_sid: str | None = None) -> JSONResponse:
    return JSONResponse(
        {"success": success, "message": message, "conversation_id": conversation_id, "callSid": call_sid}
    )


ROUTES = [("POST", "/standin/callees", set_callee)]
