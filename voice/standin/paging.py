"""Lists as ElevenLabs gives them: a page, a cursor to the next one, and whether there is one."""

import base64

from voice.standin.errors import invalid


def read_page(params, default: int = 30) -> tuple[int, int]:
    """(offset, size) asked for by `cursor` (or `next_page_token`) and `page_size`, at most 100."""
    cursor = params.get("cursor") or params.get("next_page_token") or ""
    try:
        size = int(params.get("page_size", default))
    except ValueError:
        raise invalid((("query", "page_size"), "int_parsing", "Input should be a valid integer")) from None
    if not 1 <= size <= 100:
        raise invalid((("query", "page_size"), "less_than_equal", "Input should be from 1 to 100"))
    return _read_cursor(cursor), size


def cut_page(rows: list, params, default: int = 30) -> tuple[list, str | None]:
    """The rows of the page asked for, and the cursor of the next page or None."""
    offset, size = read_page(params, default)
    following = offset + size
    return rows[offset:following], _cursor(following) if following < len(rows) else None


def flag(params, name: str) -> bool | None:
    """A query parameter read as true or false; None when it is not given."""
    value = params.get(name)
    return None if value is None else value.lower() in ("true", "1", "yes")


def _cursor(offset: int) -> str:
    return base64.urlsafe_b64encode(f"after:{offset}".encode()).decode()


def _read_cursor(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        return max(0, int(base64.urlsafe_b64decode(cursor).decode().removeprefix("after:")))
    except ValueError:
        raise invalid((("query", "cursor"), "value_error", "Invalid cursor")) from None
