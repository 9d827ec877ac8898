// The least that a page can do to begin a call: ask for the signed address, and give it to the official client.

const { client, permission, micWorklet, speechWorklet } = document.body.dataset;
const { Conversation } = await import(client);

document.getElementById("talk").addEventListener("click", async () => {
  const { signed_url: signedUrl } = await (await fetch(permission)).json();
  await Conversation.startSession({
    signedUrl,
    workletPaths: { rawAudioProcessor: micWorklet, audioConcatProcessor: speechWorklet },
    connectionDelay: { default: 0, android: 0, ios: 0 },
  });
  document.body.dataset.connected = "";
});
document.body.dataset.ready = "";
