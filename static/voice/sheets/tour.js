// The tour: a few words beside what they are about. It stands over the page without holding it up: everything works
// meanwhile, and beginning to talk or to type ends it.

const ROOM = 14; // pixels between the words and what they point at
const EDGE = 8; // and to the edge of the window

let box = null;
let over = null; // called at its end
let steps = []; // those whose thing is there
let at = 0;
let target = null;
const watching = new MutationObserver(() => isBusy() && end());
const growing = new ResizeObserver(() => target && place());

/** Show the first step in `tour`; `ended()` is called when it is finished, skipped, or left behind. */
export function begin(tour, ended) {
  if (box) end();
  [box, over] = [tour, ended];
  steps = [...box.querySelectorAll(".tour-step")].filter((step) => find(step));
  if (!steps.length) return;
  box.hidden = false;
  part("words").setAttribute("aria-live", "polite"); // only while it is there: a call has one voice for screen readers
  part("back").onclick = () => show(at - 1);
  part("next").onclick = () => (at + 1 < steps.length ? show(at + 1) : end());
  part("skip").onclick = end;
  document.addEventListener("keydown", onKey);
  addEventListener("resize", place);
  growing.observe(box);
  growing.observe(document.body);
  addEventListener("scroll", place, { passive: true });
  watching.observe(document.getElementById("chat"), { subtree: true, attributeFilter: ["data-begun", "hidden"] });
  show(0);
}

/** Somebody asked for it: they are taken there. */
export function focus() {
  part("next").focus();
}

function end() {
  if (!box) return;
  const hadFocus = box.contains(document.activeElement);
  watching.disconnect();
  growing.disconnect();
  document.removeEventListener("keydown", onKey);
  removeEventListener("resize", place);
  removeEventListener("scroll", place);
  target?.removeAttribute("data-toured");
  part("words").removeAttribute("aria-live");
  box.hidden = true;
  box = target = null;
  over();
  if (hadFocus) document.getElementById("question").focus();
}

function show(number) {
  at = number;
  for (const step of box.querySelectorAll(".tour-step")) step.hidden = step !== steps[at];
  target?.removeAttribute("data-toured");
  target = find(steps[at]);
  target.setAttribute("data-toured", "");
  target.scrollIntoView({ block: "nearest" });
  box.setAttribute("aria-labelledby", steps[at].querySelector("h2").id);
  part("count").textContent = part("count").dataset.words.replace("{number}", at + 1).replace("{count}", steps.length);
  const isLast = at + 1 === steps.length;
  if (at === 0 && document.activeElement === part("back")) part("next").focus(); // it goes
  part("back").hidden = at === 0;
  part("skip").hidden = isLast;
  part("next").textContent = part("next").dataset[isLast ? "done" : "next"];
  place();
}

/** Above what it points at, else below: never over it. */
function place() {
  const spot = target.getBoundingClientRect();
  const { width, height } = box.getBoundingClientRect();
  const isAbove = spot.top - ROOM - height >= EDGE;
  const middle = spot.left + spot.width / 2;
  const left = Math.max(EDGE, Math.min(middle - width / 2, innerWidth - width - EDGE));
  box.dataset.side = isAbove ? "above" : "below";
  box.style.top = `${isAbove ? spot.top - ROOM - height : spot.bottom + ROOM}px`;
  box.style.left = `${left}px`;
  box.style.setProperty("--point", `${Math.max(20, Math.min(middle - left, width - 20))}px`);
}

/** The first thing of a step that is to be seen. */
function find(step) {
  return [...document.querySelectorAll(step.dataset.at)].find((one) => one.getClientRects().length > 0);
}

function isBusy() {
  const dock = document.getElementById("dock");
  return "begun" in document.getElementById("chat").dataset || (dock !== null && !dock.hidden);
}

function onKey(event) {
  if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("dialog[open]")) return;
  end();
}

function part(name) {
  return box.querySelector(`[data-tour=${name}]`);
}
