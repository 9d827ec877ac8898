"""Checking what a client sends, by hand, in the words of FastAPI: where, what kind, which sentence."""

import re

from voice.standin.errors import Refusal, invalid

MISSING = ("missing", "Field required")


def text(most: int | None = None, pattern: str | None = None):
    """A string, of at most so many characters, that fits the pattern."""

    def check(value):
        if not isinstance(value, str):
            return "string_type", "Input should be a valid string"
        if most is not None and len(value) > most:
            return "string_too_long", f"String should have at most {most} characters"
        if pattern and not re.search(pattern, value):
            return "string_pattern_mismatch", f"String should match pattern '{pattern}'"
        return None

    return check


def number(low: float | None = None, high: float | None = None, whole: bool = False, also: tuple = ()):
    """A number from `low` to `high`; the values in `also` pass as they are."""

    def check(value):
        if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
            return (
                ("int_type", "Input should be a valid integer")
                if whole
                else ("float_type", "Input should be a valid number")
            )
        if value in also:
            return None
        if low is not None and value < low:
            return "greater_than_equal", f"Input should be greater than or equal to {low}"
        if high is not None and value > high:
            return "less_than_equal", f"Input should be less than or equal to {high}"
        return None

    return check


def one_of(*known):
    """One of these words."""

    def check(value):
        if value in known:
            return None
        return "literal_error", "Input should be " + ", ".join(repr(word) for word in known)

    return check


def boolean(value):
    """True or false, nothing that looks like it."""
    return None if isinstance(value, bool) else ("bool_type", "Input should be a valid boolean")


def mapping(value):
    """A JSON object."""
    return None if isinstance(value, dict) else ("dict_type", "Input should be a valid dictionary")


def sequence(most: int | None = None):
    """A JSON array of at most so many items."""

    def check(value):
        if not isinstance(value, list):
            return "list_type", "Input should be a valid list"
        if most is not None and len(value) > most:
            return "too_long", f"List should have at most {most} items after validation, not {len(value)}"
        return None

    return check


def check(body, rules: dict, required: tuple[str, ...] = (), root: tuple = ("body",)) -> None:
    """Raise a 422 that names every field of `body` that breaks its rule.

    Rules are keyed by dotted path, `*` for each item of a list or each value of an object. What is absent or null
    passes, unless it is required.
    """
    if not isinstance(body, dict):
        raise invalid(
            (root, "model_attributes_type", "Input should be a valid dictionary or object to extract fields from")
        )
    problems = [((*root, *path.split(".")), *MISSING) for path in required if not any(_walk(body, path.split("."), ()))]
    for path, rule in rules.items():
        for where, value in _walk(body, path.split("."), ()):
            broken = None if value is None and path not in required else rule(value)
            if broken:
                problems.append(((*root, *where), *broken))
    if problems:
        raise invalid(*problems)


async def read_json(request) -> dict:
    """The JSON object in a request. Raises the 422 that FastAPI gives for anything else."""
    try:
        body = await request.json()
    except (ValueError, RecursionError):
        raise Refusal(
            422, [{"loc": ["body", 0], "msg": "JSON decode error", "type": "json_invalid", "input": {}}]
        ) from None
    check(body, {})
    return body


def _walk(value, path, where):
    if not path:
        yield where, value
        return
    head, *rest = path
    if head == "*" and isinstance(value, (dict, list)):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _walk(item, rest, (*where, key))
    elif isinstance(value, dict) and head in value:
        yield from _walk(value[head], rest, (*where, head))
