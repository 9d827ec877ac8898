"""Sound as numbers: 16 kHz, 16 bit, mono inside the stand-in; every format of the protocol at its doors."""

import io
import wave

import numpy as np

RATE = 16000
_ULAW_BIAS, _ULAW_CLIP = 0x84, 32635


def wav(pcm: bytes, rate: int = RATE) -> bytes:
    """A WAV file around 16 bit mono samples."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(pcm)
    return file.getvalue()


def read_wav(data: bytes) -> bytes:
    """The samples of a 16 bit WAV file, mixed to mono at 16 kHz. Raises wave.Error or EOFError for anything else."""
    with wave.open(io.BytesIO(data)) as file:
        if file.getsampwidth() != 2:
            raise wave.Error("only 16 bit WAV files can be read")
        channels, rate = file.getnchannels(), file.getframerate()
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
    if channels > 1:
        samples = samples[: len(samples) // channels * channels].reshape(-1, channels).mean(axis=1).astype("<i2")
    return resample(samples.tobytes(), rate, RATE)


def resample(pcm: bytes, rate: int, wanted: int) -> bytes:
    """The same sound at another rate: exact in the spectrum, or by interpolation for pieces under a quarter second."""
    if rate == wanted or not pcm:
        return pcm
    samples = np.frombuffer(pcm, dtype="<i2").astype(np.float64)
    count = max(1, round(len(samples) * wanted / rate))
    if len(samples) < rate / 4:  # the ends of so short a piece would ring
        resampled = np.interp(np.arange(count) * (rate / wanted), np.arange(len(samples)), samples)
    else:
        spectrum = np.fft.rfft(samples)[: count // 2 + 1]
        resampled = np.fft.irfft(spectrum, count) * (count / len(samples))
    return np.clip(resampled, -32768, 32767).astype("<i2").tobytes()


def encode(pcm: bytes, format_: str) -> bytes:
    """16 kHz samples in a format of the protocol: `pcm_<rate>` (little endian) or `ulaw_<rate>`."""
    coding, rate = format_.split("_")
    resampled = resample(pcm, RATE, int(rate))
    return to_ulaw(resampled) if coding == "ulaw" else resampled


def decode(data: bytes, format_: str) -> bytes:
    """16 kHz samples from a format of the protocol; half a sample at the end is dropped."""
    coding, rate = format_.split("_")
    pcm = from_ulaw(data) if coding == "ulaw" else data[: len(data) // 2 * 2]
    return resample(pcm, int(rate), RATE)


def bytes_per_second(format_: str) -> int:
    """How many bytes one second takes in a format of the protocol."""
    coding, rate = format_.split("_")
    return int(rate) * (1 if coding == "ulaw" else 2)


def seconds(pcm: bytes) -> float:
    """How long 16 kHz samples last."""
    return len(pcm) / 2 / RATE


def loudness(pcm: bytes) -> float:
    """Root mean square of the samples, 0 to 32767."""
    samples = np.frombuffer(pcm, dtype="<i2").astype(np.float32)
    return float(np.sqrt(np.mean(samples**2))) if len(samples) else 0.0


def to_ulaw(pcm: bytes) -> bytes:
    """G.711 µ-law, one byte a sample."""
    samples = np.frombuffer(pcm, dtype="<i2").astype(np.int32)
    sign = np.where(samples < 0, 0x80, 0)
    magnitude = np.minimum(np.abs(samples), _ULAW_CLIP) + _ULAW_BIAS
    exponent = np.floor(np.log2(magnitude)).astype(np.int32) - 7
    mantissa = (magnitude >> (exponent + 3)) & 0x0F
    return (~(sign | (exponent << 4) | mantissa) & 0xFF).astype(np.uint8).tobytes()


def from_ulaw(data: bytes) -> bytes:
    """16 bit samples from G.711 µ-law."""
    code = ~np.frombuffer(data, dtype=np.uint8).astype(np.int32) & 0xFF
    magnitude = ((((code & 0x0F) << 3) + _ULAW_BIAS) << ((code >> 4) & 7)) - _ULAW_BIAS
    return np.where(code & 0x80, -magnitude, magnitude).astype("<i2").tobytes()


def tones(characters: int, speed: float = 1.0) -> bytes:
    """Two soft alternating notes for as long as so many characters would take to say: speech for want of a voice."""
    length = max(0.4, characters * 0.065 / speed)
    at = np.arange(int(length * RATE)) / RATE
    pitch = np.where((at / 0.18).astype(int) % 2, 330.0, 262.0)
    swell = np.abs(np.sin(np.pi * at / 0.18))
    return (6000 * swell * np.sin(2 * np.pi * pitch * at)).astype("<i2").tobytes()


def mix(length: float, parts: list[tuple[float, bytes]]) -> bytes:
    """One track of `length` seconds with every (second, samples) laid into it; what sticks out is cut."""
    track = np.zeros(int(length * RATE), dtype=np.int32)
    for at, pcm in parts:
        start = max(0, int(at * RATE))
        samples = np.frombuffer(pcm, dtype="<i2")[: max(0, len(track) - start)]
        track[start : start + len(samples)] += samples
    return np.clip(track, -32768, 32767).astype("<i2").tobytes()
