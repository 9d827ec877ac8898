// A resampler for browsers that do not let a page choose the rate of its sound (Firefox), in the shape in which the
// official client's worklets look for one: `LibSampleRate.create(channels, from, to)` resolves to {full(samples)}.
//
// Each output sample is a sum of neighbours weighted by a windowed sinc (Smith, "Digital Audio Resampling", ccrma), cut
// off below the lower of the two Nyquist frequencies. What is left over of one block is the beginning of the next, so
// the 128 samples of a worklet's block join without a click. The sound comes later by REACH / 2 zero crossings of the
// lower rate: 0.5 ms at 16 kHz. One channel, as the client asks for.

const REACH = 16; // zero crossings of the sinc on both sides together
const STEPS = 512; // table entries per zero crossing; between them it is interpolated
const ROLL_OFF = 0.92; // of the lower Nyquist frequency
const BETA = 8; // of the Kaiser window: about 80 dB down beside the band

class Resampler {
  constructor(from, to) {
    this.step = from / to; // input samples for one output sample
    this.cutoff = ROLL_OFF * Math.min(1, to / from);
    this.reach = Math.ceil(REACH / 2 / this.cutoff); // input samples on each side
    this.rest = new Float32Array(2 * this.reach); // silence before the first sound
    this.at = this.reach; // of the next output sample, in samples of `rest` and what follows it
  }

  /** The next block of sound at the other rate; blocks may have any length. */
  full(samples) {
    const sound = new Float32Array(this.rest.length + samples.length);
    sound.set(this.rest);
    sound.set(samples, this.rest.length);
    const last = sound.length - this.reach;
    const made = new Float32Array(Math.max(0, Math.ceil((last - this.at) / this.step)));
    for (let index = 0; index < made.length; index += 1) {
      made[index] = this.around(sound, this.at);
      this.at += this.step;
    }
    const kept = Math.max(0, Math.min(sound.length, Math.floor(this.at) - this.reach));
    this.rest = sound.slice(kept);
    this.at -= kept;
    return made;
  }

  around(sound, at) {
    const first = Math.max(0, Math.ceil(at - this.reach));
    const last = Math.min(sound.length - 1, Math.floor(at + this.reach));
    let sum = 0;
    for (let index = first; index <= last; index += 1) sum += sound[index] * weight(Math.abs(at - index) * this.cutoff);
    return sum * this.cutoff;
  }
}

/** The windowed sinc, by zero crossings from its middle. */
function weight(distance) {
  const place = distance * STEPS;
  const index = Math.floor(place);
  if (index + 1 >= TABLE.length) return 0;
  return TABLE[index] + (place - index) * (TABLE[index + 1] - TABLE[index]);
}

const TABLE = Float64Array.from({ length: (REACH / 2) * STEPS + 1 }, (_, index) => {
  const distance = index / STEPS;
  const sinc = index ? Math.sin(Math.PI * distance) / (Math.PI * distance) : 1;
  const edge = distance / (REACH / 2);
  return (sinc * bessel(BETA * Math.sqrt(Math.max(0, 1 - edge * edge)))) / bessel(BETA);
});

/** The modified Bessel function of the first kind and order zero, by its power series. */
function bessel(x) {
  let term = 1;
  let sum = 1;
  for (let k = 1; k < 40; k += 1) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

globalThis.LibSampleRate = { create: async (channels, from, to) => new Resampler(from, to) };
