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

from django.db import DatabaseError, close_old_connections
from django.db.utils import InterfaceError

from knowledge import usage
from voice.models import Session, ToolCall

logger = logging.getLogger(__name__)
ROOM = 5000
BATCH = 500
GIVE_WAY_SECONDS = 0.0005
# Calls made together share a transaction: alone, a row costs four times as much. When many come, they are let gather.
LINGER_SECONDS, BUSY_ROWS, BUSY_LINGER_SECONDS = 0.03, 8, 0.25
NOTED = {ToolCall.Outcome.ANSWERED, ToolCall.Outcome.NOTHING}  # what was refused or failed was not asked of anybody
_rows = deque()
_changed = threading.Condition()
_state = {"thread": None, "writing": False, "dropped": 0}


def write(row):
    """Take a ToolCall to be saved soon. Returns at once."""
    with _changed:
        if len(_rows) >= ROOM:
            _rows.popleft()
            _state["dropped"] += 1
        _rows.append(row)
        if _state["thread"] is None or not _state["thread"].is_alive():
            _state["thread"] = threading.Thread(target=_run, name="tool-call-journal", daemon=True)
            _state["thread"].start()
        if len(_rows) in (1, BATCH):  # the others find the writer awake already
            _changed.notify_all()


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
            _state["writing"] = True
        saved = _save(batch)
        with _changed:
            if not saved:
                _rows.extendleft(reversed(batch))
            _state["writing"] = False
            _changed.notify_all()
        if not saved:
            time.sleep(1.0)


def _save(batch):
    """Whether the batch needs no further try."""
    try:
        close_old_connections()
        threads = _forget_lost_links(batch)
        ToolCall.objects.bulk_create(batch)
        usage.note([_as_note(row, threads) for row in batch if row.persona_id and row.outcome in NOTED])
    except (DatabaseError, InterfaceError):
        logger.warning(
            "%d tool calls not written yet (%d dropped so far)", len(batch), _state["dropped"], exc_info=True
        )
        return False
    finally:
        close_old_connections()
    return True


def _as_note(row, threads):
    """What the knowledge keeps of a tool call; cached answers count like all others."""
    found, thread = row.outcome == ToolCall.Outcome.ANSWERED, str(threads[row.session_id])
    return usage.Note(row.persona_id, row.question, "spoken", found, row.reason, row.citations, thread, row.at)


def _forget_lost_links(batch):
    """A session or persona deleted since the call must not keep its row, and the rows beside it, from being saved. Gives
    the thread of each session that is there."""
    wanted = {row.session_id for row in batch if row.session_id}
    found = Session.objects.filter(pk__in=wanted).values_list("pk", "conversation_id", "conversation__persona_id")
    known = {pk: persona_id for pk, _, persona_id in found}
    for row in batch:
        row.session_id = row.session_id if row.session_id in known else None
        row.persona_id = known.get(row.session_id)
    return {pk: thread for pk, thread, _ in found}


atexit.register(flush, 2.0)
