"""What is counted and timed for Prometheus, added up for all processes of all hosts.

A process adds up by itself, in memory, and a thread of its own hands the sums over to one hash in Redis every few
seconds: nobody who is waited for makes a trip for it, any number of web processes and workers stand behind one address,
and the sums outlive them. While Redis is away they gather here. Series are few: names and labels are ours, never a
visitor's or a document's words, and past ``ROOM`` of them new ones are dropped.
"""

import atexit
import os
import threading
import uuid
from bisect import bisect_left

import msgspec

from knowledge import trips

KEY = "meters"
ROOM = 2000
EVERY_SECONDS = 3.0
BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 1.5, 2.5, 5.0, 10.0, 30.0, 120.0)  # seconds
SUM, MORE = "sum", "+Inf"

# KEYS: the sums, this batch. ARGV: seconds it is known, then series and amount in turns. A batch whose answer was lost is
# sent again, and counted once.
HAND_OVER = """
if not redis.call('SET', KEYS[2], 1, 'NX', 'EX', ARGV[1]) then return 0 end
for i = 2, #ARGV, 2 do redis.call('HINCRBYFLOAT', KEYS[1], ARGV[i], ARGV[i + 1]) end
return 1
"""
BATCH_SECONDS = 86_400

_lock, _handing_over = threading.Lock(), threading.Lock()
_sums, _state = {}, {"pid": None, "batch": None}


def count(name, amount=1, **labels):
    """One more of ``name`` with these labels."""
    _add({(name, tuple(sorted(labels.items())), ""): amount})


def observe(name, seconds, **labels):
    """Something took so many seconds: into its histogram."""
    place = bisect_left(BOUNDS, seconds)
    bound = str(BOUNDS[place]) if place < len(BOUNDS) else MORE
    label = tuple(sorted(labels.items()))
    _add({(name, label, bound): 1, (name, label, SUM): seconds})


def read():
    """{(name, ((label, value), ...), part): sum} of all processes; None while Redis does not answer. ``part`` is "" for a
    count, else the upper bound of a histogram's bucket (each counted once, not cumulative), or SUM."""
    flush()
    with trips.make("meters") as connection:
        if connection is not None:
            return dict(_decoded(connection.client.hgetall(KEY)))
    return None


def flush():
    """Hand over what this process has added up. What could not be is kept."""
    with _handing_over:
        while _state["batch"] or _take():
            if not _hand_over(*_state["batch"]):
                return
            _state["batch"] = None


def _take():
    """Whether there is something to hand over, from now on as a batch with a name."""
    with _lock:
        if _sums:
            _state["batch"] = (uuid.uuid4().hex, dict(_sums))
            _sums.clear()
    return _state["batch"] is not None


def _hand_over(batch, sums):
    told = [word for series, amount in sums.items() for word in (msgspec.json.encode(series), amount)]
    with trips.make("meters") as connection:
        if connection is not None:
            connection.client.eval(HAND_OVER, 2, KEY, f"{KEY}:{batch}", BATCH_SECONDS, *told)
            return True
    return False


def _decoded(kept):
    for series, amount in kept.items():
        name, labels, part = msgspec.json.decode(series)
        yield (name, tuple((label, value) for label, value in labels), part), float(amount)


def _add(amounts):
    if _state["pid"] != os.getpid():  # a child of a fork begins with nothing, and has no thread
        _begin()
    with _lock:
        for series, amount in amounts.items():
            if series in _sums or len(_sums) < ROOM:
                _sums[series] = _sums.get(series, 0) + amount


def _begin():
    with _lock:
        if _state["pid"] == os.getpid():
            return
        _sums.clear()
        _state.update(pid=os.getpid(), batch=None)
    threading.Thread(target=_run, name="meters", daemon=True).start()


def _run():
    pause = threading.Event()
    while not pause.wait(EVERY_SECONDS):
        flush()


def _after_fork():
    global _lock, _handing_over
    _lock, _handing_over = threading.Lock(), threading.Lock()  # somebody may have held them at that moment


def reset():
    """As at the start of a process: for tests."""
    with _handing_over, _lock:
        _sums.clear()
        _state["batch"] = None


os.register_at_fork(after_in_child=_after_fork)
atexit.register(flush)
