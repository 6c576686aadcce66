// Turns and settings → the body of a request, in the words of the API.

const NUMBERS = ["temperature", "top_p", "max_tokens", "seed"];

/** What is wrong with the settings: `{field, message}`; null if nothing is. */
export function problem(settings) {
  if (settings.use_tools) {
    const tools = parsed(settings.tools);
    if (tools.error) return { field: "tools", message: `The tools are not valid JSON: ${tools.error}` };
    if (!Array.isArray(tools.value)) return { field: "tools", message: "The tools must be a JSON list: […]" };
    const odd = tools.value.findIndex((tool) => tool?.type !== "function" || typeof tool.function?.name !== "string");
    if (odd !== -1) {
      const form = '{"type": "function", "function": {"name": …}}';
      return { field: "tools", message: `Tool ${odd + 1} of the list is not of the form ${form}` };
    }
  }
  if (settings.format === "json_schema") {
    const schema = parsed(settings.schema);
    if (schema.error) return { field: "schema", message: `The schema is not valid JSON: ${schema.error}` };
    if (typeof schema.value !== "object" || schema.value === null || Array.isArray(schema.value)) {
      return { field: "schema", message: "The schema must be a JSON object: {…}" };
    }
  }
  return null;
}

/** The body, without what only concerns streaming. The settings must have no problem. */
export function bodyOf(turns, settings) {
  const body = { model: settings.model, messages: [] };
  if (settings.system.trim()) body.messages.push({ role: "system", content: settings.system });
  body.messages.push(...messagesOf(turns));
  if (settings.effort !== null) body.reasoning_effort = settings.effort;
  for (const name of NUMBERS) if (settings[name] !== null) body[name] = settings[name];
  if (settings.use_tools && parsed(settings.tools).value.length) {
    body.tools = parsed(settings.tools).value;
    body.tool_choice = settings.tool_choice;
  }
  if (settings.format === "json_object") body.response_format = { type: "json_object" };
  if (settings.format === "json_schema") {
    body.response_format = { type: "json_schema", json_schema: { name: "answer", schema: parsed(settings.schema).value } };
  }
  return body;
}

/** What makes it a stream that counts its tokens as it goes. */
export const streamed = (body) => ({
  ...body,
  stream: true,
  stream_options: { include_usage: true, continuous_usage_stats: true },
});

/** Turns as the API writes them. Answers that failed before they said anything are left out. */
export function messagesOf(turns) {
  return turns.flatMap((turn) => (turn.role === "user" ? [asked(turn)] : answered(turn)));
}

function asked({ text, images }) {
  if (!images.length) return { role: "user", content: text };
  const pictures = images.map(({ url }) => ({ type: "image_url", image_url: { url } }));
  return { role: "user", content: text ? [...pictures, { type: "text", text }] : pictures };
}

/** The calls of an answer that are whole; what was cut off is none. */
export const callsOf = ({ finish, calls }) => (finish === "tool_calls" || finish === "stop" ? calls : []);

function answered(turn) {
  const { content, reasoning } = turn;
  const calls = callsOf(turn);
  if (!content && !calls.length) return [];
  const message = { role: "assistant", content };
  if (reasoning) message.reasoning_content = reasoning;
  if (calls.length) {
    message.tool_calls = calls.map(({ id, name, arguments: given }) => ({
      id,
      type: "function",
      function: { name, arguments: given },
    }));
  }
  const results = calls
    .filter(({ result }) => result !== null)
    .map(({ id, result }) => ({ role: "tool", tool_call_id: id, content: result }));
  return [message, ...results];
}

function parsed(text) {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    return { error: error.message };
  }
}
