"""What can go wrong with a conversation's socket, when a fault says so."""

import asyncio
import contextlib
import json

from starlette.websockets import WebSocket

from voice.standin import faults, frames
from voice.standin.errors import Hangup

AN_HOUR = 3600
IN_MID_CALL = ("close", "drop", "half_frame", "silence", "hang", "garbage", "latency")


async def meet(fault, websocket: WebSocket) -> None:
    """Faults that strike before the first message: refusal, silence, slowness, or a wrong first message."""
    if fault is None or fault.after:
        return
    if fault.do == "close":
        raise Hangup(fault.code, fault.reason or "Internal error")
    if fault.do == "latency":
        await asyncio.sleep(fault.seconds)
    if fault.do == "hang":
        await _outwait(websocket, fault.seconds if fault.seconds > 1 else AN_HOUR)
        faults.cut(websocket.scope["client"])
    if fault.do == "wrong_first":
        await websocket.send_text(json.dumps(frames.ping(1, None)))
    if fault.do == "drop":
        faults.cut(websocket.scope["client"])


async def _outwait(websocket: WebSocket, seconds: float) -> None:
    """Say nothing until the client gives up, or so long. Raises WebSocketDisconnect in the first case."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while True:
                await websocket.receive_text()


async def happen(fault, call) -> None:
    """Faults that strike in mid-call, `after` so many seconds."""
    if fault is None or fault.do not in IN_MID_CALL:
        return
    if fault.after:
        await asyncio.sleep(fault.after)
    if fault.do == "latency":
        call.delay = fault.seconds
    client = call.websocket.scope["client"]
    if fault.do == "close":
        call.hang_up(fault.code, fault.reason or "Internal error")
    elif fault.do == "garbage":
        await call.websocket.send_text("this is not JSON {")
    elif fault.do in ("silence", "hang"):
        call.muted = True
    elif fault.do == "half_frame":
        faults.write_raw(client, b"\x81\x7e\x40\x00" + b'{"audio_event":{"audio_base_64":"AAAA')
        await asyncio.sleep(0.05)
        faults.cut(client)
    elif fault.do == "drop":
        faults.cut(client)
