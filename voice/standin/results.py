"""Schemas filled in, results read: what goes into a tool, and what is said of what comes out."""

import copy
import json


def takes_question(config: dict) -> bool:
    """Whether a tool has a string that the language model fills in."""
    schema = config.get("api_schema") or {}
    roots = [schema.get("request_body_schema"), schema.get("query_params_schema"), schema.get("path_params_schema")]
    return any(_has_question(root) for root in [*roots, config.get("parameters")])


def fill_schema(node: dict | None, question: str, values: dict):
    """A value for a schema node: constants and variables as they are, strings become the question."""
    if not isinstance(node, dict):
        return None
    if node.get("constant_value") not in (None, ""):
        return node["constant_value"]
    if node.get("dynamic_variable"):
        return values.get(node["dynamic_variable"])
    kind = node.get("type")
    if kind == "object":
        filled = {
            name: fill_schema(child, question, values)
            for name, child in (node.get("properties") or {}).items()
            if not (child.get("is_omitted") or child.get("is_system_provided"))
        }
        return {name: value for name, value in filled.items() if value is not None}
    if kind == "array":
        return [fill_schema(node.get("items"), question, values)]
    if node.get("enum"):
        said = [word for word in node["enum"] if str(word).lower() in question.lower()]
        return (said or node["enum"])[0]
    kinds = kind if isinstance(kind, list) else [kind]
    return question if "string" in kinds else {"boolean": True, "integer": 1, "number": 1.0}.get(kinds[0])


def filter_result(text: str, rule: dict | None):
    """What the language model may read of a tool's answer: the JSON (or text), cut down by the `response_filter`."""
    try:
        result = json.loads(text)
    except ValueError:
        result = text
    mode = (rule or {}).get("mode", "all")
    if mode == "hide_all":
        return ""
    if mode != "allow" or not isinstance(result, (dict, list)):
        return result
    kept: dict = {}
    for path in rule.get("filters") or []:
        value = read_path(result, path)
        if value is not None:
            _put(kept, path.split("."), copy.deepcopy(value))
    return kept


def read_path(result, path: str):
    """The value at a dot path, indices allowed (`data.0.id`); None when there is none."""
    for key in path.split("."):
        if isinstance(result, list) and key.isdigit() and int(key) < len(result):
            result = result[int(key)]
        elif isinstance(result, dict):
            result = result.get(key)
        else:
            return None
    return result


def words_of(result) -> str:
    """What an agent would say of a result: its `content`, else its longest string."""
    content = read_path(result, "result.content") if isinstance(result, dict) else None
    if isinstance(content, str) and content.strip():
        return content.strip()
    return max(_strings(result), key=len, default="").strip()


def told_to_say(text: str) -> str | None:
    """The words that a client tool's result, `{"say": "…"}`, has the agent say, "" to have it say nothing; else None."""
    try:
        result = json.loads(text)
    except ValueError:
        return None
    words = result.get("say") if isinstance(result, dict) else None
    return words.strip() if isinstance(words, str) else None


def _has_question(node) -> bool:
    if not isinstance(node, dict):
        return False
    if node.get("type") == "string" and node.get("description") and not node.get("enum"):
        return not any(node.get(key) for key in ("constant_value", "dynamic_variable", "is_omitted"))
    children = node.get("properties") if isinstance(node.get("properties"), dict) else node
    return any(_has_question(child) for child in children.values() if isinstance(child, dict))


def _put(tree: dict, path: list[str], value) -> None:
    for key in path[:-1]:
        tree = tree.setdefault(key, {})
    tree[path[-1]] = value


def _strings(value):
    if isinstance(value, str):
        yield value
    for child in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _strings(child)
