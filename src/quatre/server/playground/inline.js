// Markdown within a line → nodes. What a model writes is not trusted: every character ends up as the text of a node
// that is made here, links lead to http, https and mailto alone, and pictures from elsewhere become links.

import { element } from "./dom.js";

const DEEPEST = 6;
const LONGEST = 20_000; // characters of a paragraph; more are shown as they are
const LONGEST_LABEL = 500; // so that unclosed brackets cost no more than their number times this
const SCHEMES = ["http:", "https:", "mailto:"];
const PUNCTUATION = /[!-/:-@[-`{-~]/;
const WORD = /[\p{L}\p{N}]/u;
const ANGLED_LINK = /<([^\s<>]{1,1000})>/y;
const BARE_LINK = /https?:\/\/[^\s<>"'`*]+/y;
const EMPHASIS = [
  ["***", (children) => element("strong", {}, element("em", {}, ...children))],
  ["**", (children) => element("strong", {}, ...children)],
  ["__", (children) => element("strong", {}, ...children)],
  ["~~", (children) => element("del", {}, ...children)],
  ["*", (children) => element("em", {}, ...children)],
  ["_", (children) => element("em", {}, ...children)],
];

/** The nodes of a text of one or more lines. Within a link there are no other `links`. */
export function inline(text, depth = 0, links = true) {
  if (depth > DEEPEST || text.length > LONGEST) return [text];
  const nodes = [];
  const hopeless = new Set(); // delimiters that are not closed from here on; searched for once, not at each of them
  let plain = "";
  let at = 0;
  const add = (node, end) => {
    if (plain) nodes.push(plain);
    plain = "";
    nodes.push(node);
    at = end;
  };
  while (at < text.length) {
    const character = text[at];
    if (character === "\n") {
      add(element("br"), at + 1);
      continue;
    }
    if (character === "\\" && PUNCTUATION.test(text[at + 1] ?? "")) {
      plain += text[at + 1];
      at += 2;
      continue;
    }
    const found =
      (character === "`" && code(text, at, hopeless)) ||
      (links && "![<h".includes(character) && link(text, at, depth, hopeless)) ||
      ("*_~".includes(character) && emphasis(text, at, depth, links, hopeless));
    if (found) {
      add(found.node, found.end);
    } else {
      const run = character === "`" ? runLength(text, at) : 1;
      plain += text.slice(at, at + run);
      at += run;
    }
  }
  if (plain) nodes.push(plain);
  return nodes;
}

/** The address if a link may lead there, else null. Relative ones may not: they would lead to this server. */
export function safeUrl(address) {
  try {
    const url = new URL(address);
    return SCHEMES.includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

function code(text, at, hopeless) {
  const length = runLength(text, at);
  const fence = "`".repeat(length);
  if (hopeless.has(fence)) return null;
  let end = text.indexOf(fence, at + length);
  while (end !== -1 && runLength(text, end) !== length) end = text.indexOf(fence, end + runLength(text, end));
  if (end === -1) {
    hopeless.add(fence);
    return null;
  }
  let inside = text.slice(at + length, end).replaceAll("\n", " ");
  if (inside.startsWith(" ") && inside.endsWith(" ") && inside.trim()) inside = inside.slice(1, -1);
  return { node: element("code", {}, inside), end: end + length };
}

function runLength(text, at) {
  let end = at;
  while (text[end] === text[at]) end += 1;
  return end - at;
}

function link(text, at, depth, hopeless) {
  if (text[at] === "h") return bareLink(text, at);
  if (text[at] === "<") {
    ANGLED_LINK.lastIndex = at;
    const [whole, address] = ANGLED_LINK.exec(text) ?? [];
    const href = address && safeUrl(address);
    return href && { node: anchor(href, [address]), end: at + whole.length };
  }
  const opening = text[at] === "!" ? at + 1 : at;
  if (text[opening] !== "[" || hopeless.has("]")) return null;
  if (!text.includes("]", opening)) hopeless.add("]");
  const closing = closed(text, opening, "[", "]");
  if (closing === -1 || text[closing + 1] !== "(") return null;
  const end = closed(text, closing + 1, "(", ")");
  if (end === -1) return null;
  const [address] = text.slice(closing + 2, end).trim().split(/\s/, 1);
  const href = safeUrl(address.startsWith("<") && address.endsWith(">") ? address.slice(1, -1) : address);
  if (href === null) return null;
  const label = text.slice(opening + 1, closing);
  const children = opening === at ? inline(label, depth + 1, false) : [`Picture: ${label || address}`];
  return { node: anchor(href, children), end: end + 1 };
}

function bareLink(text, at) {
  BARE_LINK.lastIndex = at;
  const match = WORD.test(text[at - 1] ?? "") ? null : BARE_LINK.exec(text);
  if (!match) return null;
  const [whole] = match;
  const mayClose = whole.includes("(");
  let length = whole.length; // without the punctuation of the sentence around it
  while (".,;:!?]}".includes(whole[length - 1]) || (whole[length - 1] === ")" && !mayClose)) length -= 1;
  const address = whole.slice(0, length);
  const href = safeUrl(address);
  return href && { node: anchor(href, [address]), end: at + address.length };
}

/** The title says where a link really leads. */
function anchor(href, children) {
  return element("a", { href, title: href, target: "_blank", rel: "noopener noreferrer nofollow" }, ...children);
}

/** The place of the bracket that closes the one at `at`; -1 if there is none nearby. */
function closed(text, at, open, close) {
  let depth = 0;
  const limit = Math.min(text.length, at + (open === "(" ? 8 : 1) * LONGEST_LABEL);
  for (let place = at; place < limit; place += 1) {
    if (text[place] === "\\") place += 1;
    else if (text[place] === open) depth += 1;
    else if (text[place] === close) depth -= 1;
    if (depth === 0) return place;
  }
  return -1;
}

function emphasis(text, at, depth, links, hopeless) {
  for (const [mark, wrap] of EMPHASIS) {
    if (!text.startsWith(mark, at) || hopeless.has(mark)) continue;
    const start = at + mark.length;
    if (/^\s?$/.test(text[start] ?? "") || (mark.startsWith("_") && WORD.test(text[at - 1] ?? ""))) continue;
    const end = closing(text, start, mark);
    if (end === -1) hopeless.add(mark);
    else return { node: wrap(inline(text.slice(start, end), depth + 1, links)), end: end + mark.length };
  }
  return null;
}

/** Where a mark closes: behind something that is no space, and not as a part of a longer run. */
function closing(text, from, mark) {
  for (let at = text.indexOf(mark[0], from); at !== -1; at = text.indexOf(mark[0], at)) {
    const run = runLength(text, at);
    const ends = run === mark.length || (run > mark.length && run === 3);
    const place = run > mark.length ? at + run - mark.length : at;
    const inWord = mark.startsWith("_") && WORD.test(text[at + run] ?? "");
    if (ends && at > from && !/\s/.test(text[at - 1]) && !inWord) return place;
    at += run;
  }
  return -1;
}
