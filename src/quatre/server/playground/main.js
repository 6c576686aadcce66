// Joins the parts of the page.

import { announce, notice } from "./announce.js";
import { apiKey, models, setApiKey } from "./api.js";
import { copyButton } from "./clipboard.js";
import { Composer } from "./composer.js";
import { Conversation } from "./conversation.js";
import { button, byId } from "./dom.js";
import { QUESTIONS } from "./examples.js";
import { bodyOf, callsOf, streamed } from "./request.js";
import { Settings } from "./settings.js";
import { curl, python } from "./snippets.js";
import { load, save } from "./store.js";
import { Transcript } from "./transcript.js";
import { download, fromJson, toJson, toMarkdown } from "./transfer.js";

const UNAUTHORIZED = 401;
const wide = matchMedia("(min-width: 60rem)");

const conversation = new Conversation();
const settings = new Settings(() => save("settings", settings.read()));
const transcript = new Transcript(conversation, { edit, regenerate, respond });
const composer = new Composer({ send, stop: () => conversation.stop() });
let left = []; // the turns before the last new conversation

// -- Asking ------------------------------------------------------------------------------------------------------------

/** Whether a request can be made; if not, the page says why. */
function ready() {
  const wrong = settings.check();
  if (wrong) {
    showSettings(true);
    settings.point(wrong.field);
  }
  const message = wrong?.message ?? (settings.read().model ? "" : "There is no model to ask.");
  notice(message);
  return !message;
}

function answer() {
  composer.setBusy(true);
  announce("Answering");
  conversation.answer(streamed(bodyOf(conversation.turns, settings.read())));
}

function send(text, images) {
  if (conversation.waiting) {
    notice("The answer above waits for the results of its calls. Give them first, or regenerate it.");
    transcript.focusResult();
    return false;
  }
  if (!ready()) return false;
  conversation.ask(text, images);
  answer();
  return true;
}

function edit(text) {
  if (!ready()) return;
  conversation.retry(text);
  answer();
  composer.focus();
}

function regenerate() {
  if (!ready()) return;
  conversation.retry();
  answer();
  composer.focus();
}

function respond() {
  if (callsOf(conversation.waiting).some(({ result }) => result === null)) {
    notice("Each call needs a result.");
    transcript.focusResult();
    return;
  }
  if (!ready()) return;
  answer();
  composer.focus();
}

conversation.addEventListener("end", ({ detail: turn }) => {
  composer.setBusy(conversation.busy);
  save("turns", conversation.turns);
  announce(turn.error ? `Error: ${turn.error.message}` : summary(turn));
  if (turn.error?.status === UNAUTHORIZED) askForKey();
});

function summary({ finish, content, calls }) {
  const called = calls.map(({ name }) => `Calls the tool ${name}.`);
  return [finish === "stopped" && "Stopped.", content, ...called].filter(Boolean).join("\n");
}

// -- Models and the key ------------------------------------------------------------------------------------------------

async function loadModels() {
  try {
    settings.setModels(await models());
    settings.write(load("settings") ?? {});
    notice("");
  } catch (error) {
    notice(error.message);
    if (error.status === UNAUTHORIZED) askForKey();
  }
}

function askForKey() {
  showSettings(true);
  byId("access").open = true;
  byId("key").focus();
}

byId("key").value = apiKey();
byId("key").addEventListener("change", ({ target }) => {
  setApiKey(target.value);
  loadModels();
});
byId("key-form").addEventListener("submit", (event) => event.preventDefault()); // Enter has changed the key by then

// -- The frame ---------------------------------------------------------------------------------------------------------

/** The settings are beside the conversation, or on a small screen in front of it. */
function showSettings(shown) {
  byId("settings").hidden = !shown;
  byId("open-settings").setAttribute("aria-expanded", String(shown));
  byId("conversation-side").inert = shown && !wide.matches;
}

byId("open-settings").addEventListener("click", () => showSettings(byId("settings").hidden));
byId("close-settings").addEventListener("click", () => {
  showSettings(false);
  byId("open-settings").focus();
});
wide.addEventListener("change", () => showSettings(wide.matches));
showSettings(wide.matches);

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented) return;
  if (conversation.busy) conversation.stop();
  else if (!wide.matches && !byId("settings").hidden) byId("close-settings").click();
});

byId("new").addEventListener("click", () => {
  if (conversation.turns.length) left = conversation.turns;
  replace([]);
  announce("New conversation");
});
byId("back").addEventListener("click", () => replace(left));

function replace(turns) {
  byId("back").hidden = turns.length > 0 || left.length === 0;
  conversation.replace(turns);
  save("turns", turns);
  notice("");
  composer.focus();
}

for (const { name, text, settings: wanted } of QUESTIONS) {
  const begin = () => {
    settings.write({ effort: "none", use_tools: false, format: "text", ...wanted });
    save("settings", settings.read());
    composer.fill(text);
  };
  byId("questions").append(button(name, begin));
}

// -- Files and snippets ------------------------------------------------------------------------------------------------

const fileName = (ending) => `conversation-${new Date().toISOString().slice(0, 16).replaceAll(":", "-")}.${ending}`;

byId("export-json").addEventListener("click", () => {
  download(fileName("json"), "application/json", toJson(conversation.turns, settings.read()));
});
byId("export-markdown").addEventListener("click", () => {
  download(fileName("md"), "text/markdown", toMarkdown(conversation.turns, settings.read()));
});
byId("import").addEventListener("click", () => byId("import-file").click());
byId("import-file").addEventListener("change", async ({ target }) => {
  const [file] = target.files;
  target.value = "";
  try {
    const read = fromJson(await file.text());
    settings.write(read.settings);
    if (conversation.turns.length) left = conversation.turns;
    replace(read.turns);
  } catch (error) {
    notice(error.message);
  }
});
for (const item of byId("menu").querySelectorAll("button")) {
  item.addEventListener("click", () => byId("menu").hidePopover());
}

/** The request that would be made now, or null if the settings allow none. */
const present = () => (ready() ? bodyOf(conversation.turns, settings.read()) : null);
byId("snippets").append(
  copyButton(() => present() && curl(present()), "Copy the request as a curl command", "Copy as curl"),
  copyButton(() => present() && python(present()), "Copy the request as Python", "Copy as Python"),
);

// -- Begin -------------------------------------------------------------------------------------------------------------

settings.write(load("settings") ?? {});
conversation.replace(load("turns") ?? []);
loadModels();
