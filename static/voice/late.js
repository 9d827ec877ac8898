// Sheets that are rarely opened: their looks and their code come when one is first wanted.

import { warn } from "./notice.js";
import { say } from "./sentences.js";
import * as settings from "./settings.js";
import { Sheet } from "./sheet.js";

// They stand outside the page's one script, so what they share with it is handed to them: a second copy of the settings
// would not hear what the first one is told.
const CODE = {
  settings: () => import("./sheets/settings.js"),
  help: () => import("./sheets/help.js"),
  check: () => import("./sheets/check.js"),
};
const prepared = new Map();

/** Open a sheet; `call()` gives the running call or null. Safe to repeat; says so when the sheet cannot be had. */
export async function open(name, call) {
  try {
    if (!prepared.has(name)) prepared.set(name, prepare(document.getElementById(name), CODE[name], call));
    const { sheet, code } = await prepared.get(name);
    if (sheet.dialog.open) return;
    code.open(settings);
    sheet.open();
  } catch {
    prepared.delete(name); // no network: the next time asks again
    warn(say("sheet-missing"));
  }
}

async function prepare(dialog, load, call) {
  const [code] = await Promise.all([load(), dress(dialog.dataset.looks)]);
  const sheet = new Sheet(dialog, dialog.querySelector(".sheet-bar"));
  sheet.watch();
  code.watch?.(dialog, { settings, call });
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close()); // beside it
  dialog.addEventListener("close", giveFocusBack);
  for (const button of dialog.querySelectorAll("[data-close]")) button.addEventListener("click", () => dialog.close());
  for (const button of dialog.querySelectorAll("[data-opens]")) {
    button.addEventListener("click", () => {
      addEventListener("popstate", () => open(button.dataset.opens, call), { once: true }); // the way back comes first
      dialog.close();
    });
  }
  return { sheet, code };
}

/** What opened the sheet may be gone by now: the dock, when the call has ended meanwhile. */
function giveFocusBack() {
  if (document.activeElement === document.body) document.querySelector("#talk:not([hidden]), #question").focus();
}

/** Put a style sheet on the page, once. */
export function dress(href) {
  if (document.querySelector(`link[href="${CSS.escape(href)}"]`)) return undefined;
  const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href });
  return new Promise((resolve, reject) => {
    link.addEventListener("load", resolve);
    link.addEventListener("error", () => {
      link.remove();
      reject(new Error(`no ${href}`));
    });
    document.head.append(link);
  });
}
