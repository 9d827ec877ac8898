// What the page says. The words stand in the template (voice/_sentences.html); this picks them by name.

const words = new Map(
  Array.from(document.getElementById("sentences").content.children, (line) => [line.dataset.name, line.textContent]),
);

/** The sentence of that name, its {places} filled in. */
export function say(name, places = {}) {
  return words.get(name).replace(/\{(\w+)\}/g, (_, place) => places[place] ?? "");
}
