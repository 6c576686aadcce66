// The settings: what the controls of the page say, as plain data and back.

import { byId } from "./dom.js";
import { SCHEMA, TOOLS } from "./examples.js";
import { problem } from "./request.js";

const DEFAULTS = {
  model: "",
  effort: "none",
  system: "",
  temperature: null, // null is the server's own choice, for all numbers
  top_p: null,
  max_tokens: null,
  seed: null,
  use_tools: false,
  tools: TOOLS,
  tool_choice: "auto",
  format: "text",
  schema: SCHEMA,
};
const TEXTS = ["model", "system", "tools", "tool_choice", "format", "schema"];
const NUMBERS = ["temperature", "top_p", "max_tokens", "seed"];
const SLIDERS = ["temperature", "top_p", "max_tokens"];
const EDITORS = ["tools", "schema"];

/** Reads and writes the controls; `changed` is called after each change by the user. */
export class Settings {
  #cards = [];

  constructor(changed) {
    byId("settings").addEventListener("input", (event) => this.#follow(event.target));
    for (const place of ["settings", "model", "effort"]) {
      byId(place).addEventListener("input", () => {
        this.#show();
        changed();
      });
    }
    for (const name of EDITORS) {
      byId(`${name}-example`).addEventListener("click", () => {
        this.write({ [name]: DEFAULTS[name] });
        changed();
      });
    }
    this.write(DEFAULTS);
  }

  /** The settings as they are. Without a model that reasons there is no effort. */
  read() {
    const settings = Object.fromEntries(TEXTS.map((name) => [name, byId(name).value]));
    for (const name of NUMBERS) settings[name] = byId(name).value === "" ? null : byId(name).valueAsNumber;
    settings.use_tools = byId("use_tools").checked;
    const chosen = document.querySelector('#effort input[name="effort"]:checked');
    settings.effort = chosen.disabled ? null : chosen.value;
    return settings;
  }

  /** Take over the settings that are given and make sense, such as those of a file. */
  write(given) {
    for (const name of TEXTS) if (typeof given[name] === "string") this.#choose(byId(name), given[name]);
    for (const name of NUMBERS) {
      if (given[name] === null || Number.isFinite(given[name])) byId(name).value = given[name] ?? "";
      this.#follow(byId(name));
    }
    if (typeof given.use_tools === "boolean") byId("use_tools").checked = given.use_tools;
    if (given.effort === "none" || given.effort === "high") byId(`effort-${given.effort}`).checked = true;
    this.#show();
  }

  /** The models that can be chosen. The one that was chosen stays so, if it is still there. */
  setModels(cards) {
    this.#cards = cards;
    const chosen = byId("model").value;
    byId("model").replaceChildren(...cards.map(({ id }) => new Option(id, id)));
    this.#choose(byId("model"), chosen);
    this.#show();
  }

  /** The first thing that is wrong: `{field, message}`; null if all is well. */
  check() {
    const odd = NUMBERS.map(byId).find((control) => !control.checkValidity());
    return problem(this.read()) ?? (odd ? { field: odd.id, message: `${odd.name}: ${odd.validationMessage}` } : null);
  }

  /** Put the cursor where something is wrong. */
  point(field) {
    byId(field).closest("details").open = true;
    byId(field).focus();
  }

  #choose(control, value) {
    if (control.tagName !== "SELECT" || [...control.options].some((option) => option.value === value)) control.value = value;
  }

  /** A slider and its number say the same; an empty number leaves the slider where it was. */
  #follow({ id, value }) {
    if (SLIDERS.includes(id) && value !== "") byId(`${id}-slider`).value = value;
    const name = id.replace("-slider", "");
    if (id !== name) byId(name).value = value;
  }

  /** What depends on other controls. */
  #show() {
    const settings = this.read();
    const card = this.#cards.find(({ id }) => id === settings.model);
    const reasons = card?.capabilities?.reasoning !== false;
    for (const input of document.querySelectorAll('#effort input[name="effort"]')) input.disabled = !reasons;
    byId("effort").title = reasons ? "" : "This model does not think before it answers";
    if (card?.max_model_len) {
      byId("max_tokens").max = card.max_model_len;
      byId("max_tokens-slider").max = Math.min(card.max_model_len, 8192);
    }
    byId("tools-panel").hidden = !settings.use_tools;
    byId("schema-panel").hidden = settings.format !== "json_schema";
    const wrong = problem(settings);
    for (const name of EDITORS) {
      const message = wrong?.field === name ? wrong.message : "";
      byId(name).setAttribute("aria-invalid", String(Boolean(message)));
      byId(`${name}-problem`).textContent = message;
    }
  }
}
