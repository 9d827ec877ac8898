"""A visitor's voice: sentences as flite or espeak-ng say them, 16 kHz, 16 bit, mono."""

import asyncio
import functools
import io
import shutil
import subprocess
import tempfile
import wave
from pathlib import Path

import numpy as np

RATE = 16_000
QUIET = 200  # of 32,767: below that a synthesiser says nothing


class NoVoice(Exception):
    """There is no program here that can speak; the message says what to install."""


def program():
    """The path of the program that speaks. Raises NoVoice."""
    found = shutil.which("flite") or shutil.which("espeak-ng")
    if not found:
        raise NoVoice("To speak, a visitor needs a voice: apt-get install flite, or leave --audio out.")
    return found


async def say(text):
    """Samples of the sentence, without the silence around it. Raises NoVoice."""
    return await asyncio.to_thread(_say, text)


def seconds(pcm):
    """How long 16 bit samples at 16 kHz last."""
    return len(pcm) / 2 / RATE


def loudness(pcm):
    """Root mean square of 16 bit samples, 0 to 32767."""
    samples = np.frombuffer(pcm, dtype="<i2").astype(np.float32)
    return float(np.sqrt(np.mean(samples**2))) if len(samples) else 0.0


@functools.lru_cache(maxsize=200)
def _say(text):
    with tempfile.TemporaryDirectory(prefix="caller-") as folder:
        file, path = Path(folder) / "said.wav", program()
        given = ["-voice", "rms", "-t", text, "-o", file] if "flite" in path else ["-w", file, "--", text]
        try:
            subprocess.run([path, *given], check=True, timeout=30, capture_output=True)  # noqa: S603  a program that was looked up; the text is one argument
            return _trim(_read(file.read_bytes()))
        except (OSError, subprocess.SubprocessError, wave.Error, EOFError) as fault:
            raise NoVoice(f"{path} could not say “{text}”: {fault}") from fault


def _read(data):
    with wave.open(io.BytesIO(data)) as file:
        rate, samples = file.getframerate(), np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
    count = round(len(samples) * RATE / rate)
    return np.interp(np.arange(count) * rate / RATE, np.arange(len(samples)), samples).astype("<i2")


def _trim(samples):
    loud = np.flatnonzero(np.abs(samples) > QUIET)
    return samples[loud[0] : loud[-1] + 1].tobytes() if len(loud) else b""
