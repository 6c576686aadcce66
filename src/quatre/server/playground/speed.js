// How fast an answer comes: time to its first token, tokens per second after it, and what the server counted.

/** Counts while an answer streams; `numbers` is plain data that a conversation can keep. */
export class Meter {
  #sent = performance.now();
  #first = null;
  #firstTokens = 0;
  numbers = {};

  /** Something of the answer came, or the count of its tokens so far. */
  take({ grew, usage }) {
    const now = performance.now();
    const tokens = usage?.completion_tokens ?? this.numbers.tokens ?? 0;
    if (grew && this.#first === null) {
      this.#first = now;
      this.#firstTokens = Math.max(tokens, 1);
      this.numbers.first = (now - this.#sent) / 1000;
    }
    if (usage) {
      this.numbers.tokens = tokens;
      this.numbers.prompt = usage.prompt_tokens;
      this.numbers.cached = usage.prompt_tokens_details?.cached_tokens ?? 0;
      this.numbers.reasoning = usage.completion_tokens_details?.reasoning_tokens ?? 0;
    }
    // The last chunk of a stream has the count alone; it is not the time of a token.
    if (grew && tokens > this.#firstTokens) {
      this.numbers.rate = (1000 * (tokens - this.#firstTokens)) / Math.max(now - this.#first, 1);
    }
  }
}

/** The numbers in words, without those that are not known. */
export function inWords({ first, rate, tokens, prompt, cached }) {
  return [
    first !== undefined && `first token after ${first.toFixed(2)} s`,
    rate !== undefined && `${rate < 10 ? rate.toFixed(1) : Math.round(rate)} tokens/s`,
    tokens !== undefined && count(tokens),
    prompt !== undefined && `prompt ${prompt.toLocaleString("en")}${cached ? ` (${cached.toLocaleString("en")} cached)` : ""}`,
  ].filter(Boolean);
}

/** A number of tokens in words. */
export const count = (tokens) => `${tokens.toLocaleString("en")} ${tokens === 1 ? "token" : "tokens"}`;
