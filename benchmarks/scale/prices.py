"""What one piece of work costs: processor time by program, statements, bytes of the write-ahead log, commands of Redis, rows.

Counted of the very processes that do the work, so it hardly depends on what else the machine does. What the site does by itself
is measured first and taken off. Callers and the stand-in are not counted.
"""

import asyncio
import re
import time
from dataclasses import dataclass

import psycopg
import redis

from benchmarks import figures, site, watching
from benchmarks.scale import work

PROGRAMS = ("web", "worker", "PostgreSQL", "Valkey")
SETTLE_SECONDS = 1.5  # until the diary of tool calls is written
STATEMENT = re.compile(r"LOG:  (?:execute [^:]*|statement): (?!SET |SHOW )")
COUNTED = 10  # of each piece of work, for its statements
ROOM = "100000"


@dataclass(frozen=True, slots=True)
class Look:
    """What had been used up to a moment."""

    at: float
    seconds: dict  # of processor, by program
    wal: int  # bytes
    commands: int  # of Redis
    rows: int


class Meter:
    """Looks at the programs of a site, and at what their stores tell of themselves."""

    def __init__(self, open_):
        self.programs = dict(zip(PROGRAMS, (open_.server, open_.worker, open_.postgresql, open_.valkey), strict=True))
        self.log = open_.postgresql.folder / "log"
        self.rows = psycopg.connect(open_.environment["DATABASE_URL"], autocommit=True)
        self.redis = redis.Redis(port=open_.valkey.port)
        self.idle = dict.fromkeys(PROGRAMS, 0.0)  # processor seconds a second
        self.tables = [name for (name,) in self.rows.execute("SELECT relname FROM pg_stat_user_tables")]

    def look(self):
        seconds = {name: watching.look(0, program).seconds for name, program in self.programs.items()}
        wal = self.rows.execute("SELECT pg_current_wal_insert_lsn() - '0/0'").fetchone()[0]
        counted = " + ".join(f'(SELECT count(*) FROM "{name}")' for name in self.tables)
        rows = self.rows.execute(f"SELECT {counted}").fetchone()[0]
        return Look(time.monotonic(), seconds, int(wal), self.redis.info("stats")["total_commands_processed"], rows)

    def rest(self, seconds=10):
        """Learn what the site does by itself."""
        before = self.look()
        time.sleep(seconds)
        after = self.look()
        self.idle = {name: (after.seconds[name] - before.seconds[name]) / seconds for name in PROGRAMS}

    def between(self, before, after):
        """{program: processor seconds} beyond what the site does by itself."""
        took = after.at - before.at
        return {name: after.seconds[name] - before.seconds[name] - self.idle[name] * took for name in PROGRAMS}

    def price(self, count, do):
        """{"web": CPU milliseconds, …, "statements", "wal" bytes, "commands", "rows"} for each of ``count`` pieces that
        ``do(count)`` does, and once more for a few, whose statements are counted."""
        before = self.look()
        do(count)
        time.sleep(SETTLE_SECONDS)
        after = self.look()
        used = self.between(before, after)
        told = {name: round(max(0.0, used[name]) * 1000 / count, 3) for name in PROGRAMS}
        told |= {"wal": round((after.wal - before.wal) / count), "rows": round((after.rows - before.rows) / count, 2)}
        told["commands"] = round((after.commands - before.commands) / count, 1)
        return told | {"statements": self._statements(do)}

    def _statements(self, do):
        self._log_statements("all")
        before = self.log.stat().st_size
        do(COUNTED)
        time.sleep(SETTLE_SECONDS)
        with self.log.open(errors="replace") as log:
            log.seek(before)
            found = len(STATEMENT.findall(log.read()))
        self._log_statements("none")
        return round(found / COUNTED, 1)

    def _log_statements(self, which):
        self.rows.execute(f"ALTER SYSTEM SET log_statement = '{which}'")
        self.rows.execute("SELECT pg_reload_conf()")
        time.sleep(0.3)


def measure():
    """{"of": machine, "on": date, "units": {name: price}, "memory": …}, printed on the way."""
    flags = ["--speech", "tones", "--concurrency", ROOM]
    options = {"standin": True, "postgresql": True, "tasks": True, "flags": flags, "VOICE_MAX_SESSIONS": ROOM}
    with site.running(**options, ELEVENLABS_WEBHOOK_SECRETS=work.SECRET) as open_:
        meter, doing = Meter(open_), work.Work(open_)
        held = {name: _held(program) for name, program in meter.programs.items()}
        doing.warm()
        meter.rest()
        units = {}
        for name, (count, do) in doing.units().items():
            units[name] = meter.price(count, do)
            print(_line(name, units[name]), flush=True)
        memory = {name: [held[name], _held(program)] for name, program in meter.programs.items()}
        memory["thousand passages"] = doing.memory_of_passages(lambda: _held(open_.server))
        print("memory, MB at the start and at the end:", memory)
        sizes = dict(meter.rows.execute(SIZES).fetchall())
        print("bytes a row, with its indexes:", sizes)
    on = time.strftime("%Y-%m-%d")
    return {"of": figures.machine(), "on": on, "units": units, "memory": memory, "bytes": sizes}


SIZES = """
SELECT relname, round(pg_total_relation_size(relid)::numeric / n_live_tup)::int FROM pg_stat_user_tables
WHERE n_live_tup > 30 AND relname IN ('voice_toolcall', 'voice_turn', 'voice_session', 'voice_conversation', 'voice_delivery',
'voice_attempt', 'voice_visit', 'knowledge_asked', 'knowledge_cited', 'knowledge_passage')
"""


def _held(program):
    return round(watching.look(0, program).megabytes, 1)


def _line(name, price):
    times = "  ".join(f"{program} {price[program]:8.2f}" for program in PROGRAMS)
    rest = (
        f"{price['statements']:5.1f} statements  {price['wal'] / 1024:7.1f} KB WAL  {price['commands']:5.1f} commands"
    )
    return f"  {name:28} CPU ms: {times}   {rest}  {price['rows']:6.2f} rows"


def together(coroutines, at_once=4):
    """Run them, so many at the same time."""
    gate = asyncio.Semaphore(at_once)

    async def one(coroutine):
        async with gate:
            return await coroutine

    async def every():
        return await asyncio.gather(*(one(coroutine) for coroutine in coroutines))

    return asyncio.run(every())
