// The present request for other places: a shell and Python. The key stays out; both read it from the environment.

import { BASE } from "./api.js";

/** A command for a shell. Nothing in the body is expanded, and no line of it can be the end mark: it is JSON. */
export function curl(body) {
  return [
    `curl ${quoted(`${BASE}/chat/completions`)} \\`,
    "  -H 'Content-Type: application/json' \\",
    '  -H "Authorization: Bearer $QUATRE_API_KEY" \\',
    "  --data-binary @- <<'END_OF_REQUEST'",
    JSON.stringify(body, null, 2),
    "END_OF_REQUEST",
    "",
  ].join("\n");
}

/** A program for OpenAI's own client. */
export function python(body) {
  const fields = Object.entries(body).map(([name, value]) => `    ${name}=${literal(value, 1)},`);
  return [
    "import os",
    "",
    "from openai import OpenAI",
    "",
    `client = OpenAI(base_url=${literal(BASE, 0)}, api_key=os.environ.get("QUATRE_API_KEY", "none"))`,
    "answer = client.chat.completions.create(",
    ...fields,
    ")",
    "print(answer.choices[0].message)",
    "",
  ].join("\n");
}

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/** A value as Python writes it. */
function literal(value, depth) {
  if (value === null) return "None";
  if (value === true) return "True";
  if (value === false) return "False";
  if (typeof value !== "object") return JSON.stringify(value);
  const isList = Array.isArray(value);
  const [open, close] = isList ? "[]" : "{}";
  const inside = Object.entries(value).map(
    ([name, item]) => `${isList ? "" : `${JSON.stringify(name)}: `}${literal(item, depth + 1)},`,
  );
  if (!inside.length) return open + close;
  const indent = "    ".repeat(depth);
  return `${open}\n${inside.map((line) => `${indent}    ${line}\n`).join("")}${indent}${close}`;
}
