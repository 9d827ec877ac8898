"""`/docs`: what is imitated, on one page: every address with what it takes, what it refuses, and an example."""

import html
import json
import re

from starlette.requests import Request
from starlette.responses import HTMLResponse

from voice.standin import keys, manual
from voice.standin.manual import Page

PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>ElevenLabs stand-in</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>body{{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}}
h3{{margin:1.6rem 0 .2rem;font:600 1rem/1.5 ui-monospace,monospace}}p{{margin:.2rem 0}}ul{{margin:.2rem 0}}
pre{{margin:.4rem 0;padding:.5rem;white-space:pre-wrap;overflow-wrap:anywhere;background:#f4f4f4}}code,pre{{font-size:.9rem}}</style>
<h1>A pretend ElevenLabs</h1>
<p>This server stands in for ElevenLabs Agents: the official Python SDK and browser client talk to it unchanged.
Nothing here is the real service, and no account is needed.</p>
<ul>{notes}</ul>
<p>Every address outside <code>/standin/</code> wants a header <code>xi-api-key</code> (any text, unless the stand-in was told
otherwise) and may also answer:</p>
<ul><li>401 needs_authorization: no key<li>401 invalid_api_key: not the key, or a revoked one
<li>401 missing_permissions: a limited key without the permission named below
<li>422: a body that is no JSON object, or a field that is missing, of the wrong type or out of range, named in <code>loc</code>
<li>429 too_many_concurrent_requests: more requests at a time than <code>PATCH /standin/limits</code> allows
<li>whatever a rule of <code>POST /standin/faults</code> says</ul>
<h2>Imitated</h2>
<h3 id="socket">WebSocket /v1/convai/conversation</h3>
<p>The conversation itself: subprotocol <code>convai</code>, JSON frames, opened with a signed address or with
<code>?agent_id=</code>. What it imitates, and its close codes, stand in the README beside the code.</p>
{imitated}
<h2>Its own controls</h2><p>They ask for no key. The rules for faults are in the README beside the code.</p>
{own}</html>"""


async def show(request: Request) -> HTMLResponse:
    """GET /docs."""
    standin = request.app.state.standin
    notes = "".join(f"<li>{html.escape(note)}</li>" for note in [*standin.notes, standin.recogniser.note])
    address = standin.address(request)
    imitated = "".join(_tell(key, page, address, True) for key, page in manual.IMITATED.items())
    own = "".join(_tell(key, page, address, False) for key, page in manual.OWN.items())
    return HTMLResponse(PAGE.format(notes=notes, imitated=imitated, own=own))


def example(key: str, page: Page, address: str, with_key: bool) -> str:
    """The example as a command for a shell; ids stand as `agent_…`."""
    method, path = key.split(" ")
    parts = ["curl"] + ([] if method == "GET" else [f"-X {method}"]) + (["-H 'xi-api-key: any'"] if with_key else [])
    if page.body is not None:
        body = json.dumps(page.body, ensure_ascii=False).replace("'", "’")
        parts += ["-H 'Content-Type: application/json'", f"-d '{_fill(body)}'"]
    query = f"?{page.query}" if page.query else ""
    return " ".join([*parts, f"'{address}{_fill(path + query)}'"])


def _fill(text: str) -> str:
    return re.sub(r"\{(\w+?)(_id)?\}", r"\1_…", text)


def _prose(text: str) -> str:
    return re.sub("`([^`]+)`", r"<code>\1</code>", html.escape(text))


def _tell(key: str, page: Page, address: str, imitated: bool) -> str:
    permission = keys.needed(*key.split(" ")) if imitated else None
    lines = [
        ("", page.does),
        ("Takes: ", page.takes),
        ("Permission: ", permission or ""),
        ("SDK: ", f"client.{page.sdk}" if page.sdk else ""),
    ]
    told = "".join(f"<p>{label}{_prose(text)}</p>" for label, text in lines if text)
    refusals = "".join(f"<li>{_prose(refusal)}" for refusal in page.refuses)
    refused = f"<p>Refuses:</p><ul>{refusals}</ul>" if refusals else ""
    command = html.escape(example(key, page, address, imitated and not keys.is_open(key.split(" ")[1])), quote=False)
    return f"<h3>{html.escape(key)}</h3>{told}{refused}<pre>{command}</pre>"


ROUTES = [("GET", "/docs", show)]
