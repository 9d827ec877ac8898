"""Each door with JSON behind it: what it takes, what it says, how it refuses.

These classes answer nothing. They stand at the addresses of ``voice.urls`` for the schema's generator alone, so that the
doors themselves stay as they are, plain views and a hand-written parser among them.
"""

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.views import APIView

from voice.contract import machines, page

MACHINES, HEALTH, PAGE = "For ElevenLabs", "For whoever watches", "The page's own (internal)"
REFUSALS = {
    400: ["bad_request"],
    401: ["not_authenticated", "authentication_failed"],
    403: ["not_yours"],
    405: ["method_not_allowed"],
    409: ["altered"],
    413: ["too_large"],
    429: ["too_many_calls"],
    503: ["not_taken"],
}
SEEN_AT = {401: "WWW-Authenticate", 405: "Allow", 429: "Retry-After"}
SAYS = {
    "WWW-Authenticate": "Names the header that is missing or wrong.",
    "Allow": "The methods there are.",
    "Retry-After": "Seconds.",
}
FORBIDDEN_METHOD = {
    405: OpenApiResponse(description="There is no such method here; the header Allow names those there are.")
}


class Door(APIView):
    authentication_classes = []
    permission_classes = []


def _refusals(**more):
    """Responses by status; ``more``: the codes of a status where they are not the usual ones, () where there is none."""
    codes = {**REFUSALS, **{int(status.strip("_")): found for status, found in more.items()}}
    return {
        status: OpenApiResponse(
            machines.Refusal,
            description="`error.code`: " + ", ".join(f"`{code}`" for code in found),
            examples=[_refused(code) for code in found],
        )
        for status, found in codes.items()
        if found
    }


def _refused(code):
    said = {"result": None, "success": False, "error": {"code": code, "message": "Says what to do next."}}
    return OpenApiExample(code, value=said, response_only=True)


def _page_refusals(*statuses):
    known = {
        400: "What was sent is not understood; `message` says why.",
        403: "The page was open for too long (CSRF), or this is not offered.",
        404: "There is no such persona, thread or session for this visitor.",
        409: "The persona has no agent yet.",
        410: "No longer in line.",
        413: "More than one call can hold was told.",
        429: "Too fast, or no line or no minutes are left; see `retry_after`.",
        503: "A fault that passes.",
    }
    return {status: OpenApiResponse(page.PageRefusal, description=known[status]) for status in statuses}


def _headers(statuses, **more):
    """The headers that answers of these statuses carry."""
    by_name = {}
    for status, name in SEEN_AT.items():
        if status in statuses:
            by_name.setdefault(name, []).append(str(status))
    by_name |= {name.replace("_", "-"): [*by_name.get(name, []), *told] for name, told in more.items()}
    return [
        OpenApiParameter(name, str, OpenApiParameter.HEADER, description=SAYS[name], response=told)
        for name, told in by_name.items()
    ]


def machine(verb, summary, tells, takes, gives, proof, shown, **refusals):
    told = {200: gives, **_refusals(**refusals)}
    described = extend_schema(
        summary=summary,
        description=tells,
        tags=[MACHINES],
        request={"application/json": takes},
        responses=told,
        auth=[{proof: []}],
        examples=shown,
        parameters=_headers(told),
        operation_id=verb,
    )
    return type(verb, (Door,), {"post": described(_method())})


def watched(verb, summary, tells, gives, shown=(), statuses=(200,), proof="", refused=None):
    told = gives if isinstance(gives, dict) else dict.fromkeys(statuses, gives)
    told = told | FORBIDDEN_METHOD
    told |= {status: OpenApiResponse(description=why) for status, why in (refused or {}).items()}
    described = extend_schema(
        summary=summary,
        description=tells,
        tags=[HEALTH],
        responses=told,
        auth=[{proof: []} if proof else {}],
        examples=list(shown),
        parameters=_headers(told),
        operation_id=verb,
    )
    return type(verb, (Door,), {"get": described(_method())})


def of_page(verb, summary, takes, gives, *statuses, method="post"):
    gives = gives if isinstance(gives, dict) else {200: gives}
    told = gives | _page_refusals(404, *statuses, *([403] if takes else [])) | FORBIDDEN_METHOD
    described = extend_schema(
        summary=summary,
        description="Of the page's own script.",
        tags=[PAGE],
        request={"application/json": takes} if takes else None,
        responses=told,
        auth=[{"csrf": []}] if takes else [{}],
        parameters=_headers([405]),
        operation_id=verb,
    )
    return type(verb, (Door,), {method: described(_method())})


def _method():
    def nothing(self, request, **kwargs):
        """Never called: the schema's generator only looks at it."""

    return nothing
