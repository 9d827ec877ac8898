"""The schema: which door stands at which address, and the proofs they ask for."""

from functools import lru_cache

from django.urls import path
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import OpenApiTypes

from voice.contract import examples, machines, page
from voice.contract.doors import machine, of_page, watched

VERSION = "1.0.0"
ABOUT = """Clone Advisor's doors. Those for ElevenLabs and for whoever watches are stable: within version 1 nothing that a
caller relies on goes away or changes its meaning; fields may be added, so ignore what you do not know. Those of the page are
internal and change with it. See docs/API.md."""
PROOFS = {
    "serviceToken": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Service-Token",
        "description": "One of SERVICE_TOKENS, compared in constant time.",
    },
    "signature": {
        "type": "apiKey",
        "in": "header",
        "name": "ElevenLabs-Signature",
        "description": "t=<Unix seconds>,v0=<HMAC-SHA256 of `<t>.<raw body>`, hexadecimal>.",
    },
    "metrics": {"type": "http", "scheme": "bearer", "description": "METRICS_TOKEN."},
    "csrf": {
        "type": "apiKey",
        "in": "header",
        "name": "X-CSRFToken",
        "description": "The page's own csrfmiddlewaretoken; its cookies csrftoken and sessionid, which names the visitor, go along.",
    },
}
TEXT = {(200, "text/plain"): OpenApiTypes.STR}  # https://prometheus.io/docs/instrumenting/exposition_formats/
LINES = {(200, "application/x-ndjson"): OpenApiTypes.STR}  # one JSON object a line: {"delta": …} or {"turn": …}

function_call = machine(
    "function_call",
    "An agent asks in mid-conversation",
    "Somebody waits on the line: an answer comes within TOOL_BUDGET_MS, with 200 and something to say even when a part of ours "
    "fails. At most 64 KB; 10 calls a minute for a conversation and 600 for a persona. The same question may be asked again.",
    machines.ToolCall,
    machines.Answer,
    "serviceToken",
    examples.TOOL_CALL,
    _400=["bad_request", "unknown_function"],
    _409=(),
    _503=(),
)
conversation_start = machine(
    "conversation_start",
    "A phone rings",
    "With what ElevenLabs is to begin the call; anything but 200 ends it. At most 8 KB; 60 calls a minute to a number. Asked "
    "again about the same call_sid, the answer is the same.",
    machines.Ring,
    machines.Introduction,
    "serviceToken",
    examples.RING,
    _404=["unknown_number"],
    _409=["not_published", "off", "no_agent", "busy", "minutes", "over"],
    _503=["unavailable"],
)
post_call = machine(
    "post_call",
    "A finished call is reported",
    "Kept first and read later. At most 30 MB. The same bytes again are one report; only a 5xx is worth repeating.",
    machines.Report,
    machines.Received,
    "signature",
    examples.REPORT,
    _401=["not_authenticated"],
    _403=(),
    _429=(),
)
healthz = watched("healthz", "The process answers", "Nothing else is asked.", machines.Alive)
readyz = watched(
    "readyz",
    "Every part, in words",
    "503 when questions cannot be answered at all.",
    machines.Ready,
    examples.READY,
    (200, 503),
)
metrics = watched(
    "metrics",
    "How things go, for Prometheus",
    "404 while METRICS_TOKEN is empty.",
    TEXT,
    proof="metrics",
    refused={401: "The token is missing or wrong.", 404: "No METRICS_TOKEN is set."},
)

turns = of_page("turns", "What the server has of a thread", None, page.Turns, method="get")
say = of_page("say", "Ask by typing; the answer comes in lines", page.Question, LINES, 400, 429)
new = of_page("new", "Begin a new thread", page.OfThread, page.Done, 429)
rate = of_page("rate", "Stars for a thread", page.Rating, page.Done, 400, 429)
judge = of_page("judge", "A thumb for one answer", page.Thumb, page.Done, 400, 429)
start = of_page("start_session", "May I talk now?", page.OfThread, page.Permission, 409, 429, 503)
attempt = of_page("attempt", "How starting a call went", page.Attempt, page.Done, 400, 429)
wait = of_page("wait", "A place in line", page.Wait, page.Standing, 400, 410, 429, 503)
leave = of_page("leave", "Leave the line", page.Leave, page.Done)
heard = of_page("heard", "What the page hears in a call", page.Heard, page.Kept, 400, 413, 429)
end = of_page("end_session", "The call is over", page.End, page.Done)
inspect = of_page("inspect", "What the server finds of a call (staff)", page.OfThread, page.Findings, 429)

PATTERNS = [
    path("elevenlabs/function-call", function_call.as_view()),
    path("elevenlabs/conversation-start", conversation_start.as_view()),
    path("elevenlabs/post-call", post_call.as_view()),
    path("healthz", healthz.as_view()),
    path("readyz", readyz.as_view()),
    path("metrics", metrics.as_view()),
    path("chat/<slug:slug>/turns/", turns.as_view()),
    path("chat/<slug:slug>/say/", say.as_view()),
    path("chat/<slug:slug>/new/", new.as_view()),
    path("chat/<slug:slug>/rate/", rate.as_view()),
    path("chat/<slug:slug>/judge/", judge.as_view()),
    path("chat/<slug:slug>/voice/start/", start.as_view()),
    path("chat/<slug:slug>/voice/attempt/", attempt.as_view()),
    path("chat/<slug:slug>/voice/wait/", wait.as_view()),
    path("chat/<slug:slug>/voice/leave/", leave.as_view()),
    path("chat/<slug:slug>/voice/heard/", heard.as_view()),
    path("chat/<slug:slug>/voice/end/", end.as_view()),
    path("test-voice/<slug:slug>/", inspect.as_view()),
]
# Pages, files and drawings for people, and an image of theirs; no program is asked to call them.
FOR_PEOPLE = {
    "persona_list", "chat", "thread", "avatar", "transcript_markdown", "transcript_text", "transcript_pdf", "document",
    "document_file", "figures", "history", "delete_thread", "choose_language", "test_voice", "icon", "icon_png", "manifest",
    "schema", "usage", "second_factor", "second_factor_code", "second_factor_people", "view_on_site",
}  # fmt: skip


class Generator(SchemaGenerator):
    """drf-spectacular over the addresses above instead of the site's."""

    def __init__(self, **options):
        super().__init__(**{**options, "patterns": PATTERNS})

    def get_schema(self, request=None, public=False):
        described = super().get_schema(request=None, public=True)
        described["info"] = {"title": "Clone Advisor", "version": VERSION, "description": ABOUT}
        described["components"]["securitySchemes"] = PROOFS
        for address in (address for address in described["paths"] if address.startswith("/elevenlabs/")):
            described["paths"][address]["post"]["requestBody"]["required"] = True  # though a report names no field
        return described


@lru_cache
def schema():
    """The OpenAPI 3.0 schema as plain data."""
    return Generator().get_schema()
