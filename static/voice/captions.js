// Words appearing with the voice: which characters of a spoken turn have sounded by now.

const LATENCY = 60; // milliseconds from a chunk's arrival to its sound, measured in Chromium
const PACE = 65; // milliseconds a character sounds, where nobody says how long: of speech in languages with letters
const SLOW_PACE = 200; // of scripts whose characters are syllables or words
const SLACK = 1.3; // a guessed end is late rather than early: what is still sounding must not be taken for heard
const SPACELESS = /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmr}\p{sc=Mymr}]/u;

/** One spoken turn's alignment, laid on the page's clock. */
export class Caption {
  chars = [];
  starts = [];
  known = 0; // how many of them the service told the moments of; the others are guessed
  end = 0;

  /** Take a chunk's alignment ({chars, char_start_times_ms, char_durations_ms}); it sounds after `free`, the end of
   *  what is still playing. Returns when it will have sounded. Times are milliseconds of performance.now(). */
  add(alignment, free) {
    const from = Math.max(free, performance.now() + LATENCY);
    const { chars, char_start_times_ms: times, char_durations_ms: lengths } = alignment;
    this.chars.length = this.starts.length = this.known;
    let moment = 0; // a list that is too short goes on from its last entry
    chars.forEach((char, index) => {
      this.chars.push(char);
      this.starts.push(from + (moment = times?.[index] ?? moment));
    });
    this.known = this.chars.length;
    this.end = from + moment + (lengths?.[chars.length - 1] ?? PACE);
    return this.end;
  }

  /** Sound came without its moments: the rest of the turn's text sounds at the pace of speech, until moments come. */
  guess(text, from) {
    if (this.isGuessed) return this.end;
    const said = this.chars.join("");
    const rest = text.startsWith(said) ? [...text.slice(said.length)] : [];
    let moment = from;
    for (const char of rest) {
      this.chars.push(char);
      this.starts.push(moment);
      moment += SPACELESS.test(char) ? SLOW_PACE : PACE;
    }
    this.end = Math.max(this.end, from + (moment - from) * SLACK);
    return this.end;
  }

  get isGuessed() {
    return this.chars.length > this.known;
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
    let end = count;
    const isAt = (index) => index < this.chars.length && /\S/.test(this.chars[index]);
    if (isAt(count - 1)) while (isAt(end)) end += 1;
    const rest = this.chars.slice(count - 1, end).join("");
    return (SPACELESS.test(rest) ? this.endWord(count) : this.chars.slice(0, end).join("")).trim();
  }

  /** The text up to the end of the word of its `count`th character, where words are not told by spaces. */
  endWord(count) {
    const text = this.chars.join("");
    const place = this.chars.slice(0, count).join("").length;
    const word = Intl.Segmenter && new Intl.Segmenter(undefined, { granularity: "word" }).segment(text).containing(place - 1);
    return text.slice(0, word ? Math.max(place, word.index + word.segment.length) : place);
  }
}
