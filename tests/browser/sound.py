"""Sound for the browser: spoken questions as files, a microphone that says what a test wants, an ear at the speaker."""

import base64
import subprocess
import wave

# Replaces the microphone by one that is silent until `speak` is called with a WAV file in base64.
MICROPHONE = """
(() => {
  const streams = [];
  navigator.mediaDevices.getUserMedia = async () => {
    const context = new AudioContext();
    const out = context.createMediaStreamDestination();
    streams.push({ context, out });
    return out.stream;
  };
  window.speak = async (file) => {
    const bytes = Uint8Array.from(atob(file), (letter) => letter.charCodeAt(0));
    for (const { context, out } of streams) {
      const source = context.createBufferSource();
      source.buffer = await context.decodeAudioData(bytes.buffer.slice(0));
      source.connect(out);
      source.start();
    }
  };
  window.unplug = () => {
    navigator.mediaDevices.getUserMedia = async () => { throw new DOMException("no device", "NotFoundError"); };
    for (const track of streams.flatMap(({ out }) => out.stream.getTracks())) {
      track.stop();
      track.dispatchEvent(new Event("ended"));
    }
  };
  window.liveTracks = () => streams.flatMap(({ out }) => out.stream.getTracks())
    .filter((track) => track.readyState === "live").length;
})();
"""

# Replaces the microphone by two with names, "desk" and "headset", each of which can be pulled out and put back. What one
# hears is silence until `speakInto` is called; `heard()` names those that somebody listens to.
TWO_MICROPHONES = """
(() => {
  const NAMES = { desk: "Desk microphone", headset: "Headset" };
  const plugged = new Set(Object.keys(NAMES));
  const streams = [];
  const devices = navigator.mediaDevices;
  const live = () => streams.filter(({ out }) => out.stream.getTracks().some((track) => track.readyState === "live"));
  devices.enumerateDevices = async () =>
    [...plugged].map((deviceId) => ({ kind: "audioinput", deviceId, groupId: deviceId, label: NAMES[deviceId] }));
  devices.getUserMedia = async ({ audio }) => {
    const wanted = audio.deviceId?.exact ?? [...plugged][0];
    if (!plugged.size) throw new DOMException("Requested device not found", "NotFoundError");
    if (!plugged.has(wanted)) throw new OverconstrainedError("deviceId", "");
    const context = new AudioContext();
    const out = context.createMediaStreamDestination();
    streams.push({ id: wanted, context, out });
    return out.stream;
  };
  window.pullOut = (id) => {
    plugged.delete(id);
    for (const { out } of live().filter((one) => one.id === id)) {
      const [track] = out.stream.getTracks();
      track.stop();
      track.dispatchEvent(new Event("ended"));
    }
    devices.dispatchEvent(new Event("devicechange"));
  };
  window.putIn = (id) => {
    plugged.add(id);
    devices.dispatchEvent(new Event("devicechange"));
  };
  window.heard = () => [...new Set(live().map(({ id }) => id))].join();
  window.speakInto = async (id, file) => {
    const bytes = Uint8Array.from(atob(file), (letter) => letter.charCodeAt(0));
    for (const { context, out } of live().filter((one) => one.id === id)) {
      const source = context.createBufferSource();
      source.buffer = await context.decodeAudioData(bytes.buffer.slice(0));
      source.connect(out);
      source.start();
    }
  };
})();
"""

# Listens to what the client really gives to the speaker; `loudness` is the loudest tenth of a second so far (RMS).
EAR = """
() => {
  const element = document.querySelector("body > audio");
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 2048;
  context.createMediaStreamSource(element.srcObject).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const ear = { loudness: 0, loud: 0, now: 0 };
  window.ear = ear;
  setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    ear.now = Math.sqrt(samples.reduce((sum, value) => sum + value * value, 0) / samples.length);
    ear.loudness = Math.max(ear.loudness, ear.now);
    if (ear.now > 0.005) ear.loud += 0.05;
  }, 50);
}
"""


def speak(text, folder, *, before=0, after=2, voice="slt"):
    """A 16 kHz WAV of the text, with whole seconds of silence before and after it. flite's voices are understood best."""
    spoken = folder / "spoken.wav"
    subprocess.run(["flite", "-voice", voice, "-t", text, "-o", str(spoken)], check=True, capture_output=True)
    with wave.open(str(spoken)) as sound:
        settings, samples = sound.getparams(), sound.readframes(sound.getnframes())
    file = folder / "question.wav"
    second = bytes(settings.sampwidth * settings.nchannels) * settings.framerate
    with wave.open(str(file), "wb") as sound:
        sound.setparams(settings)
        sound.writeframes(second * before + samples + second * after)
    return file


def as_text(file):
    """A file in base64, as `window.speak` takes it."""
    return base64.b64encode(file.read_bytes()).decode()
