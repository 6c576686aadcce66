// Things to begin with: what the editors hold when nothing has been written there, and first questions.

const indented = (value) => JSON.stringify(value, null, 2);

/** A list of tools. */
export const TOOLS = indented([
  {
    type: "function",
    function: {
      name: "get_weather",
      description: "The weather in a city, now.",
      parameters: {
        type: "object",
        properties: {
          city: { type: "string" },
          unit: { type: "string", enum: ["celsius", "fahrenheit"] },
        },
        required: ["city"],
      },
    },
  },
]);

/** A JSON schema. */
export const SCHEMA = indented({
  type: "object",
  properties: {
    title: { type: "string" },
    ingredients: { type: "array", items: { type: "string" } },
    minutes: { type: "integer" },
  },
  required: ["title", "ingredients", "minutes"],
  additionalProperties: false,
});

/** First questions: a name, a text for the message box, and the settings that go with it. */
export const QUESTIONS = [
  { name: "Explain something", text: "Why is the sky blue? Answer in two sentences.", settings: {} },
  {
    name: "Think first",
    text: "A bat and a ball cost 1.10 € together. The bat costs 1 € more than the ball. What does the ball cost?",
    settings: { effort: "high" },
  },
  {
    name: "Call a tool",
    text: "What is the weather in Paris?",
    settings: { use_tools: true, tools: TOOLS, tool_choice: "auto" },
  },
  {
    name: "Answer as JSON",
    text: "A simple recipe for pancakes.",
    settings: { format: "json_schema", schema: SCHEMA },
  },
];
