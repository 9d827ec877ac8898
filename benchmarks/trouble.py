"""Stores that fail now and then while something else is measured."""

import asyncio
import contextlib
import itertools
import time

from benchmarks.faults import down

LASTS, BETWEEN = 3.0, 15.0  # seconds
KINDS = {
    "Redis killed": lambda open_: down(open_.valkey),
    "PostgreSQL paused": lambda open_: open_.postgresql.frozen(),
    "Redis paused": lambda open_: open_.valkey.frozen(),
}


async def brew(open_, after, befell, over):
    """From ``after`` seconds on let one store after the other fail for a moment, until ``over`` (an asyncio.Event) is set;
    then everything runs again. ``befell`` gets (time.monotonic(), what) of each.

    On the event loop of the main thread: the kernel ends a store with the thread that started it again.
    """
    await _pass(over, after)
    for name in itertools.cycle(KINDS):
        if await _pass(over, BETWEEN):
            return
        befell.append((time.monotonic(), name))
        with KINDS[name](open_):
            await asyncio.sleep(LASTS)


async def _pass(over, seconds):
    """Whether it is over before so many seconds have passed."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await over.wait()
    return over.is_set()
