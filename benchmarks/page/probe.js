// Runs before a page's own scripts, and notes what its visitor waits for. Milliseconds everywhere.

window.bench = (() => {
  const tasks = [];
  const presses = [];
  let shift = 0;
  let largest = 0;
  let usable = 0;
  let ear = null;

  const watch = (type, note, options = {}) =>
    new PerformanceObserver((list) => list.getEntries().forEach(note)).observe({ type, buffered: true, ...options });
  watch("longtask", ({ startTime, duration }) => tasks.push({ startTime, duration }));
  watch("largest-contentful-paint", ({ startTime }) => (largest = startTime));
  watch("layout-shift", (entry) => (shift += entry.hadRecentInput ? 0 : entry.value));
  watch("event", (entry) => entry.interactionId && presses.push(entry), { durationThreshold: 16 });
  document.addEventListener("readystatechange", () => {
    const talk = document.getElementById("talk"); // the page's script shows it, and runs after this
    if (talk?.hidden) new MutationObserver(() => (usable ||= performance.now())).observe(talk, { attributes: true });
  });

  /** Resolves with the time since `began` once `look()` gives something. */
  const until = (look, began = performance.now()) =>
    new Promise((done) => {
      const timer = setInterval(() => {
        if (!look()) return;
        clearInterval(timer);
        done(performance.now() - began);
      }, 4);
    });

  /** How loud what the client plays is at this moment, 0 to 1. */
  function loudness() {
    const element = document.querySelector("body > audio");
    if (!element?.srcObject) return 0;
    if (!ear) {
      const context = new AudioContext();
      ear = context.createAnalyser();
      context.createMediaStreamSource(element.srcObject).connect(ear);
    }
    const samples = new Float32Array(512);
    ear.getFloatTimeDomainData(samples);
    return Math.max(...samples);
  }

  return {
    /** The page's loading so far. Blocking: what tasks took beyond 50 ms since the first paint. */
    loading() {
      const [paint] = performance.getEntriesByName("first-contentful-paint");
      const late = tasks.filter((task) => task.startTime >= paint.startTime);
      const blocked = late.reduce((sum, { duration }) => sum + duration - 50, 0);
      return { paint: paint.startTime, largest, shift, blocked, usable };
    },

    /** Call, from the press on Talk: connected as soon as `mark` is on the page, heard when something really sounds. */
    async call(mark) {
      const began = performance.now();
      document.getElementById("talk").click();
      const [connected, sound] = await Promise.all([
        until(() => document.querySelector(mark), began),
        until(() => loudness() > 0.003, began),
      ]);
      return { connected, sound };
    },

    /** Ask the first starter question, from the press: its first words, and all of it with its source. */
    async ask() {
      const began = performance.now();
      document.querySelector("#starters button").click();
      const [words, whole] = await Promise.all([
        until(() => document.querySelector('.turn[data-speaker="persona"] .turn-text')?.textContent, began),
        until(() => document.querySelector("#thread .citation"), began),
      ]);
      return { words, whole };
    },

    /** Say something that lasts so long, wait for silence before: from its end until an answer is heard. */
    async speak(file, length) {
      await until(() => loudness() < 0.001 && document.getElementById("dock").dataset.state === "listening");
      await window.speak(file);
      return until(() => loudness() > 0.003, performance.now() + length);
    },

    /** Of the presses since `began`: how long the slowest waited for its picture. */
    slowest: (began) => Math.max(16, ...presses.filter((one) => one.startTime >= began).map((one) => one.duration)),
  };
})();
