"""Tools over REST: what agents may call, and which agents use them."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from voice.standin import schemas
from voice.standin.errors import not_found, refused
from voice.standin.paging import cut_page, flag
from voice.standin.store import new_id
from voice.standin.validation import read_json

OWNER = {"is_creator": True, "creator_name": "Stand-in", "creator_email": "standin@localhost", "role": "admin"}


async def create(request: Request) -> JSONResponse:
    """POST /v1/convai/tools."""
    tool = add(request.app.state.standin.store, await read_json(request))
    return JSONResponse(describe(tool))


async def get(request: Request) -> JSONResponse:
    """GET /v1/convai/tools/{tool_id}."""
    return JSONResponse(describe(find(request)))


async def update(request: Request) -> JSONResponse:
    """PATCH /v1/convai/tools/{tool_id}: the whole `tool_config` is replaced."""
    tool, body = find(request), await read_json(request)
    store = request.app.state.standin.store
    tool["tool_config"] = schemas.complete_tool(body, store)
    tool["response_mocks"] = body.get("response_mocks") or []
    store.touch()
    return JSONResponse(describe(tool))


async def delete(request: Request) -> Response:
    """DELETE /v1/convai/tools/{tool_id}: refused while agents use it, unless `force` is given."""
    tool, store = find(request), request.app.state.standin.store
    users = users_of(store, tool["id"])
    if users and not flag(request.query_params, "force"):
        names = ", ".join(agent["name"] or agent["agent_id"] for agent in users)
        raise refused(400, "tool_in_use", f"Tool is used by agents: {names}. Use force=true to delete it anyway.")
    for agent in users:
        agent["conversation_config"]["agent"]["prompt"]["tool_ids"].remove(tool["id"])
    del store.tools[tool["id"]]
    store.touch()
    return Response(status_code=200)


async def list_tools(request: Request) -> JSONResponse:
    """GET /v1/convai/tools."""
    params, store = request.query_params, request.app.state.standin.store
    rows = [describe(tool) for tool in store.tools.values() if _fits(tool, params, store)]
    page, following = cut_page(rows, params)
    return JSONResponse({"tools": page, "next_cursor": following, "has_more": following is not None})


async def list_dependents(request: Request) -> JSONResponse:
    """GET /v1/convai/tools/{tool_id}/dependent-agents."""
    users = users_of(request.app.state.standin.store, find(request)["id"])
    page, following = cut_page([name_user(agent) for agent in users], request.query_params)
    return JSONResponse({"agents": page, "branches": [], "next_cursor": following, "has_more": following is not None})


def add(store, body: dict) -> dict:
    """Keep a new tool. Raises 422 for one that ElevenLabs would not take."""
    tool = {
        "id": new_id("tool"),
        "tool_config": schemas.complete_tool(body, store),
        "response_mocks": body.get("response_mocks") or [],
        "calls": 0,
        "seconds": 0.0,
    }
    store.tools[tool["id"]] = tool
    store.touch()
    return tool


def find(request: Request) -> dict:
    """The tool named in the path. Raises 404."""
    tool_id = request.path_params["tool_id"]
    tool = request.app.state.standin.store.tools.get(tool_id)
    if tool is None:
        raise not_found("Tool", tool_id)
    return tool


def users_of(store, tool_id: str) -> list[dict]:
    """The agents that have this tool."""
    return [a for a in store.agents.values() if tool_id in a["conversation_config"]["agent"]["prompt"]["tool_ids"]]


def name_user(agent: dict) -> dict:
    """An agent as lists of dependents name it."""
    return {
        "type": "available",
        "id": agent["agent_id"],
        "name": agent["name"],
        "created_at_unix_secs": agent["created"],
        "access_level": "admin",
        "referenced_resource_ids": [],
    }


def describe(tool: dict) -> dict:
    """The tool as every answer gives it."""
    calls = tool["calls"]
    return {
        "id": tool["id"],
        "tool_config": tool["tool_config"],
        "access_info": OWNER,
        "usage_stats": {"total_calls": calls, "avg_latency_secs": tool["seconds"] / calls if calls else 0.0},
        "response_mocks": tool["response_mocks"],
    }


def _fits(tool: dict, params, store) -> bool:
    config, kinds, user = tool["tool_config"], params.getlist("types"), params.get("used_by_agent_id")
    return (
        params.get("search", "").lower() in config["name"].lower()
        and (not kinds or config["type"] in kinds)
        and (not user or user in [agent["agent_id"] for agent in users_of(store, tool["id"])])
    )
