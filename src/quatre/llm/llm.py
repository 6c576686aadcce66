"""The Python API: prompts in, answers out, in the calling thread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from quatre.chat.tokenizer import Message
from quatre.engine.config import EngineConfig
from quatre.engine.request import SamplingParams
from quatre.errors import RequestError
from quatre.llm.answer import output_of
from quatre.llm.opening import Backend, DType, open_runtime
from quatre.llm.outputs import RequestOutput
from quatre.llm.progress import progress_bar
from quatre.llm.running import TextDeltas, answer_all
from quatre.llm.runtime import Runtime

Prompt = str | Sequence[int]
"""Text, or the token ids of a prompt."""

Params = SamplingParams | Sequence[SamplingParams] | None
"""One setting for all prompts, one per prompt, or None for the defaults."""


class LLM:
    """A model in this process. ``with LLM(path) as llm: …`` or :meth:`close` frees its engine thread.

    ``model`` is a GGUF file or a checkpoint folder. ``backend`` "native" are the CPU kernels, "torch" is PyTorch,
    "auto" takes the kernels if they are built. ``dtype`` is the type of the cache and, with PyTorch, of weights and
    activations; ``device`` is PyTorch's. ``threads`` None means one per core. ``mmproj`` is the image encoder of a GGUF
    model, if it is not the one beside it. Everything else (``max_model_len``, …) is an option of
    :class:`quatre.engine.config.EngineConfig`.
    ConfigError and CheckpointError say what does not work.
    """

    def __init__(
        self,
        model: str | Path,
        *,
        backend: Backend = "auto",
        dtype: DType = "auto",
        device: str = "cpu",
        threads: int | None = None,
        mmproj: str | Path | None = None,
        **engine_options: Any,
    ) -> None:
        config = EngineConfig(**engine_options)
        encoder = None if mmproj is None else Path(mmproj)
        self.runtime = open_runtime(
            model, backend=backend, dtype=dtype, device=device, threads=threads, config=config, mmproj=encoder
        )

    @classmethod
    def of(cls, runtime: Runtime) -> LLM:
        """The Python API over a runtime that is already open."""
        llm = cls.__new__(cls)
        llm.runtime = runtime
        return llm

    def generate(
        self, prompts: Prompt | Sequence[Prompt], sampling_params: Params = None, *, use_tqdm: bool = True
    ) -> list[RequestOutput]:
        """Continue each prompt; outputs come in the order of the prompts. RequestError names what is wrong.

        Of several prompts a bar on the terminal shows how many are done; ``use_tqdm`` false (vLLM's word) hides it.
        """
        listed = [prompts] if _is_one_prompt(prompts) else list(prompts)
        pairs = [self._encode(prompt) for prompt in listed]
        return self._run(pairs, _per_prompt(sampling_params, len(pairs)), bar=use_tqdm)

    def chat(
        self,
        messages: Sequence[Message] | Sequence[Sequence[Message]],
        sampling_params: Params = None,
        *,
        reasoning_effort: str | None = None,
        use_tqdm: bool = True,
    ) -> list[RequestOutput]:
        """Answer a conversation, or each of several, with the next assistant message.

        What the model thinks before it speaks is ``reasoning`` of the outputs, and not ``text``.
        """
        listed = [messages] if not messages or isinstance(messages[0], Mapping) else messages
        prompts = [self._chat_prompt(conversation, reasoning_effort) for conversation in listed]
        params = _per_prompt(sampling_params, len(prompts))
        return self._run([(None, ids) for ids in prompts], params, bar=use_tqdm, are_chats=True)

    def stream(self, prompt: Prompt, sampling_params: SamplingParams | None = None) -> TextDeltas:
        """Continue one prompt, piece by piece."""
        return TextDeltas(self.runtime, *self._encode(prompt), sampling_params or SamplingParams())

    def stream_chat(
        self,
        messages: Sequence[Message],
        sampling_params: SamplingParams | None = None,
        *,
        reasoning_effort: str | None = None,
    ) -> TextDeltas:
        """Answer one conversation, piece by piece."""
        prompt = self._chat_prompt(messages, reasoning_effort)
        form = self.runtime.reply_form(prompt)
        return TextDeltas(self.runtime, None, prompt, sampling_params or SamplingParams(), form)

    def logits(self, token_ids: Sequence[int], *, prefill: int | None = None) -> NDArray[np.float32]:
        """The model's raw scores for the token after each given one, float32 ``[tokens, vocab]``.

        The first ``prefill`` tokens (all by default) run as a prompt does, the others one at a time as generated ones
        do: the two use different forms of latent attention.
        """
        return self.runtime.engine.logits(token_ids, prefill)

    def close(self) -> None:
        """Stop the engine. The object cannot answer any more."""
        self.runtime.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _encode(self, prompt: Any) -> tuple[str | None, Sequence[int]]:
        if isinstance(prompt, str):
            return prompt, self.runtime.tokenizer.encode(prompt, bos=True)
        return None, prompt

    def _chat_prompt(self, messages: Any, reasoning_effort: str | None) -> list[int]:
        return self.runtime.tokenizer.chat_prompt(messages, reasoning_effort=reasoning_effort)

    def _run(
        self,
        prompts: Sequence[tuple[str | None, Sequence[int]]],
        params: Sequence[SamplingParams],
        *,
        bar: bool,
        are_chats: bool = False,
    ) -> list[RequestOutput]:
        requests = [
            (self.runtime.request(ids, p), self.runtime.reply_form(ids) if are_chats else None)
            for (_, ids), p in zip(prompts, params, strict=True)
        ]
        total = sum(p.n for p in params)
        with progress_bar("answers", total, shown=bar and total > 1) as advance:
            answers = answer_all(self.runtime, requests, lambda answer: advance(len(answer.token_ids)))
        return [output_of(each, text) for each, (text, _) in zip(answers, prompts, strict=True)]


def _is_one_prompt(prompts: Prompt | Sequence[Prompt]) -> bool:
    return isinstance(prompts, str) or (len(prompts) > 0 and isinstance(prompts[0], int | np.integer))


def _per_prompt(params: Params, count: int) -> list[SamplingParams]:
    if params is None:
        return [SamplingParams()] * count
    if isinstance(params, SamplingParams):
        return [params] * count
    if len(params) != count:
        raise RequestError(f"got {len(params)} sampling_params for {count} prompts; give one, or one per prompt")
    return list(params)
