"""Load over HTTP on loopback: a few connections kept open, each asking again as soon as it was answered."""

import asyncio
import time


def closed_loop(port, request, connections, seconds):
    """Milliseconds of every answer within the time, over that many connections. ``request(i)`` gives the i-th one's bytes."""
    return asyncio.run(_closed_loop(port, request, connections, seconds))


def post(path, body, **headers):
    """The bytes of a POST."""
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: 127.0.0.1",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
    ]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


async def one(port, request):
    """(status, body) of one request on a connection of its own. Raises OSError and IncompleteReadError."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        body = await reader.readexactly(int(head.split(b"content-length:")[1].split(b"\r\n")[0]))
        return int(head.split()[1]), body
    finally:
        writer.close()


async def _closed_loop(port, request, connections, seconds):
    taken, number = [], iter(range(10**9))
    until = time.perf_counter() + seconds
    await asyncio.gather(*(_one(port, request, number, until, taken) for _ in range(connections)))
    return taken


async def _one(port, request, number, until, taken):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        while (started := time.perf_counter()) < until:
            writer.write(request(next(number)))
            await _answer(reader)
            taken.append((time.perf_counter() - started) * 1000)
    finally:
        writer.close()


async def _answer(reader):
    """Read one answer whole; anything but a 200 ends the measurement: a refusal is quick and would look fast."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    if b" 200 " not in head.split(b"\r\n", 1)[0]:
        raise RuntimeError(head.decode())
    length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
    await reader.readexactly(length)
