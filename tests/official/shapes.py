"""Whether JSON is exactly of an SDK type: nothing unknown, nothing missing, no value that passes only by leniency.

The SDK's own models are no measure as they stand: they allow extra keys, take any text for an enumeration
(``Union[Literal[...], Any]``) and never validate at all. Here a key must be declared, a literal must be one of its words, and of
a union one member must fit altogether.
"""

import datetime
import functools
import types
import typing

from pydantic import BaseModel

PLAIN = {
    str: (str,),
    bool: (bool,),
    int: (int,),
    float: (int, float),
    datetime.datetime: (str,),
    type(None): (type(None),),
}


def problems(kind, value, where="", extra=()):
    """What is wrong with a JSON value of that type, as sentences with dotted paths. ``extra`` are paths let through."""
    return [said for path, said in _walk(kind, value, where) if path not in extra]


def missing_of(kind, value, where=""):
    """Only what is missing."""
    return [said for said in problems(kind, value, where) if said.endswith("is missing")]


def _walk(kind, value, where):
    kind = bare(kind)
    origin = typing.get_origin(kind)
    if kind is typing.Any or kind is object:
        return
    if origin in (typing.Union, types.UnionType):
        yield from _best(kind, value, where)
    elif origin is typing.Literal:
        if value not in typing.get_args(kind):
            yield where, f"{where}: {value!r} is none of the known words"
    elif origin in (list, tuple, set) or origin in SEQUENCES:
        yield from _items(kind, value, where)
    elif origin is dict:
        yield from _entries(kind, value, where)
    elif isinstance(kind, type) and issubclass(kind, BaseModel):
        yield from _fields(kind, value, where)
    elif kind in PLAIN:
        if not isinstance(value, PLAIN[kind]) or (isinstance(value, bool) and kind is not bool):
            yield where, f"{where}: {value!r} is no {kind.__name__}"
    else:
        yield where, f"{where}: this check does not know the type {kind!r}"


def bare(kind):
    """Without Annotated."""
    return typing.get_args(kind)[0] if typing.get_origin(kind) is typing.Annotated else kind


def _best(kind, value, where):
    """The member with the fewest complaints; Any beside literals is the SDK's leniency and does not count."""
    members = [bare(member) for member in typing.get_args(kind)]
    if any(typing.get_origin(member) is typing.Literal for member in members):
        members = [member for member in members if member is not typing.Any]
    told = []
    for member in members:
        complaints = list(_walk(member, value, where))
        if not complaints:
            return
        told.append(complaints)
    yield from min(told, key=lambda complaints: (_is_other_kind(complaints, where), len(complaints)))


def _is_other_kind(complaints, where):
    """Whether the member is of another kind altogether (another ``type``, or no object at all)."""
    return any(path in (where, f"{where}.type") for path, _said in complaints)


def _items(kind, value, where):
    if not isinstance(value, list):
        yield where, f"{where}: {value!r} is no list"
        return
    (inner, *_rest) = typing.get_args(kind) or (typing.Any,)
    for number, item in enumerate(value):
        yield from _walk(inner, item, f"{where}[{number}]")


def _entries(kind, value, where):
    if not isinstance(value, dict):
        yield where, f"{where}: {value!r} is no object"
        return
    _key, inner = typing.get_args(kind) or (str, typing.Any)
    for name, item in value.items():
        yield from _walk(inner, item, f"{where}.{name}")


def _fields(model, value, where):
    if not isinstance(value, dict):
        yield where, f"{where}: {value!r} is no object"
        return
    fields = declared(model)
    for name in value:
        if name not in fields:
            yield f"{where}.{name}", f"{where}.{name} is not declared by {model.__name__}"
    for name, (kind, required) in fields.items():
        if name in value:
            yield from _walk(kind, value[name], f"{where}.{name}")
        elif required:
            yield f"{where}.{name}", f"{where}.{name} is missing"


@functools.cache
def declared(model):
    """{name on the wire: (type, required)} of a model."""
    return {
        next((note.alias for note in field.metadata if hasattr(note, "alias")), field.alias or name): (
            field.annotation,
            field.is_required(),
        )
        for name, field in model.model_fields.items()
    }


SEQUENCES = (typing.get_origin(typing.Sequence[str]),)
