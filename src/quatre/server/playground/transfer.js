// Conversations as files: JSON, which can be read again (messages in OpenAI's form), and Markdown, for people.

import { pretty } from "./calls.js";
import { element } from "./dom.js";
import { isPicture } from "./images.js";
import { messagesOf } from "./request.js";

const FORMAT = "quatre-conversation";

/** The conversation as JSON. */
export function toJson(turns, settings) {
  return `${JSON.stringify({ format: FORMAT, version: 1, settings, messages: messagesOf(turns) }, null, 2)}\n`;
}

/** The conversation as Markdown. Pictures are named and not shown; they would be longer than all the rest. */
export function toMarkdown(turns, settings) {
  const parts = [`# Conversation with ${settings.model}`];
  if (settings.system.trim()) parts.push("## System", settings.system);
  for (const turn of turns) {
    if (turn.role === "user") {
      parts.push("## User", ...turn.images.map(({ name }) => `*Picture: ${name}*`), turn.text);
      continue;
    }
    parts.push("## Assistant");
    if (turn.reasoning) parts.push(turn.reasoning.trim().replace(/^/gm, "> "));
    parts.push(turn.content);
    for (const { name, arguments: given, result } of turn.calls) {
      parts.push(`Tool call \`${name}\``, fenced(pretty(given), "json"));
      if (result !== null) parts.push("Result", fenced(result, ""));
    }
    if (turn.error) parts.push(`*Error: ${turn.error.message}*`);
  }
  return `${parts.filter(Boolean).join("\n\n")}\n`;
}

function fenced(text, language) {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}

/** The turns and settings of a file that `toJson` made, or of any list of messages. An Error says what is wrong. */
export function fromJson(text) {
  let read;
  try {
    read = JSON.parse(text);
  } catch (error) {
    throw new Error(`The file is not JSON: ${error.message}`);
  }
  const messages = Array.isArray(read) ? read : read?.messages;
  if (!Array.isArray(messages)) throw new Error("The file has no conversation: it has no list of messages.");
  const settings = typeof read.settings === "object" && read.settings !== null ? { ...read.settings } : {};
  const turns = [];
  messages.forEach((message, place) => {
    if (message?.role === "system" || message?.role === "developer") settings.system = textOf(message.content);
    else if (message?.role === "user") turns.push({ role: "user", text: textOf(message.content), images: picturesOf(message.content) });
    else if (message?.role === "assistant") turns.push(answerOf(message, settings.model));
    else if (message?.role === "tool") giveResult(turns.at(-1), message, place);
    else throw new Error(`Message ${place} of the file has no role that is known.`);
  });
  return { turns, settings };
}

const partsOf = (content) => (Array.isArray(content) ? content : [{ type: "text", text: content }]);

const textOf = (content) =>
  partsOf(content)
    .filter((part) => part?.type === "text" && typeof part.text === "string")
    .map((part) => part.text)
    .join("\n");

/** Pictures that are in the file itself; this page asks nobody else for any. */
function picturesOf(content) {
  const urls = partsOf(content).filter((part) => part?.type === "image_url").map((part) => part.image_url?.url ?? part.image_url);
  return urls.filter(isPicture).map((url, place) => ({ name: `picture ${place + 1}`, url }));
}

function answerOf(message, model) {
  const calls = Array.isArray(message.tool_calls) ? message.tool_calls : [];
  return {
    role: "assistant",
    model: typeof model === "string" ? model : "",
    reasoning: String(message.reasoning_content ?? message.reasoning ?? ""),
    content: textOf(message.content),
    calls: calls.map((call) => ({
      id: String(call?.id ?? ""),
      name: String(call?.function?.name ?? ""),
      arguments: String(call?.function?.arguments ?? ""),
      result: null,
    })),
    finish: calls.length ? "tool_calls" : "stop",
    error: null,
    numbers: {},
  };
}

function giveResult(turn, { tool_call_id: id, content }, place) {
  const call = turn?.calls?.find((made) => made.id === id && made.result === null);
  if (!call) throw new Error(`Message ${place} of the file is the result of a call that is not there.`);
  call.result = textOf(content);
}

/** Have the browser save a text as a file. */
export function download(name, type, text) {
  const href = URL.createObjectURL(new Blob([text], { type }));
  element("a", { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), 1000);
}
