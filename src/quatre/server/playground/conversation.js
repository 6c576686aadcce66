// The conversation: its turns as plain data, and the answer that is being written. It knows nothing of the page.
//
// A turn is {role: "user", text, images: [{name, url}]} or {role: "assistant", model, reasoning, content,
// calls: [{id, name, arguments, result}], finish, error, numbers}. A call's result is null until somebody gives it.

import { chat } from "./api.js";
import { callsOf } from "./request.js";
import { Meter } from "./speed.js";

/** Tells of "change" (turns came or went), "progress" (the last one grew) and "end" (the answer is complete). */
export class Conversation extends EventTarget {
  turns = [];
  #running = null;

  get busy() {
    return this.#running !== null;
  }

  /** The last turn, if it is an answer with calls that wait for results. */
  get waiting() {
    const last = this.turns.at(-1);
    return !this.busy && last?.role === "assistant" && callsOf(last).length > 0 ? last : null;
  }

  /** Other turns, such as none at all. */
  replace(turns) {
    this.stop();
    this.turns = turns;
    this.#tell("change");
  }

  ask(text, images) {
    this.turns.push({ role: "user", text, images });
    this.#tell("change");
  }

  /** Take back the last answer, and with a text, ask that instead of the last question. */
  retry(text = null) {
    this.stop();
    if (text !== null) {
      const place = this.turns.findLastIndex((turn) => turn.role === "user");
      this.turns.splice(place, this.turns.length, { ...this.turns[place], text });
    } else if (this.turns.at(-1)?.role === "assistant") {
      this.turns.pop();
    }
    this.#tell("change");
  }

  stop() {
    this.#running?.abort();
  }

  /** Have the conversation answered with this body. Failures end up in the turn. */
  async answer(body) {
    const turn = {
      role: "assistant",
      model: body.model,
      reasoning: "",
      content: "",
      calls: [],
      finish: null,
      error: null,
      numbers: {},
    };
    const running = new AbortController();
    const meter = new Meter();
    turn.numbers = meter.numbers;
    this.turns.push(turn);
    this.#running = running;
    this.#tell("change");
    try {
      for await (const chunk of chat(body, running.signal)) {
        const grew = (chunk.choices ?? []).reduce((before, choice) => take(turn, choice) || before, false);
        meter.take({ grew, usage: chunk.usage });
        this.#tell("progress");
      }
    } catch (error) {
      if (running.signal.aborted) turn.finish = "stopped";
      else turn.error = { message: error.message, status: error.status ?? 0, param: error.param ?? null };
    }
    if (turn.finish === null && turn.error === null) {
      turn.error = { message: "The connection ended before the answer did.", status: 0, param: null };
    }
    if (this.#running === running) this.#running = null;
    this.#tell("end", turn);
  }

  #tell(kind, detail) {
    this.dispatchEvent(new CustomEvent(kind, { detail }));
  }
}

/** Add what a chunk brings; whether that was a part of the answer. */
function take(turn, { delta = {}, finish_reason }) {
  const thought = delta.reasoning_content ?? delta.reasoning ?? "";
  const said = delta.content ?? "";
  turn.reasoning += thought;
  turn.content += said;
  for (const { index = 0, id, function: called = {} } of delta.tool_calls ?? []) {
    turn.calls[index] ??= { id: "", name: "", arguments: "", result: null };
    const call = turn.calls[index];
    if (id) call.id = id;
    if (called.name) call.name = called.name;
    call.arguments += called.arguments ?? "";
  }
  if (finish_reason) turn.finish = finish_reason;
  return Boolean(thought || said || delta.tool_calls?.length);
}
