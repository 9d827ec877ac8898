// The composer: what is typed, and sending it.

const form = document.getElementById("composer");
const field = document.getElementById("question");
const button = document.getElementById("send");
const starters = document.getElementById("starters");

/** Call `send(text)` for every question typed or picked. While it runs a second one waits in the field. */
export function watch(send) {
  let busy = false;
  const submit = async (text) => {
    if (busy || !text.trim()) return;
    busy = true;
    button.setAttribute("aria-disabled", "true");
    field.value = "";
    resize();
    try {
      await send(text.trim());
    } finally {
      busy = false;
      button.removeAttribute("aria-disabled");
    }
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit(field.value);
  });
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    submit(field.value);
  });
  field.addEventListener("input", resize);
  starters?.addEventListener("submit", (event) => {
    event.preventDefault();
    field.focus();
    submit(event.submitter.value);
  });
}

export function focus() {
  field.focus();
}

/** What the empty field invites to, in a call and outside one. */
export function invite(calling) {
  field.placeholder = calling ? field.dataset.callWords : field.dataset.idleWords;
}

/** Grow with the text where the browser does not do it by itself. */
function resize() {
  if (CSS.supports("field-sizing", "content")) return;
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight}px`;
}
