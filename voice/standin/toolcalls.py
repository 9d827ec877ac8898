"""A webhook tool's request: built from its schema, sent once, and what came of it."""

import json
import re
import time
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

import httpx

from voice.standin import variables
from voice.standin.results import fill_schema
from voice.standin.trust import certificates

LARGEST_ANSWER = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request to somebody's server, ready to be sent."""

    method: str
    url: str
    headers: dict
    path: dict = field(default_factory=dict)
    query: dict = field(default_factory=dict)
    body: str | None = None

    def as_details(self, hidden: set[str]) -> dict:
        """The request as the transcript shows it; headers in `hidden` come from secrets."""
        headers = {name: "<REDACTED>" if name in hidden else value for name, value in self.headers.items()}
        parts = {"path_params": self.path, "query_params": self.query, "body": self.body}
        return {"type": "webhook", "method": self.method, "url": self.url, "headers": headers, **parts}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came back: the body as text, or why there is none."""

    text: str
    is_error: bool
    seconds: float
    error_type: str = ""
    problem: str = ""


def build(config: dict, question: str, values: dict, secrets: dict) -> Outgoing:
    """The request a webhook tool makes for a question. Body fields stand at the top level, with nothing around them."""
    schema = config["api_schema"]
    path = {
        name: str(fill_schema(node, question, values))
        for name, node in (schema.get("path_params_schema") or {}).items()
    }
    url = re.sub(r"(?<!\{)\{(\w+)\}(?!\})", lambda found: quote(path.get(found[1], found[0]), safe=""), schema["url"])
    url = variables.fill(url, values)
    query_schema = {"type": "object", **(schema.get("query_params_schema") or {})}
    query = {name: _plain(value) for name, value in fill_schema(query_schema, question, values).items()}
    headers = {name: header(value, values, secrets) for name, value in (schema.get("request_headers") or {}).items()}
    body = None
    if schema.get("request_body_schema") and schema["method"] in ("POST", "PUT", "PATCH"):
        filled = fill_schema(schema["request_body_schema"], question, values)
        form = schema.get("content_type") == "application/x-www-form-urlencoded"
        body = urlencode(filled) if form else json.dumps(filled)
        headers.setdefault("Content-Type", schema.get("content_type") or "application/json")
    return Outgoing(schema["method"], url, headers, path, query, body)


def hidden_headers(config: dict) -> set[str]:
    """The headers whose values nobody may read in a transcript."""
    headers = (config["api_schema"].get("request_headers") or {}).items()
    secret = [
        name
        for name, value in headers
        if isinstance(value, dict)
        and ("secret_id" in value or str(value.get("variable_name", "")).startswith("secret__"))
    ]
    return set(secret)


async def send(outgoing: Outgoing, timeout: float) -> Outcome:
    """Send it once; redirects are not followed. A status that is not 2xx, or no answer in time, is an error."""
    started = time.monotonic()
    try:
        async with httpx.AsyncClient(timeout=timeout, trust_env=False, verify=certificates()) as client:
            response = await client.request(
                outgoing.method,
                outgoing.url,
                params=outgoing.query or None,
                headers=outgoing.headers,
                content=outgoing.body,
            )
    except httpx.TimeoutException:
        waited = time.monotonic() - started
        return Outcome("", True, waited, "client_timeout", f"No answer within {timeout:g} seconds.")
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as problem:
        return Outcome("", True, time.monotonic() - started, "external_server", f"{type(problem).__name__}: {problem}")
    seconds, text = time.monotonic() - started, response.text[:LARGEST_ANSWER]
    if response.is_success:
        return Outcome(text, False, seconds)
    kind = "customer_auth" if response.status_code in (401, 403) else "external_server"
    return Outcome(text, True, seconds, kind, f"HTTP {response.status_code}")


def header(value, values: dict, secrets: dict) -> str:
    """A literal is sent as it stands, braces and all; only objects are looked up."""
    if not isinstance(value, dict):
        return str(value)
    if "secret_id" in value:
        return secrets.get(value["secret_id"], {}).get("value", "")
    return str(values.get(value.get("variable_name", ""), ""))


def _plain(value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
