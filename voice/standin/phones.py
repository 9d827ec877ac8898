"""Phone numbers over REST: imported, listed both ways, given to an agent, let go."""

from starlette.requests import Request
from starlette.responses import JSONResponse

from voice.standin import validation as v
from voice.standin.errors import invalid, not_found, refused
from voice.standin.paging import cut_page, flag
from voice.standin.store import new_id

PROVIDERS = ("twilio", "sip_trunk", "exotel")
RULES = {
    "provider": v.one_of(*PROVIDERS),
    "phone_number": v.text(pattern=r"^\+?[0-9]{2,20}$"),
    "label": v.text(),
    "sid": v.text(),
    "token": v.text(),
    "agent_id": v.text(),
    "supports_inbound": v.boolean,
    "supports_outbound": v.boolean,
    "environment": v.text(),
    "branch_id": v.text(),
}
REQUIRED = {"twilio": ("sid", "token")}


async def create(request: Request) -> JSONResponse:
    """POST /v1/convai/phone-numbers: import a number from Twilio, a SIP trunk or Exotel."""
    body, store = await v.read_json(request), request.app.state.standin.store
    provider = body.get("provider") or "twilio"
    v.check(body, RULES, required=("phone_number", "label", *REQUIRED.get(provider, ())))
    if any(number["phone_number"] == body["phone_number"] for number in store.phone_numbers.values()):
        raise refused(400, "phone_number_already_exists", "This phone number is imported already.")
    number = {
        "phone_number_id": new_id("phnum"),
        "provider": provider,
        "phone_number": body["phone_number"],
        "label": body["label"],
        "agent_id": _known_agent(store, body.get("agent_id")),
        "supports_inbound": body.get("supports_inbound", True),
        "supports_outbound": body.get("supports_outbound", True),
        "sid": body.get("sid") or "",  # the token is taken and forgotten: nothing here could use it
    }
    store.phone_numbers[number["phone_number_id"]] = number
    store.touch()
    return JSONResponse({"phone_number_id": number["phone_number_id"]})


async def list_all(request: Request) -> JSONResponse:
    """GET /v1/convai/phone-numbers: all of them, as an array."""
    return JSONResponse([describe(number, _store(request)) for number in _chosen(request)])


async def list_pages(request: Request) -> JSONResponse:
    """GET /v1/convai/v2/phone-numbers: a page of them."""
    params, rows = request.query_params, _chosen(request)
    key = params.get("sort_by") or "phone_number"
    if key not in ("label", "phone_number"):
        raise invalid((("query", "sort_by"), "literal_error", "Input should be 'label' or 'phone_number'"))
    rows.sort(key=lambda number: number[key], reverse=params.get("sort_direction") == "desc")
    page, following = cut_page([describe(number, _store(request)) for number in rows], params)
    return JSONResponse({"phone_numbers": page, "next_cursor": following, "has_more": following is not None})


async def get(request: Request) -> JSONResponse:
    """GET /v1/convai/phone-numbers/{phone_number_id}."""
    return JSONResponse(describe(_find(request), _store(request)))


async def update(request: Request) -> JSONResponse:
    """PATCH /v1/convai/phone-numbers/{phone_number_id}: another agent, none (null), or another label."""
    number, body, store = _find(request), await v.read_json(request), _store(request)
    v.check(body, RULES)
    if "agent_id" in body:
        number["agent_id"] = _known_agent(store, body["agent_id"])
    if body.get("label") is not None:
        number["label"] = body["label"]
    store.touch()
    return JSONResponse(describe(number, store))


async def delete(request: Request) -> JSONResponse:
    """DELETE /v1/convai/phone-numbers/{phone_number_id}."""
    number, store = _find(request), _store(request)
    del store.phone_numbers[number["phone_number_id"]]
    store.touch()
    return JSONResponse({})


def describe(number: dict, store) -> dict:
    """The number as every answer gives it; an agent that is gone answers nothing any more."""
    agent = store.agents.get(number["agent_id"] or "")
    assigned = agent and {
        "agent_id": agent["agent_id"],
        "agent_name": agent["name"],
        "environment": "production",
        "branch_id": agent["branch_id"],
    }
    shown = ("phone_number_id", "provider", "phone_number", "label", "supports_inbound", "supports_outbound")
    trunk = {"livekit_stack": "standard"} if number["provider"] == "sip_trunk" else {}
    return {**{key: number[key] for key in shown}, "assigned_agent": assigned, **trunk}


def of_agent(store, agent_id: str) -> list[dict]:
    """The numbers that an agent answers."""
    return [describe(number, store) for number in store.phone_numbers.values() if number["agent_id"] == agent_id]


def dialled(store, text: str) -> dict | None:
    """The number somebody dialled, or None."""
    return next((number for number in store.phone_numbers.values() if number["phone_number"] == text), None)


def _store(request: Request):
    return request.app.state.standin.store


def _find(request: Request) -> dict:
    number_id = request.path_params["phone_number_id"]
    number = _store(request).phone_numbers.get(number_id)
    if number is None:
        raise not_found("Phone number", number_id)
    return number


def _known_agent(store, agent_id: str | None) -> str | None:
    if agent_id and agent_id not in store.agents:
        raise not_found("Agent", agent_id)
    return agent_id or None


def _chosen(request: Request) -> list[dict]:
    params = request.query_params
    search, label = params.get("search", "").lower(), params.get("label", "").lower()
    outbound = flag(params, "supports_outbound")
    return [
        number
        for number in _store(request).phone_numbers.values()
        if params.get("provider") in (None, number["provider"])
        and params.get("agent_id") in (None, number["agent_id"])
        and params.get("phone_number") in (None, number["phone_number"])
        and outbound in (None, number["supports_outbound"])
        and label in number["label"].lower()
        and (search in f"{number['label']} {number['phone_number']}".lower() or search == number["phone_number_id"])
    ]
