// Whatever ends or prevents a call becomes the name of a sentence that says what to do next (see _sentences.html).

/**
 * Why a call could not start; null when the visitor wished so. Close codes are ElevenLabs' own; browsers' errors go by
 * their names; our own server's refusals bring their sentence with them, but for a page that is too old to be known.
 */
export function explainStart(error) {
  if (error.name === "Cancelled") return null;
  if (error.name === "Refusal") return explainRefusal(error);
  const browser = {
    NotAllowedError: "microphone-denied",
    PermissionDeniedError: "microphone-denied",
    SecurityError: "microphone-insecure",
    NotFoundError: "microphone-missing",
    OverconstrainedError: "microphone-missing",
    NotReadableError: "microphone-busy",
    AbortError: "microphone-busy",
    Unreachable: navigator.onLine ? "start-unreachable" : "end-offline",
    Slow: "start-slow",
    Unanswered: "microphone-unanswered",
    Unheard: "start-unheard",
    NotSupportedError: "browser-unfit",
  };
  if (browser[error.name]) return browser[error.name];
  if (/worklet|dynamically imported module|Importing a module/i.test(error.message)) return "page-broken";
  if (error.name === "SessionConnectionError") return explainClose(error.closeCode, error.closeReason) ?? "start-refused";
  return error instanceof TypeError ? "start-refused" : "start-unreachable"; // what the service sent makes no sense
}

function explainRefusal({ status, code }) {
  if (code === "busy") return "start-busy";
  return status === 403 && !code ? "start-stale" : "start-refused";
}

/**
 * Why a running call ended, from the client's onDisconnect details and the `fault` that the service named before. The
 * service hangs up with 1000 for almost anything, and the client calls that the agent's doing.
 */
export function explainEnd({ reason, context, closeCode, closeReason, fault = "" }) {
  if (context?.type === "max_duration_exceeded") return "end-time";
  if (/quota|credits/i.test(`${closeReason ?? ""} ${fault}`)) return "start-quota";
  if (reason === "agent" && (closeCode ?? 1000) === 1000) return fault ? "end-fault" : "end-agent";
  const known = explainClose(closeCode, closeReason);
  if (known === "start-quota" || known === "start-busy") return known;
  return closeCode === 1006 || closeCode === undefined ? "end-dropped" : "end-fault";
}

function explainClose(code, reason = "") {
  if (/quota|credits/i.test(reason ?? "")) return "start-quota";
  if (/daily/i.test(reason ?? "")) return "start-daily"; // waiting in line would not help
  if (code === 3008 || code === 4300 || /concurren/i.test(reason ?? "")) return "start-busy";
  if (/expired|signature|signed url/i.test(reason ?? "")) return "start-expired";
  if (code === 1006 || code === undefined) return "start-unreachable";
  return null;
}
