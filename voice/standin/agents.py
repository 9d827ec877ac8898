"""Agents over REST: create, get, update, delete, list, duplicate, link."""

import copy
import time

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from voice.standin import definitions, phones, tools
from voice.standin.errors import not_found, refused
from voice.standin.paging import cut_page, flag, words
from voice.standin.store import new_id
from voice.standin.validation import read_json

SORTED_BY = {
    "created_at": "created_at_unix_secs",
    "updated_at": "updated_at_unix_secs",
    "name": "name",
    "call_count_7d": "created_at_unix_secs",
}


async def create(request: Request) -> JSONResponse:
    """POST /v1/convai/agents/create."""
    body = await read_json(request)
    definitions.check_shape(body, required=("conversation_config",))
    store, most = request.app.state.standin.store, request.app.state.standin.limits.agents
    if most is not None and len(store.agents) >= most:
        raise refused(422, "quota_exceeded", f"You have reached the maximum of {most} agents of your subscription.")
    agent = add(store, body)
    ids = {"agent_id": agent["agent_id"], "main_branch_id": agent["branch_id"]}
    return JSONResponse({**ids, "initial_version_id": agent["version_id"]})


async def get(request: Request) -> JSONResponse:
    """GET /v1/convai/agents/{agent_id}."""
    return JSONResponse(describe(find(request), request.app.state.standin.store))


async def update(request: Request) -> JSONResponse:
    """PATCH /v1/convai/agents/{agent_id}: what is given is merged in, the whole agent comes back."""
    agent, body = find(request), await read_json(request)
    definitions.check_shape(body)
    store = request.app.state.standin.store
    changed = definitions.merge(
        agent, {key: body[key] for key in ("conversation_config", "platform_settings") if body.get(key)}
    )
    _take_inline_tools(store, changed)
    definitions.check_meaning(changed, store)
    for key in ("name", "tags", "workflow"):
        if body.get(key) is not None:
            changed[key] = body[key]
    changed["updated"] = int(time.time())
    changed["version_id"] = new_id("agtvrsn")
    store.agents[agent["agent_id"]] = changed
    store.touch()
    return JSONResponse(describe(changed, store))


async def delete(request: Request) -> Response:
    """DELETE /v1/convai/agents/{agent_id}."""
    agent, store = find(request), request.app.state.standin.store
    del store.agents[agent["agent_id"]]
    store.touch()
    return Response(status_code=200)


async def list_agents(request: Request) -> JSONResponse:
    """GET /v1/convai/agents."""
    params, store = request.query_params, request.app.state.standin.store
    rows = [_summarise(agent, store) for agent in store.agents.values() if _fits(agent, params)]
    key = SORTED_BY[(words(params, "sort_by", tuple(SORTED_BY)) or ["created_at"])[0]]
    rows.sort(key=lambda row: row[key], reverse="asc" not in words(params, "sort_direction", ("asc", "desc")))
    page, following = cut_page(rows, params)
    return JSONResponse({"agents": page, "next_cursor": following, "has_more": following is not None})


async def duplicate(request: Request) -> JSONResponse:
    """POST /v1/convai/agents/{agent_id}/duplicate."""
    agent = find(request)
    body = await read_json(request) if await request.body() else {}
    twin = add(request.app.state.standin.store, {**agent, "name": body.get("name") or f"{agent['name']} (copy)"})
    return JSONResponse({"agent_id": twin["agent_id"]})


async def link(request: Request) -> JSONResponse:
    """GET /v1/convai/agents/{agent_id}/link."""
    return JSONResponse({"agent_id": find(request)["agent_id"], "token": None})


def add(store, body: dict) -> dict:
    """Keep a new agent made from a checked body. Raises what `check_meaning` raises."""
    now = int(time.time())
    agent = definitions.complete(body)
    _take_inline_tools(store, agent)
    definitions.check_meaning(agent, store)
    agent |= {
        "agent_id": new_id("agent"),
        "name": body.get("name") or "",
        "tags": list(body.get("tags") or []),
        "workflow": body.get("workflow"),
        "created": now,
        "updated": now,
        "version_id": new_id("agtvrsn"),
        "branch_id": new_id("agtbrch"),
    }
    store.agents[agent["agent_id"]] = agent
    store.touch()
    return agent


def find(request: Request) -> dict:
    """The agent named in the path. Raises 404."""
    agent_id = request.path_params["agent_id"]
    agent = request.app.state.standin.store.agents.get(agent_id)
    if agent is None:
        raise not_found("Agent", agent_id)
    return agent


def describe(agent: dict, store) -> dict:
    """The agent as GET and PATCH give it."""
    return {
        "agent_id": agent["agent_id"],
        "name": agent["name"],
        "conversation_config": agent["conversation_config"],
        "metadata": {"created_at_unix_secs": agent["created"], "updated_at_unix_secs": agent["updated"]},
        "platform_settings": agent["platform_settings"],
        "phone_numbers": phones.of_agent(store, agent["agent_id"]),
        "whatsapp_accounts": [],
        "workflow": agent.get("workflow") or {"edges": {}, "nodes": {}, "prevent_subagent_loops": False},
        "access_info": tools.OWNER,
        "tags": agent["tags"],
        "version_id": agent["version_id"],
        "branch_id": agent["branch_id"],
        "main_branch_id": agent["branch_id"],
    }


def _take_inline_tools(store, agent: dict) -> None:
    """Turn the deprecated inline `prompt.tools` into stored tools, as ElevenLabs' migration does."""
    prompt = agent["conversation_config"]["agent"]["prompt"]
    inline = prompt.pop("tools", None) or []
    if inline:
        prompt["tool_ids"] = [tools.add(store, {"tool_config": copy.deepcopy(config)})["id"] for config in inline]


def _fits(agent: dict, params) -> bool:
    archived, tags = flag(params, "archived"), params.getlist("tags")
    return (
        params.get("search", "").lower() in agent["name"].lower()
        and all(tag in agent["tags"] for tag in tags)
        and archived in (None, bool(agent["platform_settings"].get("archived")))
    )


def _summarise(agent: dict, store) -> dict:
    calls = [
        c["metadata"]["start_time_unix_secs"]
        for c in store.conversations.values()
        if c["agent_id"] == agent["agent_id"]
    ]
    return {
        "agent_id": agent["agent_id"],
        "name": agent["name"],
        "voice_id": agent["conversation_config"]["tts"]["voice_id"],
        "tags": agent["tags"],
        "created_at_unix_secs": agent["created"],
        "updated_at_unix_secs": agent["updated"],
        "access_info": tools.OWNER,
        "last_call_time_unix_secs": max(calls, default=None),
        "archived": bool(agent["platform_settings"].get("archived")),
    }
