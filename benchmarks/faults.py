"""Tool calls while a part of the site is dead, slow, full or mad: what callers hear meanwhile, and how soon all is well.

The site is as in production: granian with two workers, PostgreSQL and Valkey as processes of their own, which are frozen,
killed and started again for it.
"""

import contextlib
import signal
import time
from pathlib import Path

import psycopg
import redis

from benchmarks import barrage, site
from tests import faults, stores
from tests.knowledge import endpoint

SECONDS = 4.0  # a fault lasts
RATE = 20


def run():
    print(f"\n{RATE} calls a second by the clock, half of them new questions; each fault lasts {SECONDS:.0f} s.")
    print("good: the answer, or the persona's own line, in time. kept: asked before, answered during the fault.")
    print(f"\n{'':44}{'calls':>6}{'good %':>8}{'kept %':>8}{'5xx':>5}{'p50':>7}{'p95':>8}{'recovered':>11}")
    with site.running(postgresql=True, wire=True, workers=2, prepare=barrage.PREPARE) as open_:
        _measure(open_, STORES)
    with (
        endpoint.running() as engine,
        site.running(
            postgresql=True,
            workers=2,
            prepare=barrage.PREPARE,
            EMBEDDING_BASE_URL=engine.address,
            EMBEDDING_MODEL="hashed",
        ) as open_,
    ):
        cases = {name: lambda _, change=change: changed(engine, **change) for name, change in EMBEDDINGS.items()}
        _measure(open_, cases)


def _measure(open_, cases):
    barrage.suffer(open_, contextlib.nullcontext(), 1, quiet=1)
    for name, fault in cases.items():
        toll = barrage.suffer(open_, fault(open_), SECONDS, rate=RATE)
        good, kept = 100 * toll.good, 100 * toll.kept
        print(
            f"  {name:42}{len(toll.all):6}{good:8.1f}{kept:8.1f}{toll.faults:5}"
            f"{toll.quickness(0.5):7.1f}{toll.quickness(0.95):8.1f}{toll.recovery:9.1f} s"
        )


@contextlib.contextmanager
def down(program):
    """Killed, and started again."""
    program.kill()
    yield
    program.start()
    if program.name == "PostgreSQL":
        stores.await_first_connection(program.port, site.PASSWORD)


@contextlib.contextmanager
def bad(wire, **change):
    """A wire with some of its attributes changed."""
    for name, value in change.items():
        setattr(wire, name, value)
    yield
    wire.mend()


@contextlib.contextmanager
def changed(thing, **change):
    """Anything with some of its attributes changed."""
    before = {name: getattr(thing, name) for name in change}
    for name, value in change.items():
        setattr(thing, name, value)
    yield
    for name, value in before.items():
        setattr(thing, name, value)


@contextlib.contextmanager
def full(valkey):
    """No memory left for anything new."""
    with redis.Redis(port=valkey.port) as raw:
        raw.config_set("maxmemory", 1)
        yield
        raw.config_set("maxmemory", 0)


@contextlib.contextmanager
def replica(valkey):
    """It became a replica of a server that is not there: it answers, and takes nothing."""
    with redis.Redis(port=valkey.port) as raw:
        raw.replicaof("127.0.0.1", 9)
        yield
        raw.replicaof("NO", "ONE")


@contextlib.contextmanager
def rubbish(valkey):
    """Every entry is something else than it was."""
    with redis.Redis(port=valkey.port) as raw:
        for place, key in enumerate(raw.keys()):
            raw.delete(key)
            raw.lpush(key, "rubbish") if place % 2 else raw.set(key, b"\xff\xfe rubbish")
        yield
        raw.flushall()


@contextlib.contextmanager
def locked(database):
    """Another session holds the table of personas."""
    with _connected(database) as other, other.transaction():
        other.execute("LOCK TABLE personas_persona IN ACCESS EXCLUSIVE MODE")
        yield


@contextlib.contextmanager
def crowded(database):
    """Every connection is somebody else's."""
    with contextlib.ExitStack() as others:
        first = others.enter_context(_connected(database))
        with contextlib.suppress(psycopg.OperationalError):
            while True:
                others.enter_context(_connected(database))
                first.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE backend_type = 'client backend' AND application_name <> 'crowd'"
                )
        yield


def _connected(database):
    address = f"postgres://postgres:{site.PASSWORD}@127.0.0.1:{database.port}/postgres"
    return psycopg.connect(address, autocommit=True, application_name="crowd")


@contextlib.contextmanager
def no_room(open_):
    """Nothing can be written where indexes are kept, as on a full disk, and a new index is wanted."""
    folder = Path(open_.environment["DATA_DIR"], "index")
    aside = folder.rename(folder.with_name("index-aside"))
    folder.write_text("a file where a folder should be")
    open_.manage(
        "from knowledge.models import Library\nfor one in Library.objects.all(): Library.objects.moved(one.pk)"
    )
    yield
    folder.unlink()
    aside.rename(folder)


@contextlib.contextmanager
def killed_worker(server):
    """One of the two workers ends without a word."""
    faults.tell(faults.children(server.pid)[:1], signal.SIGKILL)
    yield


@contextlib.contextmanager
def restarted(server):
    """The workers are replaced one after the other, as for a new release."""
    faults.tell([server.pid], signal.SIGHUP)
    yield
    time.sleep(20)  # until the last of the old ones has gone


LOADING = b"-LOADING Valkey is loading the dataset in memory\r\n"
STORES = {
    "nothing": lambda open_: contextlib.nullcontext(),
    "Redis killed": lambda open_: down(open_.valkey),
    "Redis frozen": lambda open_: open_.valkey.frozen(),
    "Redis behind a dead line": lambda open_: bad(open_.wire, dead=True),
    "Redis 30 ms away": lambda open_: bad(open_.wire, delay=0.03),
    "Redis says it is loading": lambda open_: bad(open_.wire, says=LOADING),
    "Redis talks nonsense": lambda open_: bad(open_.wire, says=b"\x00\xfe?\r\n"),
    "Redis has no memory left": lambda open_: full(open_.valkey),
    "Redis is a replica": lambda open_: replica(open_.valkey),
    "Redis is full of rubbish": lambda open_: rubbish(open_.valkey),
    "PostgreSQL frozen": lambda open_: open_.postgresql.frozen(),
    "PostgreSQL killed": lambda open_: down(open_.postgresql),
    "PostgreSQL behind a dead line": lambda open_: bad(open_.line, dead=True),
    "PostgreSQL has no connection left": lambda open_: crowded(open_.postgresql),
    "a table locked by somebody else": lambda open_: locked(open_.postgresql),
    "no room for a new index": no_room,
    "a worker killed": lambda open_: killed_worker(open_.server),
    "the workers restarted": lambda open_: restarted(open_.server),
}
EMBEDDINGS = {
    "embeddings fail": {"failures": 10**9},
    "embeddings are not numbers": {"embed": lambda text, width: [float("nan")] * width},
    "embeddings are zero": {"embed": lambda text, width: [0.0] * width},
    "embeddings of another size": {"width": 7},
    "embeddings take 5 seconds": {"seconds": 5.0},
}
