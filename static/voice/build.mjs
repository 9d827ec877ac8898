// Makes static/vendor from npm: the official ElevenLabs client as one module, and its audio worklets beside it, which
// the page hosts itself because its Content-Security-Policy allows no blob: addresses.

import { readFile, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("../..", import.meta.url));
const client = `${root}node_modules/@elevenlabs/client`;
const { version, license } = JSON.parse(await readFile(`${client}/package.json`, "utf8"));

const common = {
  absWorkingDir: root,
  minify: true,
  target: "es2022",
  banner: { js: `/*! @elevenlabs/client ${version}, ${license}, Copyright ElevenLabs */` },
  logLevel: "info",
};

await rm(`${root}static/vendor`, { recursive: true, force: true });
await build({
  ...common,
  stdin: { contents: 'export { Conversation } from "@elevenlabs/client";', resolveDir: root },
  alias: { "livekit-client": `${root}static/voice/livekit.mjs` },
  bundle: true,
  format: "esm",
  platform: "browser",
  outfile: "static/vendor/elevenlabs-client.js",
});
await build({
  ...common,
  entryPoints: ["rawAudioProcessor", "audioConcatProcessor"].map((name) => `${client}/worklets/${name}.js`),
  outdir: "static/vendor/worklets",
});
