"""`/docs`: what is imitated, on one page, read from the addresses themselves."""

import html
import inspect

from starlette.requests import Request
from starlette.responses import HTMLResponse

PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>ElevenLabs stand-in</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>body{{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}}
table{{border-collapse:collapse;width:100%}}td,th{{text-align:left;vertical-align:top;padding:.3rem .6rem;
border-bottom:1px solid #ddd}}code{{white-space:nowrap}}</style>
<h1>A pretend ElevenLabs</h1>
<p>This server stands in for ElevenLabs Agents: the official Python SDK and browser client talk to it unchanged.
Nothing here is the real service, and no account is needed.</p>
<ul>{notes}</ul>
<h2>Imitated</h2><table><tr><th>Method<th>Address<th>What it does</tr>{imitated}</table>
<h2>Its own controls</h2><p>The rules for faults are in the README beside the code.</p>
<table><tr><th>Method<th>Address<th>What it does</tr>{own}</table></html>"""


async def show(request: Request) -> HTMLResponse:
    """GET /docs."""
    standin = request.app.state.standin
    rows = {True: [], False: []}
    for route in request.app.routes:
        methods = sorted(getattr(route, "methods", None) or {"WebSocket"}, key=lambda name: name == "HEAD")
        rows[route.path.startswith(("/standin", "/docs"))].append(_row(methods[0], route.path, route.endpoint))
    notes = "".join(f"<li>{html.escape(note)}</li>" for note in [*standin.notes, standin.recogniser.note])
    return HTMLResponse(PAGE.format(notes=notes, imitated="".join(rows[False]), own="".join(rows[True])))


def _row(method: str, path: str, endpoint) -> str:
    told = inspect.getdoc(inspect.unwrap(endpoint)) or ""
    sentence = told.splitlines()[0] if told else ""
    return f"<tr><td>{method}<td><code>{html.escape(path)}</code><td>{html.escape(sentence)}</tr>"


ROUTES = [("GET", "/docs", show)]
