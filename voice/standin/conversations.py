"""Past and present calls over REST."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from voice.standin import records, sound
from voice.standin import validation as v
from voice.standin.errors import not_found, refused
from voice.standin.paging import cut_page, flag
from voice.standin.store import new_id

FEEDBACK = {"feedback": v.one_of("like", "dislike"), "rating": v.number(1, 5, whole=True), "comment": v.text(2000)}
FILE_MOST = 20 * 1024 * 1024


async def list_conversations(request: Request) -> JSONResponse:
    """GET /v1/convai/conversations, latest first."""
    params, store = request.query_params, request.app.state.standin.store
    rows = [records.summarise(record) for record in store.conversations.values() if _fits(record, params)]
    newest_first = params.get("sort_direction", "desc") != "asc"
    rows.sort(key=lambda row: row["start_time_unix_secs"], reverse=newest_first)
    page, following = cut_page(rows, params)
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


async def take_file(request: Request) -> JSONResponse:
    """POST /v1/convai/conversations/{conversation_id}/files; the file is weighed and let go."""
    _find(request)
    size = 0
    async for piece in request.stream():
        size += len(piece)
        if size > FILE_MOST:
            raise refused(413, "file_too_large", "The file is larger than 20 MB.")
    return JSONResponse({"file_id": new_id("file")})


def _find(request: Request) -> dict:
    conversation_id = request.path_params["conversation_id"]
    record = request.app.state.standin.store.conversations.get(conversation_id)
    if record is None:
        raise not_found("Conversation", conversation_id)
    return record


def _fits(record: dict, params) -> bool:
    metadata, analysis = record["metadata"], record["analysis"] or {}
    started, length = metadata["start_time_unix_secs"], metadata["call_duration_secs"]
    text_only = flag(params, "text_only")
    return (
        params.get("agent_id") in (None, record["agent_id"])
        and params.get("user_id") in (None, record["user_id"])
        and params.get("call_successful") in (None, analysis.get("call_successful", "unknown"))
        and _within(started, params.get("call_start_after_unix"), params.get("call_start_before_unix"))
        and _within(length, params.get("call_duration_min_secs"), params.get("call_duration_max_secs"))
        and text_only in (None, metadata["text_only"])
        and record["status"] not in params.getlist("exclude_statuses")
    )


def _within(value: int, low: str | None, high: str | None) -> bool:
    try:
        return (low is None or value >= int(low)) and (high is None or value <= int(high))
    except ValueError:
        raise v.invalid((("query",), "int_parsing", "Input should be a valid integer")) from None
