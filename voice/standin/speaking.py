"""Text into sound: flite or espeak-ng where they are installed, tones where they are not."""

import asyncio
import re
import shutil
import tempfile
import wave
from collections import OrderedDict
from pathlib import Path

from voice.standin import sound
from voice.standin.voices import Voice

CACHED = 200
WORDS_A_MINUTE = 165
SECONDS_TO_SPEAK = 20
# flite takes minutes over a word of thousands of letters, which no language has.
ENDLESS_WORD = re.compile(r"([A-Za-z0-9_]{60})[A-Za-z0-9_]+")


class Mouth:
    """What speaks. `say()` gives samples; `note` tells a person which engine it is and what to install."""

    def __init__(self, wanted: str = "auto"):
        self.flite = shutil.which("flite") if wanted in ("auto", "flite") else None
        self.espeak = shutil.which("espeak-ng") if wanted in ("auto", "espeak") else None
        self._said: OrderedDict[tuple, bytes] = OrderedDict()
        self._at_once = asyncio.Semaphore(2)

    @property
    def note(self) -> str:
        """One sentence about the voice that is heard."""
        if self.flite and self.espeak:
            return "Speech by flite (English) and espeak-ng (other languages)."
        if self.flite:
            return "Speech by flite; other languages than English sound wrong until espeak-ng is installed."
        if self.espeak:
            return "Speech by espeak-ng; install flite for a clearer English voice."
        return "No speech program found, so agents sound as tones: install flite or espeak-ng to hear words."

    async def say(self, text: str, voice: Voice, language: str, speed: float = 1.0) -> bytes:
        """Samples of the text being said, at 16 kHz. Never fails: what cannot be spoken becomes tones."""
        key = (text, voice.voice_id, language, speed)
        if key in self._said:
            self._said.move_to_end(key)
            return self._said[key]
        async with self._at_once:
            pcm = await self._synthesise(text, voice, language.split("-")[0], speed)
        self._said[key] = pcm
        if len(self._said) > CACHED:
            self._said.popitem(last=False)
        return pcm

    async def _synthesise(self, text: str, voice: Voice, language: str, speed: float) -> bytes:
        spoken = " ".join(ENDLESS_WORD.sub(r"\1", text.replace("\x00", " ")).split())[:5000]
        if any(letter.isalnum() for letter in spoken):
            for command in self._commands(spoken, voice, language, speed):
                pcm = await _run(command)
                if pcm:
                    return pcm
        return sound.tones(len(spoken), speed)

    def _commands(self, text: str, voice: Voice, language: str, speed: float):
        flite = [self.flite, "-voice", voice.flite, "--setf", f"duration_stretch={1 / speed:.3f}", "-t", text, "-o"]
        pace = str(round(WORDS_A_MINUTE * speed))
        name = "en-us" if language == "en" else language
        espeak = [self.espeak, "-v", f"{name}+{voice.espeak}", "-s", pace, "-w", None, "--", text]
        ordered = [flite, espeak] if language == "en" else [espeak, flite]
        return [command for command in ordered if command[0]]


async def _run(command: list) -> bytes:
    """The samples a command wrote to its WAV file, or nothing when it failed or took too long."""
    with tempfile.TemporaryDirectory(prefix="standin-") as folder:
        file = Path(folder) / "said.wav"
        filled = [str(file) if part is None else part for part in command]
        arguments = filled if None in command else [*filled, str(file)]
        process = await asyncio.create_subprocess_exec(
            *arguments, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
        )
        try:
            await asyncio.wait_for(process.wait(), SECONDS_TO_SPEAK)
            return sound.read_wav(file.read_bytes())
        except (TimeoutError, OSError, wave.Error, EOFError):
            return b""
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
