"""A storm of refusals, as the stand-in's log tells of it. Of use to tests and benchmarks alike."""

import time
from dataclasses import dataclass

import httpx

UNDER_WAY_SECONDS = 0.5  # what was sent before the refusal was heard arrives within this


@dataclass(frozen=True, slots=True)
class Storm:
    """What became of it. ``early``: requests of ours that came after a refusal and before the time it named."""

    requests: int
    refusals: int
    early: int
    agents: int
    tools: int


def begin(url, times, retry_after=None):
    """From now on the stand-in refuses so many requests, naming that many seconds, or none."""
    rule = {"on": "http", "do": "status", "status": 429, "path": "/v1/*", "times": times}
    if retry_after is not None:
        rule["retry_after"] = retry_after
    httpx.post(f"{url}/standin/faults", json=rule).raise_for_status()


def look(url, retry_after=None):
    """The Storm so far."""
    rows = httpx.get(f"{url}/standin/requests", timeout=60).json()["requests"]
    counts = httpx.get(f"{url}/standin/", timeout=60).json()["counts"]
    refusals = [row["at"] for row in rows if row.get("status") == 429]
    early = {
        row["at"]
        for row in rows
        for at in refusals
        if retry_after and at + UNDER_WAY_SECONDS < row["at"] < at + retry_after
    }
    return Storm(len(rows), len(refusals), len(early), counts["agents"], counts["tools"])


def wait_until(true, seconds):
    """Whether it came true within so many seconds."""
    until = time.monotonic() + seconds
    while not (found := true()) and time.monotonic() < until:
        time.sleep(0.1)
    return found
