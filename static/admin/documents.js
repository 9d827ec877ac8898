// Lists of documents that are being read: how far each is, until none is under way.

const FIRST_WAIT = 1000;
const LONGEST_WAIT = 5000;

/** The marks of documents that are waiting or being read. */
function findBusy() {
  return Array.from(document.querySelectorAll('.document-status[data-busy="yes"]'));
}

async function ask(marks) {
  const url = new URL(marks[0].dataset.progress, location.href);
  for (const mark of marks) url.searchParams.append("document", mark.dataset.document);
  const response = await fetch(url, { headers: { Accept: "application/json" } });
  if (!response.ok) throw new Error(`progress: ${response.status}`);
  return (await response.json()).documents;
}

/** Show a document's state where its mark stands. Returns what to say about it when it is done. */
function show(mark, state) {
  const badge = mark.querySelector(".badge");
  badge.className = `badge badge-${state.kind}`;
  badge.textContent = state.status;
  mark.dataset.busy = state.busy ? "yes" : "no";
  mark.parentElement.querySelector(".document-retry").hidden = !state.failed;
  write(mark, "note", state.note);
  if (state.passages !== undefined) write(mark, "passage_count", state.passages);
  return state.busy ? "" : `${mark.dataset.title}: ${state.status}.`;
}

/** A field beside the mark: a cell of its row, or a line of the document's own page. */
function write(mark, name, text) {
  const row = mark.closest("tr") ?? mark.closest("fieldset");
  const cell = row?.querySelector(`td.field-${name} p, td.field-${name}, .field-${name} .readonly`);
  if (cell) cell.textContent = text;
}

function makeVoice() {
  const voice = document.createElement("p");
  voice.className = "document-voice";
  voice.setAttribute("role", "status");
  voice.setAttribute("aria-live", "polite");
  document.querySelector("#content, body").append(voice);
  return voice;
}

async function watch() {
  let wait = FIRST_WAIT;
  const voice = makeVoice();
  for (let marks = findBusy(); marks.length; marks = findBusy()) {
    await new Promise((resolve) => setTimeout(resolve, wait));
    if (document.hidden) continue; // nobody looks
    try {
      const byId = new Map(marks.map((mark) => [mark.dataset.document, mark]));
      const states = await ask(marks.slice(0, 100));
      const done = states.map((state) => show(byId.get(state.id), state)).filter(Boolean);
      if (done.length) voice.textContent = done.join(" ");
      wait = done.length ? FIRST_WAIT : Math.min(wait * 1.3, LONGEST_WAIT);
    } catch {
      wait = LONGEST_WAIT; // the server is not there just now: the page stays as it is
    }
  }
}

if (findBusy().length) watch();
