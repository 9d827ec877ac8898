"""What a tool consists of: its schemas, their rules and their defaults."""

from voice.standin import validation as v
from voice.standin.definitions import merge
from voice.standin.errors import invalid, refused

NAME = r"^[a-zA-Z0-9_-]{1,64}$"
KINDS = ("webhook", "client", "system", "mcp", "api_integration_webhook", "smb")
WITH_BODY = ("POST", "PUT", "PATCH")
LITERALS = ("string", "boolean", "integer", "number")
SOURCES = ("description", "dynamic_variable", "constant_value", "is_system_provided", "is_omitted")
COMMON = {
    "description": "",
    "response_timeout_secs": 20,
    "interruption_mode": "allow",
    "disable_interruptions": False,
    "force_pre_tool_speech": False,
    "pre_tool_speech": "auto",
    "assignments": [],
    "tool_call_sound": None,
    "tool_call_sound_behavior": "auto",
    "tool_error_handling_mode": "auto",
    "execution_mode": "immediate",
    "dynamic_variables": {"dynamic_variable_placeholders": {}},
}
API_SCHEMA = {
    "request_headers": {},
    "method": "GET",
    "path_params_schema": {},
    "query_params_schema": None,
    "request_body_schema": None,
    "response_body_schema": None,
    "response_filter": {"mode": "all", "filters": []},
    "content_type": "application/json",
    "auth_connection": None,
}
RULES = {
    "tool_config": v.mapping,
    "tool_config.type": v.one_of(*KINDS),
    "tool_config.name": v.text(pattern=NAME),
    "tool_config.description": v.text(),
    "tool_config.pre_tool_speech": v.one_of("auto", "force", "off"),
    "tool_config.interruption_mode": v.one_of("allow", "disable_during_tool", "disable_during_tool_and_turn"),
    "tool_config.execution_mode": v.one_of("immediate", "post_tool_speech", "async"),
    "tool_config.tool_error_handling_mode": v.one_of("auto", "summarized", "passthrough", "hide"),
    "tool_config.expects_response": v.boolean,
    "tool_config.assignments": v.sequence(),
    "tool_config.api_schema": v.mapping,
    "tool_config.api_schema.url": v.text(pattern=r"^https?://|^\{\{system_env__"),
    "tool_config.api_schema.method": v.one_of("GET", "POST", "PUT", "PATCH", "DELETE"),
    "tool_config.api_schema.request_headers": v.mapping,
    "tool_config.api_schema.content_type": v.one_of("application/json", "application/x-www-form-urlencoded"),
    "tool_config.api_schema.response_filter.mode": v.one_of("all", "allow", "hide_all"),
    "tool_config.api_schema.response_filter.filters": v.sequence(),
    "tool_config.api_schema.request_body_schema": v.mapping,
    "tool_config.api_schema.query_params_schema": v.mapping,
    "tool_config.parameters": v.mapping,
}


def complete_tool(body: dict, store) -> dict:
    """The tool's configuration, checked, with its defaults. Raises 422, or 404 for a secret nobody knows."""
    v.check(body, RULES, required=("tool_config", "tool_config.type", "tool_config.name", "tool_config.description"))
    config = body["tool_config"]
    timeouts = v.number(1, 120) if config["type"] == "client" else v.number(5, 300)
    v.check(body, {"tool_config.response_timeout_secs": timeouts})
    complete = merge(COMMON, config)
    if config["type"] == "webhook":
        v.check(body, {}, required=("tool_config.api_schema", "tool_config.api_schema.url"))
        complete["api_schema"] = merge(API_SCHEMA, config["api_schema"])
        _check_api(complete["api_schema"], store)
    if config["type"] == "client":
        complete = merge({"expects_response": False, "parameters": None}, complete)
        _check_property(complete["parameters"], ("body", "tool_config", "parameters"))
    return complete


def _check_api(schema: dict, store) -> None:
    where = ("body", "tool_config", "api_schema")
    if schema["request_body_schema"] and schema["method"] not in WITH_BODY:
        message = f"Request body schema is not allowed for method {schema['method']}"
        raise invalid(((*where, "request_body_schema"), "value_error", message))
    _check_property(schema["request_body_schema"], (*where, "request_body_schema"))
    for group in ("path_params_schema", "query_params_schema"):
        properties = schema[group] or {}
        for name, prop in (properties.get("properties", properties) if properties else {}).items():
            if name != "required":
                _check_property(prop, (*where, group, name))
    for name, value in schema["request_headers"].items():
        if isinstance(value, dict) and "secret_id" in value and value["secret_id"] not in store.secrets:
            raise refused(
                404, "secret_not_found", f"Secret with ID '{value['secret_id']}' not found (header '{name}')."
            )
        if not isinstance(value, (str, dict)):
            raise invalid(((*where, "request_headers", name), "string_type", "Input should be a valid string"))


def _check_property(prop, where: tuple) -> None:
    """One node of a schema. A literal says in exactly one way where its value comes from."""
    if prop is None:
        return
    v.check(prop, {}, required=("type",), root=where)
    kind = prop["type"]
    if kind == "object":
        v.check(prop, {"properties": v.mapping, "required": v.sequence()}, root=where)
        for name, child in (prop.get("properties") or {}).items():
            _check_property(child, (*where, "properties", name))
        unknown = [name for name in prop.get("required") or [] if name not in (prop.get("properties") or {})]
        if unknown:
            raise invalid(((*where, "required"), "value_error", f"Required properties are not defined: {unknown}"))
    elif kind == "array":
        v.check(prop, {}, required=("items",), root=where)
        _check_property(prop["items"], (*where, "items"))
    else:
        _check_literal(prop, where)


def _check_literal(prop: dict, where: tuple) -> None:
    kinds = prop["type"] if isinstance(prop["type"], list) else [prop["type"]]
    if not all(kind in LITERALS for kind in kinds):
        known = ", ".join(repr(kind) for kind in LITERALS)
        raise invalid(((*where, "type"), "literal_error", f"Input should be {known}"))
    given = [source for source in SOURCES if prop.get(source) not in (None, "", False)]
    if len(given) != 1:
        message = "Must set exactly one of: " + ", ".join(SOURCES) + (f" (given: {', '.join(given)})" if given else "")
        raise invalid((where, "value_error", f"Value error, {message}"))
