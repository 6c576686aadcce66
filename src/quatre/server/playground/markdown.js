// Markdown → nodes, block by block. While an answer streams only its last block is drawn anew, so that what a reader
// has selected stays selected. For what may be inside, see inline.js; HTML is text like any other.

import { copyButton } from "./clipboard.js";
import { element } from "./dom.js";
import { inline } from "./inline.js";

const DEEPEST = 8;
const FENCE = /^ {0,3}(?:(`{3,})([^`]*)|(~{3,})(.*))$/;
const HEADING = /^ {0,3}(#{1,6})(?=\s|$)/;
const RULE = /^ {0,3}([-*_])(?: *\1){2,} *$/;
const QUOTE = /^ {0,3}> ?/;
const ITEM = /^( *)([-*+]|(\d{1,9})[.)])( +|$)/;
const DELIMITER = /^:?-+:?$/;

/** A place where a growing text is shown as Markdown. */
export class Markdown {
  #node;
  #shown = [];

  constructor(node) {
    this.#node = node;
  }

  /** Show the text, changing only the blocks that differ from what is there. */
  show(text) {
    const blocks = split(text.replaceAll("\r\n", "\n").split("\n"), 0);
    blocks.forEach((block, place) => {
      const old = this.#shown[place];
      if (old?.source === block.source) return;
      const node = block.draw();
      if (old) old.node.replaceWith(node);
      else this.#node.append(node);
      this.#shown[place] = { source: block.source, node };
    });
    for (const { node } of this.#shown.splice(blocks.length)) node.remove();
  }
}

/** Lines → blocks, each with its `source` and a way to draw it. */
function split(lines, depth) {
  const blocks = [];
  for (let at = 0; at < lines.length; ) {
    if (!lines[at].trim()) {
      at += 1;
      continue;
    }
    const [end, draw] = block(lines, at, depth);
    blocks.push({ source: lines.slice(at, end).join("\n"), draw });
    at = end;
  }
  return blocks;
}

const drawn = (lines, depth) => split(lines, depth).map((block) => block.draw());

/** The block that begins at a line: the line behind its last one, and a way to draw it. */
function block(lines, at, depth) {
  const line = lines[at];
  const fence = FENCE.exec(line);
  if (fence) return fenced(lines, at, fence);
  const heading = HEADING.exec(line);
  if (heading) return [at + 1, () => headed(line.slice(heading[0].length).trim(), heading[1].length)];
  if (RULE.test(line)) return [at + 1, () => element("hr")];
  if (depth < DEEPEST && QUOTE.test(line)) return quoted(lines, at, depth);
  if (depth < DEEPEST && ITEM.test(line)) return listed(lines, at, depth);
  if (isTable(lines, at)) return tabled(lines, at);
  return paragraph(lines, at);
}

function fenced(lines, at, [, ticks, afterTicks, tildes, afterTildes]) {
  const mark = ticks ?? tildes;
  const [language] = (afterTicks ?? afterTildes).trim().split(/\s/, 1);
  let end = at + 1;
  const closes = (line) => line.trim().length >= mark.length && line.trim() === mark[0].repeat(line.trim().length);
  while (end < lines.length && !closes(lines[end])) end += 1;
  const text = lines.slice(at + 1, end).join("\n");
  return [Math.min(end + 1, lines.length), () => codeBlock(text, language)];
}

/** A text as it is, with its kind and a button that copies it. */
export function codeBlock(text, language) {
  const name = language ? `Code, ${language}` : "Code";
  return element(
    "div",
    { class: "code" },
    element("div", { class: "bar" }, element("span", {}, language || "text"), copyButton(() => text, "Copy the code")),
    element("pre", { tabindex: 0, role: "group", "aria-label": name }, element("code", {}, text)),
  );
}

/** Below the headings of the page itself. */
function headed(text, level) {
  let end = text.length; // closing marks are not part of the heading
  while (text[end - 1] === "#") end -= 1;
  const words = end === 0 || text[end - 1] === " " ? text.slice(0, end) : text;
  return element(`h${Math.min(level + 2, 6)}`, {}, ...inline(words.trim()));
}

function quoted(lines, at, depth) {
  let end = at;
  while (end < lines.length && QUOTE.test(lines[end])) end += 1;
  const inside = lines.slice(at, end).map((line) => line.replace(QUOTE, ""));
  return [end, () => element("blockquote", {}, ...drawn(inside, depth + 1))];
}

function listed(lines, at, depth) {
  const [, indent, mark, number] = ITEM.exec(lines[at]);
  const ordered = number !== undefined;
  const items = [];
  let end = at;
  for (;;) {
    const match = ITEM.exec(lines[end] ?? "");
    if (!match || RULE.test(lines[end]) || (match[3] !== undefined) !== ordered || match[1].length > indent.length + 1) break;
    if (!ordered && match[2] !== mark) break;
    const width = match[0].length;
    const inside = [lines[end].slice(width)];
    for (end += 1; end < lines.length; end += 1) {
      const line = lines[end];
      const deep = line.length - line.trimStart().length;
      if (!line.trim()) {
        inside.push("");
      } else if (deep >= Math.min(width, match[1].length + 2)) {
        inside.push(line.slice(Math.min(deep, width)));
      } else if (inside.at(-1).trim() && !startsBlock(lines, end) && !ITEM.test(line)) {
        inside.push(line.trimStart());
      } else {
        break;
      }
    }
    items.push(inside);
  }
  while (end > at + 1 && !lines[end - 1].trim()) end -= 1;
  const draw = () =>
    element(ordered ? "ol" : "ul", { start: ordered && number !== "1" ? Number(number) : null }, ...items.map((item) => listItem(item, depth)));
  return [end, draw];
}

/** Paragraphs of tight items need no space around them. */
function listItem(lines, depth) {
  const blocks = drawn(lines, depth + 1);
  const tight = !lines.slice(0, lines.findLastIndex((line) => line.trim())).some((line) => !line.trim());
  if (tight) return element("li", {}, ...blocks.flatMap((node) => (node.tagName === "P" ? [...node.childNodes] : [node])));
  return element("li", {}, ...blocks);
}

function isTable(lines, at) {
  if (!lines[at].includes("|") || !(lines[at + 1] ?? "").includes("-")) return false;
  const delimiters = cells(lines[at + 1]);
  return delimiters.length === cells(lines[at]).length && delimiters.every((cell) => DELIMITER.test(cell));
}

function cells(line) {
  const row = line.trim().replace(/^\|/, "").replace(/(?<!\\)\|$/, "");
  return row.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|"));
}

function tabled(lines, at) {
  let end = at + 2;
  while (end < lines.length && lines[end].includes("|") && lines[end].trim()) end += 1;
  const head = cells(lines[at]);
  const sides = cells(lines[at + 1]).map((cell) =>
    cell.endsWith(":") ? (cell.startsWith(":") ? "middle" : "right") : null,
  );
  const row = (tag, line) =>
    element("tr", {}, ...head.map((_, place) => element(tag, { class: sides[place] }, ...inline(line[place] ?? ""))));
  const draw = () =>
    element(
      "div",
      { class: "table", tabindex: 0, role: "group", "aria-label": "Table" },
      element(
        "table",
        {},
        element("thead", {}, row("th", head)),
        element("tbody", {}, ...lines.slice(at + 2, end).map((line) => row("td", cells(line)))),
      ),
    );
  return [end, draw];
}

function paragraph(lines, at) {
  let end = at + 1;
  while (end < lines.length && lines[end].trim() && !startsBlock(lines, end)) end += 1;
  const text = lines.slice(at, end).map((line) => line.trim()).join("\n");
  return [end, () => element("p", {}, ...inline(text))];
}

/** Whether a line ends the paragraph before it. Numbers do only from 1 on: a year may stand at the head of a line. */
function startsBlock(lines, at) {
  const line = lines[at];
  const item = ITEM.exec(line);
  if (item && item[4] && (item[3] === undefined || item[3] === "1")) return true;
  return FENCE.test(line) || HEADING.test(line) || RULE.test(line) || QUOTE.test(line) || isTable(lines, at);
}
