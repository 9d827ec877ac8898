"""Files that a visitor hands over in a conversation: known by name and kind afterwards, their contents let go."""

from email.parser import BytesParser
from email.policy import HTTP

from starlette.requests import Request
from starlette.responses import JSONResponse

from voice.standin.errors import invalid, not_found, refused
from voice.standin.store import new_id

BYTES_MOST = 20 * 1024 * 1024
FILES_MOST = 10


async def take(request: Request) -> JSONResponse:
    """POST /v1/convai/conversations/{conversation_id}/files: multipart, in the field `file`; browsers send no key."""
    held = _held(request)
    if len(held) >= FILES_MOST:
        raise refused(400, "too_many_files", f"A conversation takes {FILES_MOST} files at most.")
    name, kind = _read_part(request.headers.get("content-type", ""), await _read_body(request))
    file_id = new_id("file")
    held[file_id] = {"file_id": file_id, "original_filename": name, "mime_type": kind, "file_url": ""}
    return JSONResponse({"file_id": file_id})


async def let_go(request: Request) -> JSONResponse:
    """DELETE /v1/convai/conversations/{conversation_id}/files/{file_id}."""
    file_id = request.path_params["file_id"]
    if _held(request).pop(file_id, None) is None:
        raise not_found("File", file_id)
    return JSONResponse({"file_id": file_id})


def named_in(message: dict, held: dict) -> list[dict]:
    """The files of those held that a `multimodal_message` names. Raises KeyError with an id that is not among them."""
    files = message.get("files") or [message.get("file")]
    ids = [file.get("file_id") for file in files if isinstance(file, dict)]
    return [held[file_id] for file_id in ids]


def _held(request: Request) -> dict:
    """The conversation's files so far: {file id: how a transcript names the file}. Raises 404."""
    conversation_id, standin = request.path_params["conversation_id"], request.app.state.standin
    if conversation_id not in standin.store.conversations:
        raise not_found("Conversation", conversation_id)
    return standin.uploads.setdefault(conversation_id, {})


async def _read_body(request: Request) -> bytes:
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > BYTES_MOST:
            raise refused(413, "file_too_large", "The file is larger than 20 MB.")
    return bytes(body)


def _read_part(content_type: str, body: bytes) -> tuple[str, str]:
    """(name, media type) of the part called `file`. Raises 422 when there is none."""
    message = BytesParser(policy=HTTP).parsebytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body)
    for part in message.iter_parts() if message.is_multipart() else ():
        if part.get_param("name", header="content-disposition") == "file":
            return part.get_filename() or "upload", part.get_content_type()
    raise invalid((("body", "file"), "missing", "Field required"))
