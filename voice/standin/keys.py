"""API keys: which are accepted, and what each of them may do."""

from fnmatch import fnmatch

from starlette.requests import Request
from starlette.responses import JSONResponse

from voice.standin import validation as v
from voice.standin.errors import not_found, refused

# Open without a key, as browsers reach them.
OPEN = ("/v1/convai/conversation/token",)
OPEN_ENDINGS = ("/feedback", "/files")
# First fit wins. A signed URL is a GET that wants `convai_write`; listing webhooks was seen to want nothing at all; what
# the workspace's usage wants is told nowhere.
NEEDED = (
    ("*", "/v1/convai/conversation/*", "convai_write"),
    ("GET", "/v1/convai/*", "convai_read"),
    ("*", "/v1/convai/*", "convai_write"),
    ("GET", "/v?/voices*", "voices_read"),
    ("GET", "/v1/user*", "user_read"),
    ("POST", "/v1/workspace/analytics/*", None),
    ("GET", "/v1/workspace/webhooks", None),
    ("*", "/v1/workspace/webhooks*", "webhooks_write"),
)
PERMISSIONS = sorted({permission for _method, _path, permission in NEEDED if permission})
RULES = {
    "key": v.text(pattern="."),
    "permissions": v.sequence(),
    "permissions.*": v.one_of(*PERMISSIONS),
    "revoked": v.boolean,
}


class Keys:
    """The keys of the workspace. One that nobody described may do everything, unless a single one is `wanted`."""

    def __init__(self, wanted: str = "", limited: dict[str, tuple[str, ...]] | None = None):
        self.wanted, self.given = wanted, dict(limited or {})
        self.reset()

    def reset(self) -> None:
        """Back to what was said at start."""
        self.limited: dict[str, set | None] = {key: set(permissions) for key, permissions in self.given.items()}
        self.revoked: set[str] = set()

    def describe(self, key: str, permissions: list | None, revoked: bool) -> None:
        """From now on this key may do only that; None is everything. A revoked one is no key any more."""
        self.limited[key] = None if permissions is None else set(permissions)
        (self.revoked.add if revoked else self.revoked.discard)(key)

    def check(self, key: str | None, method: str, path: str) -> None:
        """Raise 401 without a key, with a wrong one, or with one that may not do this."""
        if not key:
            message = "Neither authorization header nor xi-api-key received, please provide one."
            raise refused(401, "needs_authorization", message)
        if key in self.revoked or (self.wanted and key != self.wanted and key not in self.limited):
            raise refused(401, "invalid_api_key", "Invalid API key")
        permission, allowed = needed(method, path), self.limited.get(key)
        if allowed is not None and permission is not None and permission not in allowed:
            message = f"The API key you used is missing the permission {permission} to execute this operation."
            raise refused(401, "missing_permissions", message)


def is_open(path: str) -> bool:
    """Whether browsers ask here, without a key."""
    return path in OPEN or path.endswith(OPEN_ENDINGS)


def needed(method: str, path: str) -> str | None:
    """The permission that a request wants; None when every key may, or none is asked for."""
    if is_open(path):
        return None
    fits = (permission for verb, pattern, permission in NEEDED if fnmatch(method, verb) and fnmatch(path, pattern))
    return next(fits, None)


async def list_keys(request: Request) -> JSONResponse:
    """GET /standin/keys: the keys that were described, with what they may do; null is everything."""
    keys = request.app.state.standin.keys
    rows = [
        {"key": key, "permissions": None if may is None else sorted(may), "revoked": key in keys.revoked}
        for key, may in keys.limited.items()
    ]
    return JSONResponse({"keys": rows, "known_permissions": PERMISSIONS})


async def describe_key(request: Request) -> JSONResponse:
    """POST /standin/keys: let a key do only what `permissions` lists (without it, everything), or `revoked` nothing."""
    body = await v.read_json(request)
    v.check(body, RULES, required=("key",))
    request.app.state.standin.keys.describe(body["key"], body.get("permissions"), bool(body.get("revoked")))
    return await list_keys(request)


async def forget_key(request: Request) -> JSONResponse:
    """DELETE /standin/keys/{key}: it is like any other again."""
    keys, key = request.app.state.standin.keys, request.path_params["key"]
    if key not in keys.limited:
        raise not_found("Key", key)
    del keys.limited[key]
    keys.revoked.discard(key)
    return await list_keys(request)


ROUTES = [
    ("GET", "/standin/keys", list_keys),
    ("POST", "/standin/keys", describe_key),
    ("DELETE", "/standin/keys/{key}", forget_key),
]
