// Listening to the microphone and playing into the speaker, for the page that tries them.

const LISTEN = 3_000; // milliseconds
const TONE = 900;
const HERTZ = 440;
const BLOCK = 2_048; // samples looked at for the level

/**
 * Hear the microphone for three seconds. Resolves to {device, loudest (0 to 1), recording (an AudioBuffer, or null)}; `level` is told
 * how loud it is meanwhile. Throws what the browser throws when there is none.
 */
export async function listen(level) {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  const context = new AudioContext();
  try {
    const recorded = await record(context, stream, level);
    return { device: stream.getAudioTracks()[0]?.label || "?", ...recorded };
  } finally {
    stream.getTracks().forEach((track) => track.stop());
    level(0);
    await context.close();
  }
}

async function record(context, stream, level) {
  const analyser = new AnalyserNode(context, { fftSize: BLOCK });
  context.createMediaStreamSource(stream).connect(analyser);
  const block = new Float32Array(BLOCK);
  let loudest = 0;
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(block);
    const peak = block.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
    loudest = Math.max(loudest, peak);
    level(peak);
  }, 40);
  const recorder = new MediaRecorder(stream);
  const pieces = [];
  recorder.addEventListener("dataavailable", (event) => pieces.push(event.data));
  const stopped = new Promise((resolve) => recorder.addEventListener("stop", resolve));
  recorder.start();
  await pause(LISTEN);
  recorder.stop();
  await stopped;
  clearInterval(timer);
  const kept = await new Blob(pieces).arrayBuffer();
  const recording = await context.decodeAudioData(kept).catch(() => null); // of a device that gave nothing at all
  return { loudest, recording };
}

/** Play a recording. */
export async function play(recording) {
  const context = new AudioContext();
  const source = new AudioBufferSourceNode(context, { buffer: recording });
  source.connect(context.destination);
  source.addEventListener("ended", () => context.close());
  source.start();
}

/**
 * Play a tone that begins and ends softly, through the speaker of that id ("" is the system's own). Resolves when it is
 * over. Throws what the browser throws when that speaker is not there.
 */
export async function playTone({ speaker = "", volume = 1 } = {}) {
  const context = new AudioContext();
  const gain = new GainNode(context, { gain: 0 });
  const tone = new OscillatorNode(context, { frequency: HERTZ });
  try {
    tone.connect(gain).connect(await outlet(context, speaker));
    const { currentTime } = context;
    gain.gain.linearRampToValueAtTime(0.2 * volume, currentTime + 0.05);
    gain.gain.setValueAtTime(0.2 * volume, currentTime + TONE / 1000 - 0.1);
    gain.gain.linearRampToValueAtTime(0, currentTime + TONE / 1000);
    tone.start();
    await pause(TONE);
  } finally {
    await context.close();
  }
}

async function outlet(context, speaker) {
  if (!speaker) return context.destination;
  const out = context.createMediaStreamDestination();
  const element = Object.assign(new Audio(), { srcObject: out.stream });
  await element.setSinkId(speaker);
  await element.play();
  return out;
}

function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
