"""A request as it went over the wire, held against what the official SDK's types allow for that endpoint."""

import json
import typing
from urllib.parse import parse_qs

from tests.official.endpoints import endpoint_of
from tests.official.shapes import bare, problems

# What the Python SDK has no argument for, and the official browser client sends: `postOverallFeedback` of
# @elevenlabs/client 1.25.0 posts stars and a comment where the SDK types likes alone.
ALSO = {("POST", "/v1/convai/conversations/{}/feedback"): {"rating": int, "comment": str}}


def faults_of(row):
    """What is wrong with a request that the stand-in wrote down: unknown, missing or mistyped fields, as sentences."""
    endpoint = endpoint_of(row["method"], row["path"])
    query = parse_qs(row["query"], keep_blank_values=True)
    return [*query_faults(endpoint, query), *body_faults(endpoint, json.loads(row.get("body") or "null"))]


def query_faults(endpoint, query):
    """Of query parameters, as {name: [text, …]}."""
    yield from (f"?{name} is not a parameter of {endpoint.name}" for name in query if name not in endpoint.query)
    yield from (f"?{name} is missing" for name in endpoint.required & set(endpoint.query) if name not in query)
    for name, given in query.items():
        if name in endpoint.query and not any(_reads(kind, given) for kind in _members(endpoint.query[name])):
            yield f"?{name}={given} is not what {endpoint.name} takes"


def body_faults(endpoint, body):
    """Of a JSON body; None is no body."""
    if endpoint.model is not None:
        return problems(endpoint.model, body, "body")
    if endpoint.body is None:
        return [] if body is None else [f"{endpoint.name} takes no body"]
    body, known = body or {}, {**endpoint.body, **ALSO.get(endpoint.address, {})}
    told = [f"body.{name} is not declared by {endpoint.name}" for name in body if name not in known]
    told += [f"body.{name} is missing" for name in endpoint.required & set(endpoint.body) if name not in body]
    for name in body.keys() & known.keys():
        told += problems(known[name], body[name], f"body.{name}")
    return told


def _members(kind):
    kind = bare(kind)
    if typing.get_origin(kind) is not typing.Union:
        return [kind]
    members = [member for inner in typing.get_args(kind) for member in _members(inner)]
    literal = any(typing.get_origin(member) is typing.Literal for member in members)
    return [member for member in members if not (literal and member is typing.Any)]


def _reads(kind, given):
    """Whether texts of a query string are values of that type."""
    if typing.get_origin(kind) is typing.Literal:
        return len(given) == 1 and given[0] in typing.get_args(kind)
    if typing.get_args(kind):
        return all(any(_reads(member, [text]) for member in _members(typing.get_args(kind)[0])) for text in given)
    if len(given) != 1:
        return False
    if kind is bool:
        return given[0] in ("true", "false")
    if kind in (int, float):
        return given[0].lstrip("-").replace(".", "", 1 if kind is float else 0).isdigit()
    return kind in (str, typing.Any)
