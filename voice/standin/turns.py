"""Taking turns: the visitor says something, the agent thinks, speaks, and lets itself be interrupted."""

import asyncio
import base64
import logging
import time

from voice.standin import errands, frames, mind, records, results
from voice.standin.phrases import phrase
from voice.standin.playback import Utterance, cut_chunks, split_sentences

logger = logging.getLogger("standin")

FASTER_THAN_LIFE = 1.5
AT_ONCE = 2  # chunks sent without a pause, so that playing can begin
HARDLY = 0.05  # seconds of sound left that are not worth an interruption


class Turns:
    """The floor of one call. Event ids start at 1 and rise by one with every turn, also after an interruption."""

    def __init__(self, call):
        self.call = call
        self.event_id = 0
        self.task: asyncio.Task | None = None
        self.utterance: Utterance | None = None
        self.held = False  # nobody may interrupt right now
        self.last_said = ""
        self._door = asyncio.Lock()
        self._asked_at = time.monotonic()

    @property
    def busy(self) -> bool:
        """Whether the agent is thinking, or the visitor has still something to hear."""
        return bool(self.task and not self.task.done()) or self.call.playback.remaining > HARDLY

    def greet(self) -> None:
        """Say the agent's first message, if it has one."""
        first = self.call.fill(self.call.config["agent"]["first_message"] or "")
        if first:
            self.event_id += 1
            self.held = bool(self.call.config["agent"].get("disable_first_message_interruptions"))
            self._start(self._say_and_finish, first)

    async def take(self, text: str, medium: str, files=()) -> None:
        """The visitor said this (medium `audio` or `text`), perhaps with files: what is going on gives way to the answer."""
        async with self._door:
            gave_way = await self._give_way()
            before = None if gave_way else self.task
            self.event_id += 1
            self._asked_at = time.monotonic()
            more = {"file_input": files[0], "file_inputs": list(files)} if files else {}
            more["source_medium"] = medium
            records.add_turn(self.call.record, "user", text, self.event_id, self.call.seconds, **more)
            if medium == "audio":
                await self.call.send(frames.tentative_transcript(text, self.event_id))
                await self.call.send(frames.user_transcript(text, self.event_id))
            self._start(self._answer, text, before)

    async def interrupt(self) -> bool:
        """The visitor began to speak: fall silent. False when nothing was being said, or nobody may interrupt."""
        async with self._door:
            return self.call.playback.remaining > HARDLY and await self._give_way()

    async def remark(self, name: str) -> None:
        """Say something of the agent's own accord, in a turn of its own, unless it is busy."""
        async with self._door:
            if not self.busy:
                self.event_id += 1
                self._start(self._say_and_finish, phrase(name, self.call.language))

    async def speak_last_words(self, text: str) -> None:
        """Say this now, and come back when it has been heard."""
        async with self._door:
            await self._give_way()
            self.event_id += 1
            await self._say(text)
        await asyncio.sleep(self.call.playback.remaining)

    def stop(self) -> None:
        """The call is over."""
        if self.task:
            self.task.cancel()

    async def _give_way(self) -> bool:
        if self.held and self.busy:
            return False
        if self.task and not self.task.done():
            self.task.cancel()
            await asyncio.wait([self.task])
        playback, cut = self.call.playback, self.utterance
        if playback.remaining > HARDLY and cut:
            now = playback.clock()
            heard = cut.heard_text(now)
            playback.flush()
            self.call.tape.cut_agent(self.call.seconds)
            await self.call.send(frames.interruption(cut.event_id))
            if heard != cut.text:
                cut.turn.update(message=heard, interrupted=True, original_message=cut.text)
                await self.call.send(frames.correction(cut.text, heard, cut.event_id))
        self.utterance = None
        return True

    def _start(self, work, *arguments) -> None:
        self.task = asyncio.create_task(self._guard(work, *arguments))

    async def _guard(self, work, *arguments) -> None:
        try:
            await work(*arguments)
        except asyncio.CancelledError:
            raise
        except Exception:
            logger.exception("A turn failed")
            self.call.hang_up(1011, "Internal error", "Internal error")
        self.held = False

    async def _answer(self, text: str, before: asyncio.Task | None) -> None:
        if before:
            await asyncio.wait([before])
        call = self.call
        intent = mind.decide(text, call.tools) if text else mind.Intent("say", text="file")
        if intent.kind == "goodbye":
            await self._part()
            return
        if intent.kind == "client":
            outcome = await errands.run_client(call, intent.tool, text, self.event_id)
            said = phrase("client_failed", call.language) if outcome.is_error else results.told_to_say(outcome.text)
            said = phrase("done", call.language) if said is None else said
        elif intent.kind == "webhook":
            said = await self._look_up(intent.tool, text)
        elif intent.kind == "repeat":
            said = self.last_said or phrase("nothing_yet", call.language)
        else:
            said = phrase(intent.text, call.language, text=text)
        await self._say_and_finish(said)

    async def _look_up(self, tool: dict, text: str) -> str:
        """What a webhook tool has to say about it; an agent that is to speak first is heard while it waits."""
        config = tool["tool_config"]
        self.held = config.get("interruption_mode", "allow") != "allow" or bool(config.get("disable_interruptions"))
        errand = None

        def look():
            nonlocal errand
            errand = asyncio.ensure_future(errands.run_webhook(self.call, tool, text, self.event_id))

        try:
            if config.get("pre_tool_speech") == "force" or config.get("force_pre_tool_speech"):
                await self._say(phrase("lookup", self.call.language), announced=look)
            else:
                look()
            outcome, result = await errand
        finally:
            if errand and not errand.done():
                errand.cancel()
                await asyncio.wait([errand])
        self.held = config.get("interruption_mode") == "disable_during_tool_and_turn"
        if outcome.is_error:
            return phrase("failed", self.call.language)
        return results.words_of(result) or phrase("nothing", self.call.language)

    async def _part(self) -> None:
        """Say goodbye, and hang up if the agent can."""
        await self._say_and_finish(phrase("goodbye", self.call.language))
        if self.call.can_hang_up:
            await asyncio.sleep(self.call.playback.remaining)
            await errands.end_call(self.call, self.event_id)
            await asyncio.sleep(0.4)
            self.call.hang_up(1000, "", "end_call tool was called.")

    async def _say_and_finish(self, text: str) -> None:
        if text:
            await self._say(text)
        await self.call.send(frames.complete(self.event_id))
        prompt = self.call.config["agent"]["prompt"]
        tokens = mind.weigh([prompt.get("prompt"), *(turn["message"] for turn in self.call.record["transcript"])])
        await self.call.send(frames.context_usage(self.event_id, prompt["llm"], tokens, mind.MOST_TOKENS))

    async def _say(self, text: str, announced=lambda: None) -> None:
        """One utterance: its text at once, its sound a little faster than it is heard. Calls back between the two."""
        call, event_id = self.call, self.event_id
        turn = records.add_turn(call.record, "agent", text, event_id, call.seconds)
        records.note_metric(turn, "convai_llm_service_ttfb", time.monotonic() - self._asked_at)
        self.last_said = text
        await call.send(frames.part("", "start", event_id))
        for piece in split_sentences(text):
            await call.send(frames.part(piece, "delta", event_id))
        await call.send(frames.part("", "stop", event_id))
        if call.text_only:
            await call.send(frames.agent_response(text, event_id))
            announced()
        else:
            self.utterance = Utterance(text, event_id, turn)
            await self._voice(self.utterance, announced)

    async def _voice(self, utterance: Utterance, announced) -> None:
        sentences = split_sentences(utterance.text)
        began, following = time.monotonic(), self._synthesise(sentences[0])
        try:
            for number, sentence in enumerate(sentences):
                pcm = await following
                if number + 1 < len(sentences):
                    following = self._synthesise(sentences[number + 1])
                if number == 0:
                    records.note_metric(utterance.turn, "convai_tts_service_ttfb", time.monotonic() - began)
                    await self.call.send(frames.agent_response(utterance.text, utterance.event_id))
                    announced()
                await self._stream(utterance, sentence, pcm, AT_ONCE if number == 0 else 0)
        finally:
            following.cancel()

    def _synthesise(self, sentence: str) -> asyncio.Task:
        call = self.call
        return asyncio.create_task(call.standin.mouth.say(sentence.strip(), call.voice, call.language, call.speed))

    async def _stream(self, utterance: Utterance, sentence: str, pcm: bytes, at_once: int) -> None:
        call = self.call
        for number, (data, seconds, chars, starts, lengths) in enumerate(cut_chunks(sentence, pcm, call.output_format)):
            begins = call.playback.enqueue(seconds)
            utterance.chars += chars
            utterance.heard_at += [begins + start + length / 2 for start, length in zip(starts, lengths, strict=True)]
            if number == 0:
                call.tape.hear_agent(begins - call.started, pcm)
            chunk = base64.b64encode(data).decode()
            await call.send(frames.audio(chunk, utterance.event_id, chars, starts, lengths))
            if number >= at_once:
                await asyncio.sleep(seconds / FASTER_THAN_LIFE)
