"""Past and present calls over REST."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from voice.standin import records, sound
from voice.standin import validation as v
from voice.standin.errors import not_found, refused
from voice.standin.paging import cut_page, flag, whole, words

FEEDBACK = {"feedback": v.one_of("like", "dislike"), "rating": v.number(1, 5, whole=True), "comment": v.text(2000)}
VERDICTS = ("success", "failure", "unknown")


async def list_conversations(request: Request) -> JSONResponse:
    """GET /v1/convai/conversations, latest first. Summaries only with `summary_mode=include`."""
    params, store = request.query_params, request.app.state.standin.store
    wanted = _read_filters(params)
    rows = [records.summarise(record) for record in store.conversations.values() if _fits(record, wanted)]
    rows.sort(key=lambda row: (row["start_time_unix_secs"], row["conversation_id"]), reverse=wanted["newest_first"])
    page, following = cut_page(rows, params)
    if not wanted["summaries"]:
        page = [{**row, "transcript_summary": None} for row in page]
    return JSONResponse({"conversations": page, "next_cursor": following, "has_more": following is not None})


async def get(request: Request) -> JSONResponse:
    """GET /v1/convai/conversations/{conversation_id}."""
    return JSONResponse(records.describe(_find(request)))


async def delete(request: Request) -> Response:
    """DELETE /v1/convai/conversations/{conversation_id}."""
    record, standin = _find(request), request.app.state.standin
    standin.store.conversations.pop(record["conversation_id"], None)
    standin.tapes.pop(record["conversation_id"], None)
    standin.store.touch()
    return JSONResponse({})


async def play(request: Request) -> Response:
    """GET /v1/convai/conversations/{conversation_id}/audio: both sides. WAV here, where ElevenLabs sends MP3."""
    record = _find(request)
    tape = request.app.state.standin.tapes.get(record["conversation_id"])
    if tape is None or not record["has_audio"]:
        raise refused(404, "conversation_audio_not_found", "There is no recording of this conversation.")
    return Response(sound.wav(tape.mixed()), media_type="audio/wav")


async def rate(request: Request) -> JSONResponse:
    """POST /v1/convai/conversations/{conversation_id}/feedback; browsers send it without a key."""
    record, body = _find(request), await v.read_json(request)
    v.check(body, FEEDBACK)
    records.rate(record, body)
    request.app.state.standin.store.touch()
    return JSONResponse({})


def _find(request: Request) -> dict:
    conversation_id = request.path_params["conversation_id"]
    record = request.app.state.standin.store.conversations.get(conversation_id)
    if record is None:
        raise not_found("Conversation", conversation_id)
    return record


def _read_filters(params) -> dict:
    """The filters of a list, each read and checked; what is not given is None or empty. Raises 422."""
    return {
        "same": {name: params[name] for name in ("agent_id", "user_id", "branch_id", "version_id") if name in params},
        "verdicts": words(params, "call_successful", VERDICTS),
        "began": (whole(params, "call_start_after_unix"), whole(params, "call_start_before_unix")),
        "lasted": (whole(params, "call_duration_min_secs"), whole(params, "call_duration_max_secs")),
        "rated": (whole(params, "rating_min"), whole(params, "rating_max")),
        "commented": flag(params, "has_feedback_comment"),
        "text_only": flag(params, "text_only"),
        "languages": params.getlist("main_languages"),
        "sources": params.getlist("conversation_initiation_source"),
        "tools": set(params.getlist("tool_names")),
        "not": words(params, "exclude_statuses", records.STATUSES),
        "summaries": "include" in words(params, "summary_mode", ("exclude", "include")),
        "newest_first": "asc" not in words(params, "sort_direction", ("asc", "desc")),
    }


def _fits(record: dict, wanted: dict) -> bool:
    metadata, row = record["metadata"], records.summarise(record)
    feedback = metadata["feedback"]
    return (
        all(record[name] == value for name, value in wanted["same"].items())
        and row["call_successful"] in (wanted["verdicts"] or VERDICTS)
        and _within(row["start_time_unix_secs"], *wanted["began"])
        and _within(row["call_duration_secs"], *wanted["lasted"])
        and (wanted["rated"] == (None, None) or _within(feedback["rating"], *wanted["rated"]))
        and wanted["commented"] in (None, bool(feedback["comment"]))
        and wanted["text_only"] in (None, metadata["text_only"])
        and metadata["main_language"] in (wanted["languages"] or [metadata["main_language"]])
        and metadata["conversation_initiation_source"] in (wanted["sources"] or [row["conversation_initiation_source"]])
        and wanted["tools"] <= set(row["tool_names"])
        and record["status"] not in wanted["not"]
    )


def _within(value: float | None, low: int | None, high: int | None) -> bool:
    return value is not None and (low is None or value >= low) and (high is None or value <= high)
