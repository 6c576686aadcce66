// One turn on the page: a question, or an answer with its thinking, calls and numbers.

import { Calls } from "./calls.js";
import { copyButton } from "./clipboard.js";
import { button, element } from "./dom.js";
import { isPicture } from "./images.js";
import { Markdown } from "./markdown.js";
import { callsOf } from "./request.js";
import { count, inWords } from "./speed.js";

const ENDS = {
  length: "Cut off at the most tokens that were allowed.",
  stopped: "Stopped.",
};

/** The view of a turn. `actions` has `edit(text)`, `regenerate()` and `respond()`. */
export const viewOf = (turn, actions) => (turn.role === "user" ? new Question(turn, actions) : new Answer(turn, actions));

class Question {
  #edit = button("Edit", () => this.#open(), "Edit the question");
  #body;
  #foot = element("div", { class: "foot" }, this.#edit);

  constructor(turn, actions) {
    this.turn = turn;
    this.actions = actions;
    const pictures = turn.images
      .filter(({ url }) => isPicture(url))
      .map(({ name, url }) => element("img", { src: url, alt: name, title: name }));
    this.#body = element(
      "div",
      { class: "bubble" },
      pictures.length ? element("div", { class: "pictures" }, ...pictures) : null,
      turn.text ? element("p", { class: "plain" }, turn.text) : null,
    );
    this.node = element("article", { class: "question", "aria-label": "You" }, this.#body, this.#foot);
  }

  show({ lastQuestion, busy }) {
    this.#edit.hidden = !lastQuestion || busy;
  }

  /** A box in place of the text. Enter sends, Escape gives up, as in the box below. */
  #open() {
    const box = element("textarea", { rows: 3, "aria-label": "Edit the question" });
    box.value = this.turn.text;
    const close = () => {
      form.replaceWith(this.#body);
      this.#foot.hidden = false;
      this.#edit.focus();
    };
    const form = element(
      "form",
      { class: "edit" },
      box,
      element("div", { class: "foot" }, button("Cancel", close), element("button", { class: "primary" }, "Send again")),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.actions.edit(box.value);
    });
    form.addEventListener("keydown", (event) => {
      if (event.key === "Escape") {
        event.stopPropagation();
        close();
      } else if (event.target === box && event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        form.requestSubmit();
      }
    });
    this.#body.replaceWith(form);
    this.#foot.hidden = true;
    box.focus();
  }
}

class Answer {
  #summary = element("summary");
  #thoughtsNode = element("div", { class: "markdown" });
  #thoughts = new Markdown(this.#thoughtsNode);
  #thinking = element("details", { class: "thinking" }, this.#summary, this.#thoughtsNode);
  #contentNode = element("div", { class: "markdown" });
  #content = new Markdown(this.#contentNode);
  #calls;
  #end = element("p", { class: "end" });
  #numbers = element("span", { class: "numbers" });
  #copy = copyButton(() => this.turn.content, "Copy the answer");
  #again;
  #pulse = element("span", { class: "pulse", "aria-hidden": "true" });
  #touched = false; // whether somebody has opened or closed the thinking: then it stays so

  constructor(turn, actions) {
    this.turn = turn;
    this.#calls = new Calls(actions.respond);
    this.#again = button("Regenerate", actions.regenerate, "Regenerate the answer");
    this.#summary.addEventListener("click", () => (this.#touched = true));
    this.node = element(
      "article",
      { class: "answer", "aria-label": "Answer" },
      element("p", { class: "name" }, turn.model),
      this.#thinking,
      this.#contentNode,
      this.#calls.node,
      this.#pulse,
      this.#end,
      element("div", { class: "foot" }, this.#numbers, this.#copy, this.#again),
    );
  }

  /** `busy`: whether an answer is being written; it is this one if it is the `last`. */
  show({ last, busy }) {
    const { turn } = this;
    const growing = busy && last;
    this.node.setAttribute("aria-busy", String(growing));
    const thinks = growing && !turn.content && !turn.calls.length;
    this.#thinking.hidden = !turn.reasoning;
    const { reasoning } = turn.numbers;
    this.#summary.textContent = `Thinking${reasoning ? ` · ${count(reasoning)}` : ""}${thinks ? " …" : ""}`;
    if (!this.#touched) this.#thinking.open = thinks;
    this.#thoughts.show(turn.reasoning);
    this.#content.show(turn.content);
    this.#calls.show(turn.calls, { complete: !growing, open: !busy && last && callsOf(turn).length > 0 });
    this.#pulse.hidden = !growing;
    this.#showEnd();
    this.#numbers.textContent = inWords(turn.numbers).join(" · ");
    this.#copy.hidden = growing || !turn.content;
    this.#again.hidden = busy || !last;
  }

  focusResult() {
    this.#calls.focus();
  }

  #showEnd() {
    const { error, finish } = this.turn;
    this.#end.classList.toggle("error", error !== null);
    if (error) {
      const where = [error.status >= 400 && `Error ${error.status}`, error.param].filter(Boolean).join(", ");
      this.#end.textContent = where ? `${where}: ${error.message}` : error.message;
    } else {
      this.#end.textContent = ENDS[finish] ?? "";
    }
    this.#end.hidden = !this.#end.textContent;
  }
}
