"""Spoken questions for tests: flite says them, and the samples are kept for the run."""

import functools
import subprocess
import tempfile
from pathlib import Path

from voice.standin import sound

SILENCE = b"\0" * 2 * sound.RATE


@functools.cache
def say(text: str, voice: str = "rms") -> bytes:
    """Samples of the text, 16 kHz, with half a second of silence before and one after."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "said.wav"
        subprocess.run(["flite", "-voice", voice, "-t", text, "-o", str(file)], check=True, timeout=60)
        return SILENCE[: sound.RATE] + sound.read_wav(file.read_bytes()) + SILENCE
