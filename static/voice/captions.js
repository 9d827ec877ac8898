// Words appearing with the voice: which characters of a spoken turn have sounded by now.

const LATENCY = 60; // milliseconds from a chunk's arrival to its sound, measured in Chromium

/** One spoken turn's alignment, laid on the page's clock. */
export class Caption {
  chars = [];
  starts = [];
  end = 0;

  /** Take a chunk's alignment ({chars, char_start_times_ms, char_durations_ms}); it sounds after `free`, the end of
   *  what is still playing. Returns when it will have sounded. Times are milliseconds of performance.now(). */
  add(alignment, free) {
    const from = Math.max(free, performance.now() + LATENCY);
    alignment.chars.forEach((char, index) => {
      this.chars.push(char);
      this.starts.push(from + alignment.char_start_times_ms[index]);
    });
    const last = alignment.chars.length - 1;
    const length = last < 0 ? 0 : alignment.char_start_times_ms[last] + alignment.char_durations_ms[last];
    this.end = from + length;
    return this.end;
  }

  get isEmpty() {
    return this.chars.length === 0;
  }

  isOver(now = performance.now()) {
    return now >= this.end;
  }

  /** What has sounded, the word being said included. A pause before a word is not yet that word. */
  heard(now = performance.now()) {
    let count = this.starts.findIndex((start) => start > now);
    if (count < 0) count = this.chars.length;
    if (count === 0) return "";
    const isAt = (index, kind) => index < this.chars.length && kind.test(this.chars[index]);
    if (isAt(count - 1, /\S/)) while (isAt(count, /\S/)) count += 1;
    return this.chars.slice(0, count).join("").trim();
  }
}
