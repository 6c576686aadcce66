"""``quatre bench throughput``: how much the engine does when all prompts are there at once and nothing is sent."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter
from typing import Any

from quatre.bench.workload import Ask, RandomLengths, random_asks
from quatre.engine.request import SamplingParams
from quatre.errors import ConfigError
from quatre.llm import LLM


def asks_for(llm: LLM, count: int, lengths: RandomLengths, seed: int) -> list[Ask]:
    """Random prompts of the model's own token ids."""
    size = llm.runtime.engine.vocab_size
    return random_asks(count, lengths, seed, range(min(1000, size // 2), size))


def bench_throughput(llm: LLM, asks: Sequence[Ask], *, n: int = 1, seed: int = 0) -> dict[str, Any]:
    """Answer them all, each ``n`` times and to its full length; totals and rates. ConfigError if one cannot fit."""
    prompts = [_ids(llm, ask.prompt) for ask in asks]
    longest = llm.runtime.engine.max_model_len
    for prompt, ask in zip(prompts, asks, strict=True):
        if len(prompt) + ask.output_len > longest:
            raise ConfigError(
                f"{len(prompt)} + {ask.output_len} tokens do not fit a context of {longest}: "
                "shorten them or raise max_model_len"
            )
    llm.generate([prompts[0][-1:]], SamplingParams(max_tokens=1), use_tqdm=False)
    params = [
        SamplingParams(n=n, max_tokens=ask.output_len, ignore_eos=True, seed=seed + place)
        for place, ask in enumerate(asks)
    ]
    began = perf_counter()
    outputs = llm.generate(prompts, params)
    seconds = perf_counter() - began
    read = sum(output.usage.prompt_tokens for output in outputs)
    written = sum(output.usage.completion_tokens for output in outputs)
    return {
        "elapsed_time": seconds,
        "num_requests": len(asks),
        "total_input_tokens": read,
        "total_output_tokens": written,
        "total_num_tokens": read + written,
        "requests_per_second": len(asks) / seconds,
        "tokens_per_second": (read + written) / seconds,
        "output_tokens_per_second": written / seconds,
    }


def _ids(llm: LLM, prompt: Any) -> list[int]:
    if isinstance(prompt, str):
        return llm.runtime.tokenizer.encode(prompt, bos=True)
    if isinstance(prompt[0], dict):
        return llm.runtime.tokenizer.chat_prompt(prompt)
    return list(prompt)
