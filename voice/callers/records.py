"""The record of a call on the voice service's side, held against the thread that our page shows."""

import asyncio
import time
from dataclasses import dataclass

import httpx

from voice.callers import words
from voice.callers.page import certificates

OVER = ("done", "failed")
SPEAKERS = {"user": "visitor", "agent": "persona"}


class NoRecord(Exception):
    """The service does not hand out the record; the message says why."""


@dataclass(frozen=True, slots=True)
class Account:
    """Where records are read: the service's address and a key for it."""

    url: str
    key: str

    async def fetch(self, session, seconds=20):
        """The record of a finished call as JSON, waited for until it is done. Raises NoRecord."""
        address = f"{self.url.rstrip('/')}/v1/convai/conversations/{session}"
        until = time.monotonic() + seconds
        options = {"timeout": 10, "trust_env": False, "verify": certificates()}
        async with httpx.AsyncClient(headers={"xi-api-key": self.key or "none"}, **options) as http:
            while True:
                try:
                    response = await http.get(address)
                except httpx.HTTPError as fault:
                    raise NoRecord(f"{self.url} does not answer ({type(fault).__name__}).") from fault
                if not response.is_success:
                    raise NoRecord(f"{self.url} does not hand out {session} (status {response.status_code}).")
                record = response.json()
                if record["status"] in OVER:
                    return record
                if time.monotonic() > until:
                    raise NoRecord(f"{session} is still {record['status']} after {seconds} seconds.")
                await asyncio.sleep(0.2)


def differences(record, thread):
    """Sentences: what one side has of a call and the other has not. ``thread`` are the page's rows of that call."""
    theirs = [(SPEAKERS[turn["role"]], turn["message"]) for turn in record["transcript"] if turn["message"]]
    ours = [(row.speaker, row.text) for row in thread]
    found, rest = [], list(ours)
    for speaker, text in theirs:
        match = next((row for row in rest if row[0] == speaker and words.split(row[1]) == words.split(text)), None)
        if match is None:
            found.append(f"their record has “{text}” of the {speaker}, our thread has not")
        else:
            rest.remove(match)
    found += [f"our thread has “{text}” of the {speaker}, their record has not" for speaker, text in rest]
    if not found and [pair[0] for pair in theirs] != [pair[0] for pair in ours]:
        found.append("both sides have the same turns, in another order")
    return found


def latencies(record):
    """Milliseconds of every tool call as the service measured them."""
    results = [result for turn in record["transcript"] for result in turn.get("tool_results") or ()]
    return [result["tool_latency_secs"] * 1000 for result in results if result.get("type") != "system"]
