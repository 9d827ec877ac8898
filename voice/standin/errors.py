"""How ElevenLabs says no: the error bodies of its API, as their clients read them."""

from starlette.requests import Request
from starlette.responses import JSONResponse

from voice.standin.store import new_id


class Refusal(Exception):
    """An answer that is not 2xx: status, body and headers."""

    def __init__(self, status: int, detail, headers: dict | None = None):
        super().__init__(f"{status} {detail}")
        self.status = status
        self.detail = detail
        self.headers = headers or {}


class Hangup(Exception):
    """A conversation that ends with this close code and reason."""

    def __init__(self, code: int, reason: str = "", error_type: str = ""):
        super().__init__(f"{code} {reason}")
        self.code = code
        self.reason = reason
        self.error_type = error_type


def refused(status: int, code: str, message: str, **headers) -> Refusal:
    """A refusal with `{"detail": {"status", "message", …}}`, the shape of most of ElevenLabs' errors."""
    kind = "unauthorized" if code == "missing_permissions" else code
    detail = {"type": _family(status), "code": kind, "status": code, "message": message, "request_id": new_id("req")}
    return Refusal(status, detail, headers)


def not_found(kind: str, key: str) -> Refusal:
    """404 for an object nobody knows."""
    refusal = refused(404, "document_not_found", f"{kind} with ID '{key}' not found.")
    refusal.detail["code"] = f"{kind.lower().replace(' ', '_')}_not_found"
    return refusal


def invalid(*problems: tuple[tuple, str, str]) -> Refusal:
    """422 in FastAPI's shape, from (location, type, message)."""
    return Refusal(422, [{"loc": list(loc), "msg": message, "type": kind} for loc, kind, message in problems])


async def answer_refusal(_request: Request, refusal: Refusal) -> JSONResponse:
    """What Starlette sends for a Refusal."""
    return JSONResponse({"detail": refusal.detail}, status_code=refusal.status, headers=refusal.headers)


def _family(status: int) -> str:
    families = {401: "authentication_error", 403: "authorization_error", 404: "not_found", 429: "rate_limit_error"}
    return families.get(status, "validation_error" if status < 500 else "internal_server_error")
