// Tool calls as cards: what the model wants to know, and a box for what its function gave.

import { element } from "./dom.js";

/** Cards for the calls of an answer, and a button that hands the results in. */
export class Calls {
  node = element("div", { class: "calls" });
  #cards = [];
  #send;

  /** `respond` is called when all results are there. */
  constructor(respond) {
    this.#send = element("button", { type: "button", class: "primary", on: { click: respond } }, "Send results");
  }

  /** Show the calls: with line breaks once they are `complete`, and `open` for results. */
  show(calls, { complete, open }) {
    calls.forEach((call, place) => {
      this.#cards[place] ??= new Card(call, place, this.node);
      this.#cards[place].show(complete, open);
    });
    for (const card of this.#cards.splice(calls.length)) card.node.remove();
    if (open) this.node.append(this.#send);
    else this.#send.remove();
  }

  /** Put the cursor into the first result that is missing. */
  focus() {
    (this.#cards.find((card) => card.missing) ?? this.#cards[0])?.result.focus();
  }
}

let cards = 0;

class Card {
  #call;
  #name = element("code");
  #given = element("code");
  #answer;

  constructor(call, place, parent) {
    this.#call = call;
    const id = `result-${(cards += 1)}`;
    this.result = element("textarea", {
      id,
      rows: 2,
      spellcheck: "false",
      placeholder: "What the function gives, as text or JSON",
      on: { input: () => (call.result = this.result.value) },
    });
    this.result.value = call.result ?? "";
    this.#answer = element("div", { class: "result" }, element("label", { for: id }, `Result of call ${place + 1}`), this.result);
    this.node = element(
      "section",
      { class: "call" },
      element("div", { class: "bar" }, element("span", {}, "Tool call"), this.#name),
      element("pre", { tabindex: 0, role: "group", "aria-label": "Arguments" }, this.#given),
      this.#answer,
    );
    parent.append(this.node);
  }

  get missing() {
    return this.#call.result === null;
  }

  show(complete, open) {
    this.#name.textContent = this.#call.name;
    this.node.setAttribute("aria-label", `Tool call ${this.#call.name}`);
    this.#given.textContent = complete ? pretty(this.#call.arguments) : this.#call.arguments;
    this.#answer.hidden = !open && this.missing;
    this.result.readOnly = !open;
  }
}

/** JSON with line breaks, every number and escape as it was written; anything else as it is. */
export function pretty(json) {
  try {
    JSON.parse(json);
  } catch {
    return json;
  }
  let depth = 0;
  const line = () => `\n${"  ".repeat(depth)}`;
  return json.replace(/"(?:[^"\\]|\\.)*"|[{[]\s*[}\]]|[{}[\],:]|\s+|[^\s{}[\],:"]+/g, (token) => {
    if (/^[{[]\s*[}\]]$/.test(token)) return token[0] + token.at(-1);
    if (token === "{" || token === "[") {
      depth += 1;
      return token + line();
    }
    if (token === "}" || token === "]") {
      depth -= 1;
      return line() + token;
    }
    if (token === ",") return token + line();
    if (token === ":") return ": ";
    return token.trim() && token;
  });
}
