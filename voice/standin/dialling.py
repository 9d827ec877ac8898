"""Somebody calls one of the account's numbers: what happens while it rings, and what the caller says then."""

import asyncio
import base64
import contextlib
import json
import secrets

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.websockets import WebSocketState

from voice.standin import admission, initiation, phones, records, sound, talk, voices
from voice.standin import validation as v
from voice.standin.definitions import merge
from voice.standin.errors import Hangup, not_found
from voice.standin.store import new_id

RULES = {
    "from": v.text(64),
    "to": v.text(32),
    "say": v.sequence(50),
    "say.*": v.text(2000),
    "spoken": v.boolean,
    "call_sid": v.text(128),
    "names_conversation": v.boolean,
}
TELEPHONE = {  # Twilio's lines carry nothing else
    "asr": {"user_input_audio_format": "ulaw_8000"},
    "tts": {"agent_output_audio_format": "ulaw_8000"},
}
PIECE = 256  # bytes of sound in a message: 32 ms
PAUSE = b"\0" * 2 * sound.RATE  # a second, by which the end of a sentence is known
SECONDS_TO_UNDERSTAND = 5


async def dial(request: Request) -> JSONResponse:
    """POST /standin/dial: an inbound Twilio call {"from", "to", "say": […]}; answers once it is connected, or has failed."""
    body, standin = await v.read_json(request), request.app.state.standin
    v.check(body, RULES, required=("from", "to"))
    number = phones.dialled(standin.store, body["to"])
    agent = standin.store.agents.get((number or {}).get("agent_id") or "")
    if agent is None:
        raise not_found("Agent for phone number", body["to"])
    phone_call = describe(number, body["from"], "inbound", body.get("call_sid"))

    async def ask(record):
        return await initiation.ask(standin, agent, record, body.get("names_conversation", True))

    call, record = await connect(standin, agent, phone_call, ask)
    if call is not None:
        standin.later(converse(call, body.get("say") or [], bool(body.get("spoken"))))
    told = {"connected": call is not None, "conversation_id": record["conversation_id"]}
    return JSONResponse(
        {**told, "call_sid": phone_call["call_sid"], "reason": record["metadata"]["termination_reason"]}
    )


def describe(number: dict, external: str, direction: str, call_sid: str | None = None) -> dict:
    """A call as `metadata.phone_call` has it; `call_result` is not known yet."""
    return {
        "type": "twilio",
        "direction": direction,
        "phone_number_id": number["phone_number_id"],
        "agent_number": number["phone_number"],
        "external_number": external,
        "call_sid": call_sid or "CA" + secrets.token_hex(16),
        "stream_sid": "MZ" + secrets.token_hex(16),
        "call_result": None,
    }


async def connect(standin, agent: dict, phone_call: dict, begin):
    """(call or None, its record): `begin(record)` gives what the call begins with, or raises Hangup; then it is let in as any
    other."""
    agent = merge(agent, {"conversation_config": TELEPHONE})
    record = records.start(new_id("conv"), agent, "authorization_header", {})
    record["metadata"].update(phone_call=phone_call, conversation_initiation_source="twilio")
    standin.store.conversations[record["conversation_id"]] = record
    try:
        with admission.noting_refusal(standin, record):
            init = await begin(record)
            record["conversation_initiation_client_data"] = records.introduce(init)
            call = await admission.let_in(standin, Handset(), agent, record, init)
    except Hangup:
        phone_call["call_result"] = phone_call["call_result"] or "failed"
        initiation.report_failure(standin, agent, record)
        return None, record
    phone_call["call_result"] = "answered"
    return call, record


class Handset:
    """A telephone in the place of a WebSocket: takes every frame, answers pings, and sends what it is given to say."""

    headers: dict = {}
    scope: dict = {"client": None}

    def __init__(self):
        self.application_state = self.client_state = WebSocketState.CONNECTED
        self.messages: asyncio.Queue[str] = asyncio.Queue()

    async def send_text(self, text: str) -> None:
        frame = json.loads(text)
        if frame["type"] == "ping":
            self.say({"type": "pong", "event_id": frame["ping_event"]["event_id"]})

    async def receive_text(self) -> str:
        return await self.messages.get()

    async def close(self, code: int = 1000, reason: str = "") -> None:
        self.application_state = WebSocketState.DISCONNECTED

    def say(self, message: dict) -> None:
        """Send a message from the caller's side."""
        self.messages.put_nowait(json.dumps(message))


async def converse(call, sentences: list[str], spoken: bool) -> None:
    """The call, until the caller has said everything, or the agent hangs up. Without sound nothing takes its time."""
    call.text_only = not spoken
    line = talk.Line(call, None)
    caller = asyncio.create_task(_say_all(line, sentences, spoken))
    try:
        await line.run()
    finally:
        caller.cancel()
        talk.finish(call)


async def _say_all(line, sentences: list[str], spoken: bool) -> None:
    await _let_finish(line)
    for sentence in sentences:
        await (_speak(line, sentence) if spoken else line.take_words(sentence))
        await _let_finish(line)
    line.call.hang_up(1000, "", "Call ended by remote party")


async def _let_finish(line) -> None:
    await asyncio.sleep(0.05)
    while line.turns.busy:
        await asyncio.sleep(0.02)


async def _speak(line, sentence: str) -> None:
    """Say it aloud, at the pace of life, and wait until it is understood."""
    call, turn = line.call, line.turns.event_id
    pcm = PAUSE[: sound.RATE] + await call.standin.mouth.say(sentence, voices.get(""), "en") + PAUSE
    data = sound.encode(pcm, call.input_format)
    for at in range(0, len(data), PIECE):
        call.websocket.say({"user_audio_chunk": base64.b64encode(data[at : at + PIECE]).decode()})
        await asyncio.sleep(PIECE / 8000)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(SECONDS_TO_UNDERSTAND):
            while line.turns.event_id == turn:
                await asyncio.sleep(0.02)


ROUTES = [("POST", "/standin/dial", dial)]
