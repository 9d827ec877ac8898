// What the official client leaves undone, done from outside by watching the doors it goes through: sockets that can be
// closed while a start hangs, audio contexts that a browser holds back, and the resampler of browsers that cannot choose
// the rate of their sound.

const contexts = new Set();
let isWatching = false;

/** Take note of every audio context from now on. Before the client is loaded: on iOS it makes one at the first touch. */
export function watchContexts() {
  if (isWatching || !window.AudioContext) return;
  isWatching = true;
  const Original = window.AudioContext;
  window.AudioContext = class extends Original {
    constructor(...options) {
      super(...options);
      for (const context of contexts) if (context.state === "closed") contexts.delete(context);
      contexts.add(this);
    }
  };
}

/** Whether the browser holds sound back until somebody presses something, or a phone's own call has taken it. */
export function isHeldBack() {
  const element = playing();
  const waits = [...contexts].some(({ state }) => state === "suspended" || state === "interrupted");
  return waits || Boolean(element?.srcObject && element.paused);
}

/** Let sound through. Only in the course of a press does a browser obey. */
export function letThrough() {
  for (const context of contexts) if (context.state !== "closed") context.resume().catch(() => {}); // then it stays held
  playing()?.play().catch(() => {});
}

/** The client plays through an element of its own at the end of the page. */
export function playing() {
  return document.querySelector("body > audio");
}

/** It is left playing a stream that has ended, and a browser keeps what plays for as long as the page lives. */
export function letGo(element) {
  if (!element) return;
  element.pause();
  element.srcObject = null;
}

/** The sockets opened until `stop()`; `close()` closes them, so that a start that never settles lets go. */
export function catchSockets() {
  const Original = window.WebSocket;
  const caught = [];
  window.WebSocket = class extends Original {
    constructor(...address) {
      super(...address);
      caught.push(this);
    }

    /** The client goes on sending sound for a moment after the other side has closed. */
    send(data) {
      if (this.readyState === Original.OPEN) super.send(data);
    }
  };
  return {
    stop: () => (window.WebSocket = Original),
    close: () => caught.forEach((socket) => socket.close(1000, "given up")),
  };
}

const ELSEWHERE = "https://cdn.jsdelivr.net/npm/@alexanderolsen/libsamplerate-js";

/**
 * Give the client `address` where it would fetch its resampler from another host: in 1.25.0 it follows its own option
 * for the microphone and forgets it for the speaker (`dist/platform/web/output.js`).
 */
export function hostResampler(address) {
  const { prototype } = window.AudioWorklet ?? {};
  if (!prototype || prototype.addModule.isOurs) return;
  const original = prototype.addModule;
  prototype.addModule = function addModule(url, ...options) {
    return original.call(this, String(url).startsWith(ELSEWHERE) ? address : url, ...options);
  };
  prototype.addModule.isOurs = true;
}
