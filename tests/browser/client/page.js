// Holds the official client and decides nothing: what a test asks for is done, what the client calls back is written down.

const { Conversation, SessionConnectionError, postOverallFeedback } = window.ElevenLabsClient;

const CALLBACKS = [
  "onConnect", "onDisconnect", "onError", "onMessage", "onStatusChange", "onModeChange", "onCanSendFeedbackChange",
  "onAudio", "onAudioAlignment", "onInterruption", "onAgentResponseCorrection", "onAgentChatResponsePart", "onVadScore",
  "onPing", "onContextUsage", "onConversationMetadata", "onAgentToolRequest", "onAgentToolResponse", "onDebug",
  "onIncomingEvent", "onOutgoingEvent",
];
const TOOLS = {
  show_sources: () => ({ shown: 3 }),
  read_aloud: async ({ of }) => `read: ${of}`,
  count_pages: () => 42,
  open_map: () => undefined,
  play_music: () => { throw new Error("no music here"); },
};
const notes = [];
const microphones = [];

const note = (name, payload) => notes.push({ name, payload, at: performance.now() });

// Sound is too long to be kept: its size and its loudest sample are.
function shorten(payload) {
  if (typeof payload === "string") return payload.length;
  if (payload?.user_audio_chunk) return { type: "user_audio_chunk", ...measure(payload.user_audio_chunk) };
  if (payload?.type === "audio") return { type: "audio", event_id: payload.audio_event.event_id };
  return payload ?? null;
}

function measure(base64) {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const samples = new Int16Array(bytes.buffer);
  return { bytes: bytes.length, peak: samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0) };
}

function describe(error) {
  const { name, message, closeCode, closeReason } = error;
  return { refused: name, isSessionError: error instanceof SessionConnectionError, message, closeCode, closeReason };
}

// What the client asks the browser's microphone for, whoever answers.
const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (constraints) => {
  const stream = await open(constraints);
  microphones.push({ wanted: constraints.audio, got: stream.getAudioTracks()[0].getSettings().deviceId });
  return stream;
};

window.bench = {
  notes,
  microphones,

  // Start a conversation; gives its id and type, or how the client refused. `takeUnhandled` also sets that callback.
  async start({ takeUnhandled, tools = Object.keys(TOOLS), ...options }) {
    const callbacks = Object.fromEntries(CALLBACKS.map((name) => [name, (payload) => note(name, shorten(payload))]));
    if (takeUnhandled) callbacks.onUnhandledClientToolCall = (call) => note("onUnhandledClientToolCall", call);
    callbacks.onError = (message, context) => note("onError", { message, context: context ?? null });
    const clientTools = Object.fromEntries(tools.map((name) => [name, TOOLS[name]]));
    const workletPaths = {
      rawAudioProcessor: "/worklets/rawAudioProcessor.js",
      audioConcatProcessor: "/worklets/audioConcatProcessor.js",
    };
    try {
      bench.talk = await Conversation.startSession({ ...callbacks, clientTools, workletPaths, ...options });
      return { id: bench.talk.getId(), type: bench.talk.type };
    } catch (error) {
      return describe(error);
    }
  },

  // Call a method of the conversation; gives what it gives, or how it failed.
  async do(verb, ...given) {
    try {
      return (await bench.talk[verb](...given)) ?? null;
    } catch (error) {
      return describe(error);
    }
  },

  async forget() {
    await bench.talk?.endSession();
    bench.talk = null;
    notes.length = 0;
  },

  upload: (text) => bench.do("uploadFile", new File([text], "note.txt", { type: "text/plain" })),

  // Look at the microphone's spectrum and level until told to stop; keeps the most of each.
  watchMicrophone() {
    bench.most = { spectrum: 0, volume: 0, bins: 0 };
    setInterval(() => {
      const spectrum = bench.talk.getInputByteFrequencyData();
      bench.most = {
        spectrum: Math.max(bench.most.spectrum, ...spectrum),
        volume: Math.max(bench.most.volume, bench.talk.getInputVolume()),
        bins: spectrum.length,
      };
    }, 50);
  },

  async rate(id, opinion, origin) {
    const answer = await postOverallFeedback(id, opinion, origin);
    return answer.status;
  },
};
