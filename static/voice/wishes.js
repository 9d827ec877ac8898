// What the settings ask of a call: how it begins, and what of them is followed while it runs.

import * as settings from "./settings.js";

/** How a call begins, as session.open() takes it. `languages` are the persona's, its own first. */
export function wishes(languages) {
  const { microphone, speaker, language, speed, pushToTalk } = settings.read();
  return {
    microphone,
    speaker,
    language: languages.slice(1).includes(language) ? language : undefined,
    speed: speed ?? undefined,
    muted: pushToTalk,
  };
}

/** Without what only an agent that allows it will do. */
export function plain(how) {
  return { ...how, language: undefined, speed: undefined };
}

/**
 * Keep a running call as the settings say: `hold(bool)` hears of push-to-talk, `tell(name of a sentence)` of what could
 * not be done. Returns a way to stop. Language and speed hold from the next call on: the client can only send them first.
 */
export function follow(session, { hold, tell }) {
  const turnTo = {
    volume: ({ volume }) => session.setVolume(volume / 100),
    microphone: ({ microphone }) => session.useMicrophone(microphone).catch(() => tell("microphone-kept")),
    speaker: ({ speaker }) => session.useSpeaker(speaker).catch(() => tell("speaker-missing")),
    pushToTalk: ({ pushToTalk }) => hold(pushToTalk),
  };
  const unwatch = settings.watch((now, changed) => changed.forEach((name) => turnTo[name]?.(now)));
  const stop = onDevices(pluggedIn({
    microphone: (id) => id && session.useMicrophone(id).then(() => tell("microphone-back")), // its going is noticed by its track
    speaker: (id) => session.useSpeaker(id).then(() => id || tell("speaker-missing")),
  }));
  return () => [unwatch, stop].forEach((end) => end());
}

/** What to do when the chosen devices go and come: `use.microphone(id)` and `use.speaker(id)`, "" when it has gone. */
function pluggedIn(use) {
  const gone = new Set();
  return (ids) => {
    for (const kind of Object.keys(use)) {
      const chosen = settings.read()[kind];
      const isGone = Boolean(chosen) && !ids.includes(chosen);
      if (isGone === gone.has(kind)) continue;
      if (isGone) gone.add(kind);
      else gone.delete(kind);
      if (chosen) Promise.resolve(use[kind](isGone ? "" : chosen)).catch(() => {}); // then it stays as it is
    }
  };
}

/** Call `act(ids of all devices)` whenever one is plugged in or pulled out. Returns a way to stop. */
function onDevices(act) {
  const devices = navigator.mediaDevices;
  const look = async () => act((await devices.enumerateDevices()).map(({ deviceId }) => deviceId));
  devices.addEventListener("devicechange", look);
  return () => devices.removeEventListener("devicechange", look);
}
