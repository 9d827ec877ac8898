// One voice connection: the only module that knows the official ElevenLabs client.

import { catchSockets, hostResampler, letGo, playing, watchContexts } from "./stopgaps.js";

let client = null;

/** Fetch the client. It loads when the page is idle, so that the first call does not wait for it. */
export function prepare() {
  watchContexts();
  client ??= import("../vendor/elevenlabs-client.js").catch((error) => {
    client = null; // a passing fault: the next call asks again
    throw error;
  });
  return client;
}

/** Throws where the browser lacks what the client needs; on an insecure address it lacks it, too. */
export function demandFitBrowser() {
  const parts = [window.AudioContext, window.AudioWorkletNode, window.WebSocket];
  if (parts.some((part) => !part)) throw new DOMException("a part of the browser is missing", "NotSupportedError");
}

/**
 * Open the connection that `grant` permits. `on` hears what happens: visitor, persona, part, sound, correction,
 * interruption, searching, found, mode, queue, arrived, ended, deaf (the chosen speaker is not to be had). Throws what the
 * client throws, or the signal's reason; then nothing is left open. `how` it begins: {resumed (without the greeting),
 * language, speed, microphone, speaker, muted, commands (by name, what the agent may have done)}, each only where it is not the usual. The client itself never gives up
 * on a silent server, so the signal is the way out.
 */
export async function open(grant, worklets, on, signal, how = {}) {
  const { Conversation } = await prepare();
  signal.throwIfAborted();
  hostResampler(worklets.resampler);
  const sockets = catchSockets();
  const session = new Session(on, how);
  const starting = Conversation.startSession({
    signedUrl: grant.signed_url,
    workletPaths: worklets,
    libsampleratePath: worklets.resampler,
    overrides: overrides(how),
    inputDeviceId: how.microphone || undefined,
    clientTools: how.commands,
    connectionDelay: { default: 0, android: 0, ios: 0 },
    onConversationCreated: (conversation) => session.carry(conversation),
    ...session.callbacks(),
  });
  try {
    await Promise.race([starting, aborted(signal)]);
    return session;
  } catch (error) {
    sockets.close();
    starting.then((late) => late.endSession(), () => {}); // it failed already: `error` says why
    throw error;
  } finally {
    sockets.stop();
  }
}

/** What the agent is asked to do otherwise in this call alone; every one of them must be allowed in its definition. */
function overrides({ resumed, language, speed }) {
  return { agent: { firstMessage: resumed ? "" : undefined, language }, tts: { speed } };
}

/** Whether a start failed because its agent does not allow, or not yet, what it was asked to do otherwise. */
export function isOverrideRefused({ closeCode, closeReason }) {
  return closeCode === 1008 && /^override/i.test(closeReason ?? "");
}

class Session {
  conversation = null;
  volume = 1;
  cutAt = 0; // sound of turns before this event was interrupted
  silenced = false;
  fault = ""; // what the service said went wrong, before it hangs up without a reason
  askedIn = 0; // the event in which a command was last asked for
  changing = Promise.resolve();

  constructor(on, { speaker = "", muted = false } = {}) {
    Object.assign(this, { on, speaker, muted });
  }

  carry(conversation) {
    this.conversation = conversation;
    this.player = playing(); // the client takes it off the page before it tells of an end
    this.setVolume(this.volume);
    if (this.muted) this.setMuted(true);
    // Not given to the client at the start: there, a speaker that is gone would end the call.
    if (this.speaker) this.useSpeaker(this.speaker).catch(() => this.on.deaf());
  }

  callbacks() {
    const { on } = this;
    return {
      onMessage: ({ role, message, event_id: id }) => (role === "user" ? on.visitor : on.persona)(id, message),
      onAgentChatResponsePart: ({ event_id: id, type, text }) => on.part(id, type, text),
      onAgentResponseCorrection: (event) =>
        on.correction(event.event_id, event.original_agent_response, event.corrected_agent_response),
      onInterruption: ({ event_id: id }) => {
        this.cutAt = id;
        on.interruption(id);
      },
      onAgentToolRequest: () => on.searching(),
      onAgentToolResponse: ({ tool_type: type }) => type !== "system" && on.found(), // hanging up is one of theirs
      onModeChange: ({ mode }) => on.mode(mode),
      onIncomingEvent: (event) => this.arrived(event),
      onDisconnect: (details) => on.ended({ ...details, fault: this.fault }),
      onError: (message, context) => this.went(message, context),
    };
  }

  arrived(event) {
    this.on.arrived(event.type === "ping");
    if (event.type === "agent_response") this.fault = ""; // it has recovered
    if (event.type === "queue_status") this.on.queue(event.queue_status_event.status);
    if (event.type === "client_tool_call") this.askedIn = event.client_tool_call.event_id;
    if (event.type !== "audio") return;
    const { event_id: id, alignment } = event.audio_event ?? {};
    this.hush(id < this.cutAt);
    if (!this.silenced) this.on.sound(id, alignment);
  }

  /** Something went wrong; the call goes on until the line is closed. */
  went(message, context) {
    this.fault = `${message} ${context?.errorType ?? ""}`;
    console.info("voice:", message, context ?? "");
  }

  /** The client plays sound of an interrupted turn when it still arrives; we do not. */
  hush(stale) {
    if (stale === this.silenced) return;
    this.silenced = stale;
    this.conversation?.setVolume({ volume: stale ? 0 : this.volume });
  }

  /** Not a word more of the turn in which a command was asked for. Gives its event id. */
  silence() {
    this.cutAt = this.askedIn + 1;
    this.hush(true);
    return this.askedIn;
  }

  setVolume(volume) {
    this.volume = volume;
    if (!this.silenced) this.conversation?.setVolume({ volume });
  }

  setMuted(muted) {
    this.muted = muted;
    this.conversation?.setMicMuted(muted);
  }

  /** Hear another microphone, "" being the system's own. Throws what the browser throws; then it hears the one before. */
  useMicrophone(id) {
    const change = () => this.conversation.changeInputDevice({ inputDeviceId: id || undefined });
    this.changing = this.changing.then(change, change); // the client refuses a second change while one is under way
    return this.changing;
  }

  /** Speak through another speaker, "" being the system's own. Throws what the browser throws. */
  async useSpeaker(id) {
    await this.conversation.changeOutputDevice({ outputDeviceId: id || undefined });
  }

  inputLevel() {
    return this.conversation?.isOpen() ? this.conversation.getInputVolume() : 0;
  }

  outputLevel() {
    return this.conversation?.isOpen() ? this.conversation.getOutputVolume() : 0;
  }

  /** Say something by typing. False when the line is closed already. */
  write(text) {
    if (!this.conversation?.isOpen()) return false;
    this.conversation.sendUserMessage(text);
    return true;
  }

  /** Let the agent know something without asking for an answer. */
  tell(text) {
    if (text && this.conversation?.isOpen()) this.conversation.sendContextualUpdate(text);
  }

  /** Tell the service that the visitor is still there. */
  stay() {
    if (this.conversation?.isOpen()) this.conversation.sendUserActivity();
  }

  /** Tell the service what the visitor thinks of one of its turns: true, false, or null to take it back. */
  judge(liked, id) {
    if (this.conversation?.isOpen()) this.conversation.sendFeedback(liked, id);
  }

  async end() {
    await this.conversation?.endSession();
    letGo(this.player);
  }
}

function aborted(signal) {
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));
}
