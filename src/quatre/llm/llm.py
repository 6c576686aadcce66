"""The Python API: prompts in, answers out, in the calling thread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from quatre.chat.reply import ReplyForm
from quatre.chat.tokenizer import Message
from quatre.engine.config import EngineConfig
from quatre.engine.request import Request, SamplingParams
from quatre.errors import RequestError
from quatre.llm.answer import output_of
from quatre.llm.opening import Backend, DType, open_runtime
from quatre.llm.outputs import RequestOutput
from quatre.llm.progress import progress_bar
from quatre.llm.running import TextDeltas, answer_all
from quatre.llm.runtime import Runtime
from quatre.llm.turn import Chat

Prompt = str | Sequence[int]
"""Text, or the token ids of a prompt."""

Params = SamplingParams | Sequence[SamplingParams] | None
"""One setting for all prompts, one per prompt, or None for the defaults."""


Asked = tuple[Request, ReplyForm | None]
"""A request, and how to read its answers if they are more than text."""


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
        params = _per_prompt(sampling_params, len(pairs))
        asked = [(self.runtime.request(ids, p), None) for (_, ids), p in zip(pairs, params, strict=True)]
        return self._run(asked, [text for text, _ in pairs], bar=use_tqdm)

    def chat(
        self,
        messages: Sequence[Message] | Sequence[Sequence[Message]],
        sampling_params: Params = None,
        *,
        tools: Sequence[Mapping[str, Any]] | None = None,
        tool_choice: str | Mapping[str, Any] | None = None,
        parallel_tool_calls: bool = True,
        reasoning_effort: str | None = None,
        use_tqdm: bool = True,
    ) -> list[RequestOutput]:
        """Answer a conversation, or each of several, with the next assistant message.

        ``tools`` and ``tool_choice`` are in OpenAI's form, and a schema for the content is ``structured_outputs`` of
        the sampling parameters; a model may think before either. What it thinks is ``reasoning`` of the outputs, what
        it calls ``tool_calls``, and neither is ``text``.
        """
        listed: Any = [messages] if not messages or isinstance(messages[0], Mapping) else messages
        options: dict[str, Any] = {"tools": tools, "tool_choice": tool_choice}
        options |= {"parallel_tool_calls": parallel_tool_calls, "reasoning_effort": reasoning_effort}
        params = _per_prompt(sampling_params, len(listed))
        asked = [self._asked(Chat(messages=each, **options), p) for each, p in zip(listed, params, strict=True)]
        return self._run(asked, [None] * len(asked), bar=use_tqdm)

    def stream(self, prompt: Prompt, sampling_params: SamplingParams | None = None) -> TextDeltas:
        """Continue one prompt, piece by piece."""
        text, ids = self._encode(prompt)
        return TextDeltas(self.runtime, text, self.runtime.request(ids, sampling_params or SamplingParams()))

    def stream_chat(
        self,
        messages: Sequence[Message],
        sampling_params: SamplingParams | None = None,
        *,
        tools: Sequence[Mapping[str, Any]] | None = None,
        tool_choice: str | Mapping[str, Any] | None = None,
        parallel_tool_calls: bool = True,
        reasoning_effort: str | None = None,
    ) -> TextDeltas:
        """Answer one conversation, piece by piece; otherwise as :meth:`chat`."""
        chat = Chat(
            messages=messages,
            tools=tools,
            tool_choice=tool_choice,
            parallel_tool_calls=parallel_tool_calls,
            reasoning_effort=reasoning_effort,
        )
        return TextDeltas(self.runtime, None, *self._asked(chat, sampling_params or SamplingParams()))

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

    def _asked(self, chat: Chat, params: SamplingParams) -> Asked:
        turn = chat.turn(self.runtime, params)
        constraint = turn.constraint(self.runtime, params)
        return self.runtime.request(turn.prompt, params, constraint, turn.never), turn.form

    def _run(self, asked: Sequence[Asked], texts: Sequence[str | None], *, bar: bool) -> list[RequestOutput]:
        """``texts``: the prompts, where they were texts."""
        total = sum(request.params.n for request, _ in asked)
        with progress_bar("answers", total, shown=bar and total > 1) as advance:
            answers = answer_all(self.runtime, asked, lambda answer: advance(len(answer.token_ids)))
        return [output_of(each, text) for each, text in zip(answers, texts, strict=True)]


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
