// The small cards under a turn: where each part of what was said stands.

const template = document.getElementById("citation");

/** Make the list show exactly these citations; cards that are there already stay as they are. */
export function fill(list, citations) {
  const known = new Map(Array.from(list.children, (card) => [nameOf(card), card]));
  const cards = citations.map((citation) => known.get(`${citation.url}|${citation.quote}`) ?? draw(citation));
  list.replaceChildren(...new Set(cards));
  list.hidden = cards.length === 0;
}

function nameOf(card) {
  const link = card.querySelector(".citation-link");
  return `${link.getAttribute("href")}|${card.querySelector(".citation-quote").textContent}`;
}

function draw(citation) {
  const card = template.content.firstElementChild.cloneNode(true);
  const part = (name) => card.querySelector(`.citation-${name}`);
  card.dataset.new = "";
  part("link").setAttribute("href", citation.url);
  part("link").dataset.passage = citation.passage_id;
  part("title").textContent = citation.document;
  part("heading").textContent = citation.heading.replace(`${citation.document} › `, "");
  part("quote").textContent = citation.quote;
  if (citation.page) part("number").textContent = citation.page;
  else part("page").remove();
  return card;
}
