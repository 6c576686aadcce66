// The turns on the page, in step with the conversation, and where the reader looks.

import { byId } from "./dom.js";
import { viewOf } from "./message.js";

const NEAR_PX = 80;

/** Shows a conversation in the page; drawing happens once per frame, however fast tokens come. */
export class Transcript {
  #conversation;
  #actions;
  #list = byId("turns");
  #scroller = byId("conversation");
  #views = new WeakMap();
  #asked = false;

  constructor(conversation, actions) {
    this.#conversation = conversation;
    this.#actions = actions;
    conversation.addEventListener("change", () => this.draw(true));
    conversation.addEventListener("end", () => this.draw());
    conversation.addEventListener("progress", () => {
      if (!this.#asked) requestAnimationFrame(() => this.draw());
      this.#asked = true;
    });
  }

  /** Bring the page up to date; to the end of the conversation if the reader was there, or it is `new`. */
  draw(isNew = false) {
    this.#asked = false;
    const { turns, busy } = this.#conversation;
    const follow = isNew || this.#atEnd();
    const views = turns.map((turn) => this.#view(turn));
    const shown = views.map((view) => view.node);
    for (const node of [...this.#list.children]) if (!shown.includes(node)) node.remove();
    views.forEach(({ node }, place) => {
      if (this.#list.children[place] !== node) this.#list.insertBefore(node, this.#list.children[place] ?? null);
    });
    const lastQuestion = turns.findLastIndex((turn) => turn.role === "user");
    const from = isNew || !busy ? 0 : turns.length - 1; // while an answer grows, the others stay as they are
    for (let place = from; place < turns.length; place += 1) {
      views[place].show({ busy, last: place === turns.length - 1, lastQuestion: place === lastQuestion });
    }
    byId("welcome").hidden = turns.length > 0;
    if (follow) this.#scroller.scrollTop = this.#scroller.scrollHeight;
  }

  /** Put the cursor where the last answer waits for a result. */
  focusResult() {
    this.#view(this.#conversation.turns.at(-1)).focusResult();
  }

  #view(turn) {
    if (!this.#views.has(turn)) this.#views.set(turn, viewOf(turn, this.#actions));
    return this.#views.get(turn);
  }

  #atEnd() {
    const { scrollTop, scrollHeight, clientHeight } = this.#scroller;
    return scrollHeight - scrollTop - clientHeight < NEAR_PX;
  }
}
