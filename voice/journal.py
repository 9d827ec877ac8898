"""Tool calls are written down after the caller has the answer, by one thread per process.

Rows wait in a bounded queue and go out in batches. While the database is away they are kept and tried again; when the
queue is full the oldest are dropped and counted in the log: a diary must never stop a conversation.
"""

import atexit
import logging
import sys
import threading
import time
from collections import deque
from dataclasses import dataclass

import msgspec
from django.db import DEFAULT_DB_ALIAS, DatabaseError, close_old_connections, connections
from django.db.utils import InterfaceError

from knowledge import caching, notices, tracks, usage
from voice.cutting import cut
from voice.models import Session, ToolCall

logger = logging.getLogger(__name__)
ROOM = 5000
BATCH = 500
GIVE_WAY_SECONDS = 0.0001
# Calls made together share a transaction: alone, a row costs four times as much. When many come, they are let gather.
LINGER_SECONDS, BUSY_ROWS, BUSY_LINGER_SECONDS = 0.03, 8, 0.25
THREAD_SECONDS = 900
STUCK_SECONDS = 15  # at one batch: then the database hangs, and may hang for ever
NOTED = {ToolCall.Outcome.ANSWERED, ToolCall.Outcome.NOTHING}  # what was refused or failed was not asked of anybody
_rows = deque()
_changed = threading.Condition()
_state = {"thread": None, "writing": False, "dropped": 0, "since": 0.0, "connection": None}


@dataclass(slots=True)
class Entry:
    """A tool call to be written down."""

    row: ToolCall
    told: str  # its question as somebody understands it who heard nothing before
    thread: tuple | None  # (key, questions): what the next call of the conversation may lean on


def write(row, told="", thread=None):
    """Take a ToolCall to be saved soon. Returns at once."""
    write_later(Entry, row, told or row.question, thread)


def write_later(tell, *told):
    """Take what ``tell(*told)`` will give, on the journal's own thread: the Entry's parts or the Entry itself."""
    with _changed:
        if len(_rows) >= ROOM:
            _rows.popleft()
            _state["dropped"] += 1
        _rows.append((tell, told))
        if _state["thread"] is None or not _state["thread"].is_alive():
            _state["thread"] = threading.Thread(target=_run, name="tool-call-journal", daemon=True)
            _state["thread"].start()
        if len(_rows) in (1, BATCH):  # the others find the writer awake already
            _changed.notify_all()
        is_stuck = _state["writing"] and time.monotonic() - _state["since"] > STUCK_SECONDS
        if is_stuck:
            _state["since"] = time.monotonic()
    if is_stuck and _state["connection"] is not None:
        threading.Thread(target=cut, args=[_state["connection"]], daemon=True).start()


def flush(timeout=5.0):
    """Wait until everything taken so far is saved. Returns whether it is."""
    with _changed:
        return _changed.wait_for(lambda: not _rows and not _state["writing"], timeout)


def _run():
    # Python lets a busy thread go on for 5 ms before another may: too long for callers to wait for a diary.
    sys.setswitchinterval(GIVE_WAY_SECONDS)
    while True:
        with _changed:
            _changed.wait_for(lambda: _rows)
            _changed.wait_for(lambda: len(_rows) >= BATCH, LINGER_SECONDS)
            if len(_rows) > BUSY_ROWS:
                _changed.wait_for(lambda: len(_rows) >= BATCH, BUSY_LINGER_SECONDS)
            batch = [_rows.popleft() for _ in range(min(BATCH, len(_rows)))]
            _state.update(writing=True, since=time.monotonic(), connection=connections[DEFAULT_DB_ALIAS])
        batch = _make_entries(batch)
        saved = _save(batch)
        with _changed:
            if not saved:
                _rows.extendleft((_as_it_is, (entry,)) for entry in reversed(batch))
            _state["writing"] = False
            _changed.notify_all()
        if not saved:
            time.sleep(1.0)


def _make_entries(told):
    """What cannot be told is left out: it would keep the others from being written."""
    entries = []
    for tell, parts in told:
        try:
            entry = tell(*parts)
            entries.append(entry if isinstance(entry, Entry) else Entry(*entry))
        except Exception as fault:  # its text may repeat the question
            notices.warn(logger, "untold", "A tool call could not be written down: %s", type(fault).__name__)
    return entries


def _as_it_is(entry):
    return entry


def _save(entries):
    """Whether the entries need no further try."""
    batch = [entry.row for entry in entries]
    try:
        _remember_threads(entries)
        close_old_connections()
        threads, calls = _forget_lost_links(batch)
        ToolCall.objects.bulk_create(batch)
        _log(batch, calls)
        noted = [entry for entry in entries if entry.row.session_id in threads and entry.row.outcome in NOTED]
        usage.note([_as_note(entry, threads) for entry in noted])
    except (DatabaseError, InterfaceError) as fault:
        # Its text would repeat the question.
        dropped, kind = _state["dropped"], type(fault).__name__
        notices.warn(logger, kind, "%d tool calls not written yet (%d dropped so far): %s", len(batch), dropped, kind)
        return False
    finally:
        close_old_connections()
    return True


def _remember_threads(entries):
    """So that the next question may lean on these. Once: a second try would put back what was asked long ago."""
    for entry in entries:
        if entry.thread is not None:
            key, questions = entry.thread
            caching.remember(key, msgspec.json.encode(questions), THREAD_SECONDS)
            entry.thread = None


def _as_note(entry, threads):
    """What the knowledge keeps of a tool call; cached answers count like all others."""
    row = entry.row
    found, thread = row.outcome == ToolCall.Outcome.ANSWERED, str(threads[row.session_id])
    return usage.Note(row.persona_id, entry.told, "spoken", found, row.reason, row.citations, thread, row.at)


def _forget_lost_links(batch):
    """A persona deleted since the call must not keep its row, and the rows beside it, from being saved; what was asked in
    a thread deleted since is not kept. Takes those out of the batch; gives the thread, and ElevenLabs' id, of each session
    that is there."""
    wanted = {row.session_id for row in batch if row.session_id}
    fields = ("pk", "conversation_id", "conversation__persona_id", "elevenlabs_conversation_id")
    found = Session.objects.filter(pk__in=wanted).values_list(*fields)
    known = {pk: persona_id for pk, _, persona_id, _ in found}
    batch[:] = [row for row in batch if row.session_id is None or row.session_id in known]
    for row in batch:
        row.persona_id = known.get(row.session_id)
    return {pk: thread for pk, thread, *_ in found}, {pk: call for pk, *_, call in found}


def _log(batch, calls):
    """A line for each, here, where no caller waits for it."""
    if not logger.isEnabledFor(logging.INFO):
        return
    for row in batch:
        tracks.follow(calls.get(row.session_id, ""))
        logger.info(
            "tool call: %s after %.1f ms%s", row.outcome, row.milliseconds.get("total", 0), ", cached" * row.cached
        )
    tracks.follow("")


atexit.register(flush, 2.0)
