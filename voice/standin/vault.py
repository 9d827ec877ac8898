"""Workspace secrets over REST: values go in and are never read out again."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from voice.standin import tools
from voice.standin import validation as v
from voice.standin.errors import not_found, refused
from voice.standin.paging import cut_page
from voice.standin.store import new_id

RULES = {"type": v.one_of("new", "update"), "name": v.text(), "value": v.text()}


async def create(request: Request) -> JSONResponse:
    """POST /v1/convai/secrets."""
    body, store = await v.read_json(request), request.app.state.standin.store
    v.check(body, RULES, required=("name", "value"))
    if any(secret["name"] == body["name"] for secret in store.secrets.values()):
        raise refused(400, "secret_already_exists", f"A secret with the name '{body['name']}' already exists.")
    secret = {"secret_id": new_id("secret"), "name": body["name"], "value": body["value"]}
    store.secrets[secret["secret_id"]] = secret
    store.touch()
    return JSONResponse(_name(secret))


async def list_secrets(request: Request) -> JSONResponse:
    """GET /v1/convai/secrets."""
    store, search = request.app.state.standin.store, request.query_params.get("search", "").lower()
    rows = [_describe(secret, store) for secret in store.secrets.values() if search in secret["name"].lower()]
    page, following = cut_page(rows, request.query_params, default=100)
    return JSONResponse({"secrets": page, "next_cursor": following})


async def get(request: Request) -> JSONResponse:
    """GET /v1/convai/secrets/{secret_id}."""
    return JSONResponse(_describe(_find(request), request.app.state.standin.store))


async def update(request: Request) -> JSONResponse:
    """PATCH /v1/convai/secrets/{secret_id}: the value is replaced, for every tool that uses it."""
    secret, body = _find(request), await v.read_json(request)
    v.check(body, RULES, required=("name", "value"))
    secret.update(name=body["name"], value=body["value"])
    request.app.state.standin.store.touch()
    return JSONResponse(_name(secret))


async def delete(request: Request) -> Response:
    """DELETE /v1/convai/secrets/{secret_id}: refused while a tool sends it."""
    secret, store = _find(request), request.app.state.standin.store
    users = _users(secret["secret_id"], store)
    if users:
        names = ", ".join(tool["tool_config"]["name"] for tool in users)
        raise refused(400, "secret_in_use", f"Secret is used by tools: {names}.")
    del store.secrets[secret["secret_id"]]
    store.touch()
    return Response(status_code=204)


def _find(request: Request) -> dict:
    secret_id = request.path_params["secret_id"]
    secret = request.app.state.standin.store.secrets.get(secret_id)
    if secret is None:
        raise not_found("Secret", secret_id)
    return secret


def _users(secret_id: str, store) -> list[dict]:
    def sends(tool):
        headers = tool["tool_config"].get("api_schema", {}).get("request_headers", {})
        return any(isinstance(value, dict) and value.get("secret_id") == secret_id for value in headers.values())

    return [tool for tool in store.tools.values() if sends(tool)]


def _name(secret: dict) -> dict:
    return {"type": "stored", "secret_id": secret["secret_id"], "name": secret["name"]}


def _describe(secret: dict, store) -> dict:
    users = _users(secret["secret_id"], store)
    used_by_tools = [
        {
            "type": "available",
            "id": tool["id"],
            "name": tool["tool_config"]["name"],
            "created_at_unix_secs": 0,
            "access_level": "admin",
        }
        for tool in users
    ]
    used_by_agents = {a["agent_id"]: tools.name_user(a) for tool in users for a in tools.users_of(store, tool["id"])}
    used_by = {"tools": used_by_tools, "agents": list(used_by_agents.values()), "others": [], "phone_numbers": []}
    return {**_name(secret), "used_by": used_by}
