"""pgvector in a contest: vectors alone, in PostgreSQL 18 with pgvector 0.8 from the wheel that the tests use.

`python -m benchmarks.pgvector NAME FOLDER` serves one of two: a partition per persona gone through exactly, or one
table with an HNSW index and iterative scan.
"""

import secrets
import sys

import numpy as np
import psycopg

from benchmarks.contestant import Ready, serve
from benchmarks.stock import FIRST
from demo import processes
from tests import stores

EXACT = "SELECT id FROM passages WHERE persona = %s ORDER BY embedding <=> %s::vector LIMIT %s"


def partitions(stock, folder):
    connection = _connect()
    connection.execute("CREATE TABLE passages (id int, persona int, embedding vector) PARTITION BY LIST (persona)")
    for persona in stock.personas:
        connection.execute(f"CREATE TABLE passages_{persona} PARTITION OF passages FOR VALUES IN ({persona})")
    _copy(connection, stock)
    return _ready(connection, stock, folder)


def hnsw(stock, folder):
    connection = _connect()
    connection.execute("CREATE TABLE passages (id int, persona int, embedding vector(384))")
    _copy(connection, stock)
    connection.execute("SET maintenance_work_mem = '2GB'")
    connection.execute("CREATE INDEX ON passages USING hnsw (embedding vector_cosine_ops)")
    connection.execute("CREATE INDEX ON passages (persona)")
    connection.execute("SET hnsw.iterative_scan = relaxed_order")
    return _ready(connection, stock, folder)


def _connect():
    connection = psycopg.connect(sys.argv[3], autocommit=True)
    connection.execute("CREATE EXTENSION vector")
    return connection


def _copy(connection, stock):
    with connection.cursor().copy("COPY passages FROM STDIN") as copy:
        for persona in stock.personas:
            for place in range(*stock.shelf(persona)):
                copy.write_row((place, persona, _text(stock.vectors[place])))


def _ready(connection, stock, folder):
    connection.execute("ANALYZE")
    (size,) = connection.execute("SELECT pg_database_size(current_database())").fetchone()
    with open(folder / "size", "wb") as file:
        file.truncate(size)  # what counts as the folder's size; it takes no room
    vectors = [_text(vector) for vector in stock.question_vectors]

    def ask(question):
        rows = connection.execute(EXACT, (stock.asked_of[question], vectors[question], FIRST), prepare=True)
        return [number for (number,) in rows]

    return Ready(ask, stock.rank_exactly)


def _text(vector):
    return f"[{','.join(map(str, np.asarray(vector, np.float32).tolist()))}]"


SYSTEMS = {"pgvector-partitions": partitions, "pgvector-hnsw": hnsw}

if __name__ == "__main__":
    port, password = processes.free_port(), secrets.token_hex(8)
    with stores.postgresql(port, password):
        sys.argv.append(f"postgres://postgres:{password}@127.0.0.1:{port}/postgres")
        serve(SYSTEMS[sys.argv[1]], sys.argv[2])
