// Asking our own server: JSON both ways, refusals as errors that carry the server's sentence.

/** The server said no; `message` is its sentence for the visitor, or empty when it gave none. */
export class Refusal extends Error {
  name = "Refusal";

  constructor(status, { code = "", message = "", retry_after: retryAfter = null } = {}) {
    super(message);
    Object.assign(this, { status, code, retryAfter });
  }
}

/** No answer at all: no network, or the server is down. */
export class Unreachable extends Error {
  name = "Unreachable";
}

/** Post JSON and return the Response. Throws Refusal, Unreachable, or the signal's reason. */
export async function post(url, body, { signal, accept = "application/json", keepalive = false } = {}) {
  const headers = { "Content-Type": "application/json", Accept: accept, "X-CSRFToken": token() };
  let response;
  try {
    response = await fetch(url, { method: "POST", headers, body: JSON.stringify(body), signal, keepalive });
  } catch (error) {
    throw signal?.aborted ? signal.reason : new Unreachable(error.message);
  }
  if (!response.ok) throw new Refusal(response.status, await refusalOf(response));
  return response;
}

/** Get JSON. Throws Refusal, Unreachable. */
export async function fetchJson(url) {
  let response;
  try {
    response = await fetch(url, { headers: { Accept: "application/json" } });
  } catch (error) {
    throw new Unreachable(error.message);
  }
  if (!response.ok) throw new Refusal(response.status, await refusalOf(response));
  return response.json();
}

/** Post JSON, return the JSON that came back. */
export async function exchange(url, body, options) {
  const response = await post(url, body, options);
  return response.json();
}

/** The lines of a streamed answer, each parsed, as they arrive. */
export async function* lines(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) break;
    const parts = (rest + value).split("\n");
    rest = parts.pop();
    for (const part of parts) if (part.trim()) yield JSON.parse(part);
  }
  if (rest.trim()) yield JSON.parse(rest);
}

/** A name for one thing said, so that it is kept once. `randomUUID` exists on secure addresses only. */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function token() {
  return document.querySelector("[name=csrfmiddlewaretoken]").value;
}

async function refusalOf(response) {
  try {
    return (await response.json()).error ?? {};
  } catch {
    return {}; // a page instead of JSON: there is no sentence in it for the visitor
  }
}
