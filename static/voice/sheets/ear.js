// Hearing how loud a microphone is, without sending anything anywhere.

const BLOCK = 1_024; // samples looked at

export class Ear {
  /** Hear the microphone of that id, "" being the system's own. Throws what the browser throws. */
  async open(id) {
    this.close();
    const asked = (this.asked = {});
    const stream = await navigator.mediaDevices.getUserMedia({ audio: id ? { deviceId: { exact: id } } : true });
    if (asked !== this.asked) return stop(stream); // another one was asked for meanwhile
    this.stream = stream;
    this.context = new AudioContext();
    this.analyser = new AnalyserNode(this.context, { fftSize: BLOCK });
    this.context.createMediaStreamSource(stream).connect(this.analyser);
    this.block = new Float32Array(BLOCK);
    return undefined;
  }

  get isOpen() {
    return Boolean(this.stream);
  }

  /** The loudest sample of late, 0 to 1. */
  level() {
    if (!this.stream) return 0;
    this.analyser.getFloatTimeDomainData(this.block);
    return this.block.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
  }

  close() {
    this.asked = null;
    if (!this.stream) return;
    stop(this.stream);
    this.context.close();
    this.stream = null;
  }
}

function stop(stream) {
  for (const track of stream.getTracks()) track.stop();
}
