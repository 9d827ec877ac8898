"""Lists as ElevenLabs gives them: a page, a cursor to the next one, and whether there is one."""

import base64

from voice.standin.errors import invalid

IDS = ("phone_number_id", "conversation_id", "agent_id", "secret_id", "voice_id", "id")
YES = dict.fromkeys(("true", "1", "yes", "on", "t", "y"), True) | dict.fromkeys(
    ("false", "0", "no", "off", "f", "n"), False
)


def read_page(params, default: int = 30) -> tuple[int, int]:
    """(cursor, size) asked for by `cursor` (or `next_page_token`) and `page_size`, at most 100."""
    cursor = params.get("cursor") or params.get("next_page_token") or ""
    size = whole(params, "page_size")
    size = default if size is None else size
    if size < 1:
        raise invalid((("query", "page_size"), "greater_than_equal", "Input should be greater than or equal to 1"))
    if size > 100:
        raise invalid((("query", "page_size"), "less_than_equal", "Input should be less than or equal to 100"))
    return cursor, size


def cut_page(rows: list, params, default: int = 30) -> tuple[list, str | None]:
    """The rows of the page asked for, and the cursor of the next page or None.

    A cursor names the last row that was given: what is added or taken away meanwhile shifts nobody's pages.
    """
    cursor, size = read_page(params, default)
    offset = _after(rows, cursor) if cursor else 0
    page = rows[offset : offset + size]
    return page, _cursor(offset + size, page[-1]) if offset + size < len(rows) else None


def flag(params, name: str) -> bool | None:
    """A query parameter read as true or false; None when it is not given. Raises 422 for anything else."""
    value = params.get(name)
    if value is None:
        return None
    known = YES.get(value.lower())
    if known is None:
        raise invalid((("query", name), "bool_parsing", "Input should be a valid boolean, unable to interpret input"))
    return known


def whole(params, name: str) -> int | None:
    """A query parameter read as a whole number; None when it is not given. Raises 422 for anything else."""
    value = params.get(name)
    try:
        return None if value is None else int(value)
    except ValueError:
        message = "Input should be a valid integer, unable to parse string as an integer"
        raise invalid((("query", name), "int_parsing", message)) from None


def words(params, name: str, known: tuple[str, ...]) -> list[str]:
    """A repeated query parameter, each of the known words. Raises 422 for another."""
    given = params.getlist(name)
    for word in given:
        if word not in known:
            choice = ", ".join(repr(one) for one in known)
            raise invalid((("query", name), "literal_error", f"Input should be {choice}"))
    return given


def _cursor(offset: int, last: dict) -> str:
    return base64.urlsafe_b64encode(f"{offset}:{_id_of(last)}".encode()).decode()


def _after(rows: list, cursor: str) -> int:
    """Where the page after the cursor begins; by number when its row is gone."""
    try:
        offset, _colon, last = base64.urlsafe_b64decode(cursor).decode().partition(":")
        by_number = max(0, int(offset))
    except ValueError:
        raise invalid((("query", "cursor"), "value_error", "Invalid cursor")) from None
    found = [number for number, row in enumerate(rows) if _id_of(row) == last]
    return found[0] + 1 if found else by_number


def _id_of(row: dict) -> str:
    return next((row[name] for name in IDS if name in row), "")
