// Server-sent events of a response → the JSON in them. (EventSource cannot send a body, nor a key.)

/** Yields the object of each `data:` event until `[DONE]` or the end of the stream; comments are skipped. */
export async function* events(stream) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let waiting = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      const lines = (waiting + (value ?? "")).split(/\r?\n/);
      waiting = done ? "" : lines.pop();
      for (const line of lines) {
        if (!line.startsWith("data:")) continue;
        const data = line.slice("data:".length).trim();
        if (data === "[DONE]") return;
        yield JSON.parse(data);
      }
      if (done) return;
    }
  } finally {
    reader.cancel().catch(() => {}); // whoever stops to listen hangs up
  }
}
