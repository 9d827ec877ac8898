// A typed answer as a page shows it: lists, emphasis, code and links of its text, made of elements and text alone. Nothing
// of it is ever read as HTML, and a link leads to the web or is none.

const ITEM = /^\s*(?:([-*•])|(\d{1,3})[.)])\s+(.*)$/;
// Code first, in which nothing else counts; a link before the bare address in it; bold before slanted.
const PIECE =
  /`([^`\n]+)`|\[([^\]\n]+)\]\(([^()\s]+)\)|(https?:\/\/[^\s<>()[\]"“”]*[^\s<>()[\]"“”.,;:!?'])|\*\*(\S(?:[^*\n]*\S)?)\*\*|(?<![\w*])\*(\S(?:[^*\n]*\S)?)\*(?![\w*])/g;

/** Make the element show the text. */
export function write(element, text) {
  const parts = [];
  let list = null;
  for (const line of text.split("\n")) {
    const [, bullet, number, words] = ITEM.exec(line) ?? [];
    const kind = bullet ? "ul" : number ? "ol" : null;
    if (!kind) {
      parts.push(...(parts.length && !list ? ["\n"] : []), ...inline(line));
    } else {
      if (list?.localName !== kind) parts.push((list = make(kind)));
      if (number && !list.children.length) list.start = Number(number);
      list.append(make("li", inline(words)));
    }
    if (!kind) list = null;
  }
  element.replaceChildren(...parts);
}

function inline(line) {
  const parts = [];
  let end = 0;
  for (const found of line.matchAll(PIECE)) {
    const [whole, code, words, address, bare, bold, slanted] = found;
    parts.push(line.slice(end, found.index));
    end = found.index + whole.length;
    if (code) parts.push(make("code", [code]));
    else if (words) parts.push(link(address, inline(words)) ?? whole);
    else if (bare) parts.push(link(bare, [bare]) ?? whole);
    else parts.push(make(bold ? "strong" : "em", inline(bold ?? slanted)));
  }
  return [...parts, line.slice(end)].filter((part) => part !== "");
}

/** A link to a page on the web; null for anything else, such as an address that would run a script. */
function link(address, words) {
  if (!/^https?:\/\//i.test(address) || !URL.canParse(address)) return null;
  const element = make("a", words);
  Object.assign(element, { href: address, target: "_blank", rel: "noopener noreferrer nofollow" });
  return element;
}

function make(name, parts = []) {
  const element = document.createElement(name);
  element.append(...parts);
  return element;
}
