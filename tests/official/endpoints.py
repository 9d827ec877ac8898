"""Every REST endpoint as the official Python SDK asks for it, read from the SDK's own source.

The SDK is generated from ElevenLabs' API definition: its raw clients hold the path, the verb, the query parameters, the fields of
the body with their types, and the type of the answer.
"""

import ast
import functools
import importlib
import re
import typing
from dataclasses import dataclass, field
from pathlib import Path

import elevenlabs

ROOT = Path(elevenlabs.__file__).parent
GROUPS = ("conversational_ai", "webhooks", "user", "voices", "workspace")


@dataclass(frozen=True)
class Endpoint:
    """One request. ``query`` and ``body`` are types by field name; a body that is one model has it under ``model``."""

    method: str
    path: str
    name: str
    answer: object
    query: dict = field(default_factory=dict)
    body: dict | None = None
    model: object = None
    required: frozenset = frozenset()

    @property
    def address(self):
        return self.method, blank(self.path)


def blank(path):
    """A path with its placeholders, or an address template with its names, made comparable."""
    return re.sub(r"\{[^}]*\}", "{}", path.split("?")[0])


@functools.cache
def catalogue():
    """{(verb, blank path): Endpoint}."""
    found = {}
    for group in GROUPS:
        for file in sorted((ROOT / group).rglob("raw_client.py")):
            found.update({endpoint.address: endpoint for endpoint in _endpoints(file)})
    return found


def endpoint_of(method, path):
    """The endpoint that a real path, ids and all, belongs to. Raises LookupError when the SDK knows none."""
    fits = [
        endpoint
        for verb, template in catalogue()
        if verb == method and re.fullmatch(re.escape(template).replace(r"\{\}", "[^/]+"), path)
        for endpoint in [catalogue()[verb, template]]
    ]
    if not fits:
        raise LookupError(f"the official SDK has no {method} {path}")
    return min(fits, key=lambda endpoint: endpoint.path.count("{"))


def _endpoints(file):
    """Of one raw client; its module is imported only when something in it is an endpoint."""
    for owner in ast.parse(file.read_text()).body:
        if isinstance(owner, ast.ClassDef) and not owner.name.startswith("Async"):
            for function in owner.body:
                request = _request(function) if isinstance(function, ast.FunctionDef) else None
                if request:
                    yield _read(file, owner.name, function, request)


def _request(function):
    """The call of the HTTP client in a method, as {keyword: syntax}, its path under ``path``."""
    for node in ast.walk(function):
        asks = isinstance(node, ast.Call) and ast.unparse(node.func).endswith(
            ("httpx_client.request", "httpx_client.stream")
        )
        if asks:
            return {"path": node.args[0], **{keyword.arg: keyword.value for keyword in node.keywords}}
    return None


def _read(file, owner, function, request):
    module = importlib.import_module(".".join(("elevenlabs", *file.relative_to(ROOT).with_suffix("").parts)))
    method = getattr(getattr(module, owner), function.name)
    hints = typing.get_type_hints(method, include_extras=True)
    body, model = _body(request.get("json"), hints)
    arguments = function.args
    demanded = {
        arg.arg for arg, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if default is None
    }
    return Endpoint(
        method=ast.literal_eval(request["method"]),
        path="/" + _path(request["path"]),
        name=".".join((*file.relative_to(ROOT).parts[:-1], function.name)),
        answer=_answer(hints.get("return")),
        query=_fields(request.get("params"), hints),
        body=body,
        model=model,
        required=frozenset(demanded),
    )


def _path(syntax):
    if isinstance(syntax, ast.Constant):
        return syntax.value
    parts = [part.value if isinstance(part, ast.Constant) else "{" + _argument(part) + "}" for part in syntax.values]
    return "".join(parts)


def _argument(syntax):
    """The name of the SDK method's argument in an expression: jsonable_encoder(agent_id) → agent_id."""
    names = [node.id for node in ast.walk(syntax) if isinstance(node, ast.Name)]
    return names[-1]


def _fields(syntax, hints):
    """{wire name: type} of a dictionary of parameters."""
    if not isinstance(syntax, ast.Dict):
        return {}
    fields = {}
    for key, value in zip(syntax.keys, syntax.values, strict=True):
        if isinstance(value, ast.Constant):
            fields[key.value] = typing.Literal[value.value]
        else:
            known = [node.id for node in ast.walk(value) if isinstance(node, ast.Name) and node.id in hints]
            fields[key.value] = hints[known[0]]
    return fields


def _body(syntax, hints):
    """(fields, None), (None, model) or (None, None)."""
    if syntax is None or isinstance(syntax, ast.Dict):
        return (_fields(syntax, hints), None) if syntax else (None, None)
    known = [node.id for node in ast.walk(syntax) if isinstance(node, ast.Name) and node.id in hints]
    return None, hints[known[0]]


def _answer(hint):
    """T of HttpResponse[T]."""
    arguments = typing.get_args(hint)
    return arguments[0] if arguments else None
