// The server, as any other client sees it. Addresses are relative, so that the page works behind a proxy's prefix.

import { events } from "./events.js";
import { load, save } from "./store.js";

export const BASE = new URL("v1", document.baseURI).href;

let key = load("key") ?? "";

/** The key that requests are sent with; empty for none. It is kept for this tab alone. */
export const apiKey = () => key;

export function setApiKey(value) {
  key = value.trim();
  save("key", key);
}

/** What the server, or the way there, said no to. `status` is 0 if there was no answer. */
export class Refusal extends Error {
  constructor(message, { status = 0, param = null } = {}) {
    super(message);
    this.status = status;
    this.param = param;
  }
}

/** The cards of the models that are served. */
export async function models() {
  const { data } = await (await send("models")).json();
  return data;
}

/** Yields the chunks of an answer. An error within the stream is a Refusal, too. */
export async function* chat(body, signal) {
  const response = await send("chat/completions", { method: "POST", body: JSON.stringify(body), signal });
  for await (const chunk of events(response.body)) {
    if (chunk.error) throw refusal(response.status, chunk.error);
    yield chunk;
  }
}

async function send(path, options = {}) {
  const headers = { "content-type": "application/json" };
  // Header values are bytes to fetch; keys may have any character.
  if (key) headers.authorization = `Bearer ${String.fromCharCode(...new TextEncoder().encode(key))}`;
  let response;
  try {
    response = await fetch(`${BASE}/${path}`, { headers, credentials: "omit", ...options });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refusal("The server does not answer. Is it still running?");
  }
  if (response.ok) return response;
  const said = await response.json().catch(() => null);
  throw refusal(response.status, said?.error ?? { message: `The server answered with status ${response.status}.` });
}

function refusal(status, { message, param }) {
  return new Refusal(String(message), { status, param });
}
