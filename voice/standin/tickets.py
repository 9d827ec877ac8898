"""Permission to open a conversation: signed URLs, and the token that this stand-in has none of."""

import secrets
import time

from starlette.requests import Request
from starlette.responses import JSONResponse

from voice.standin.errors import Hangup, not_found, refused
from voice.standin.paging import flag
from voice.standin.store import new_id

VALID_SECONDS = 15 * 60


async def sign_url(request: Request) -> JSONResponse:
    """GET /v1/convai/conversation/get-signed-url: an address to open within 15 minutes.

    With `include_conversation_id` it names the conversation to come and works once.
    """
    agent = _agent_asked_for(request)
    standin = request.app.state.standin
    _forget_expired(standin.store)
    signature = "cvtkn_" + secrets.token_urlsafe(32)
    once = bool(flag(request.query_params, "include_conversation_id"))
    ticket = {
        "agent_id": agent["agent_id"],
        "expires": time.time() + VALID_SECONDS,
        "used": False,
        "conversation_id": None,
    }
    address = standin.address(request).replace("http", "ws", 1)
    url = f"{address}/v1/convai/conversation?agent_id={agent['agent_id']}&conversation_signature={signature}"
    if once:
        ticket["conversation_id"] = new_id("conv")
        url += f"&conversation_id={ticket['conversation_id']}"
    standin.store.tickets[signature] = ticket
    standin.store.touch()
    return JSONResponse({"signed_url": url}, headers={"Cache-Control": "no-store"})


async def refuse_token(request: Request) -> JSONResponse:
    """GET /v1/convai/conversation/token: always refused, at once, so that a WebRTC attempt fails where it can be seen."""
    agent = _agent_asked_for(request)
    key = request.headers.get("xi-api-key")
    if not key and agent["platform_settings"]["auth"]["enable_auth"]:
        raise refused(401, "needs_authorization", "This agent requires authorization: ask for a signed URL.")
    raise refused(404, "webrtc_not_available", "The stand-in has no LiveKit server: use a signed URL (WebSocket).")


def redeem(store, query) -> tuple[dict, str, str]:
    """(agent, conversation id, how it was authorised) for a connection's query. Raises Hangup 3000 with the reason."""
    signature = query.get("conversation_signature") or query.get("token")
    if not signature:
        agent = store.agents.get(query.get("agent_id") or "")
        if agent is None:
            raise Hangup(3000, "The AI agent you are trying to reach does not exist.")
        if agent["platform_settings"]["auth"]["enable_auth"]:
            raise Hangup(3000, "This agent requires authorization: connect with a signed URL.")
        return agent, new_id("conv"), "public"
    ticket = store.tickets.get(signature)
    if ticket is None or query.get("agent_id") not in (None, ticket["agent_id"]):
        raise Hangup(3000, "The conversation signature is not valid.")
    if ticket["conversation_id"] and query.get("conversation_id") not in (None, ticket["conversation_id"]):
        raise Hangup(3000, "The conversation signature is not valid.")
    if ticket["expires"] < time.time():
        raise Hangup(3000, "The conversation signature has expired.")
    if ticket["used"] and ticket["conversation_id"]:
        raise Hangup(3000, "The conversation signature has already been used.")
    agent = store.agents.get(ticket["agent_id"])
    if agent is None:
        raise Hangup(3000, "The AI agent you are trying to reach does not exist.")
    ticket["used"] = True
    store.touch()
    return agent, ticket["conversation_id"] or new_id("conv"), "signed_url"


def _agent_asked_for(request: Request) -> dict:
    agent_id = request.query_params.get("agent_id", "")
    agent = request.app.state.standin.store.agents.get(agent_id)
    if agent is None:
        raise not_found("Agent", agent_id)
    return agent


def _forget_expired(store) -> None:
    now = time.time()
    for signature in [key for key, ticket in store.tickets.items() if ticket["expires"] < now - VALID_SECONDS]:
        del store.tickets[signature]
