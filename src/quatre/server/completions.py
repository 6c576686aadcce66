"""POST /v1/completions: plain continuation of text or token ids, with echo and log-probabilities for evaluation."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import AfterValidator
from pydantic_core import PydanticCustomError
from starlette.responses import JSONResponse, Response

from quatre.chat.reply import Piece
from quatre.chat.tokenizer import Tokenizer
from quatre.engine.request import SamplingParams, TokenLogprobs
from quatre.errors import RequestError
from quatre.llm.answer import Answer, Delta
from quatre.llm.outputs import Usage
from quatre.server.asking import Asking, while_connected
from quatre.server.errors import OR_EVENTS
from quatre.server.fields import CompletionFields, Text, is_text
from quatre.server.logprobs import CompletionLogprobs, prompt_logprobs
from quatre.server.reply import Head, usage_of
from quatre.server.service import Service, service_of
from quatre.server.stream import EventStream

router = APIRouter()

MOST_PROMPTS = 1024
DEFAULT_MAX_TOKENS = 16  # OpenAI's


def _prompts(prompt: Any) -> list[str | list[int]]:
    """The four forms of a prompt as a list of prompts."""
    listed: list[Any] = [prompt] if is_text(prompt) or _is_ids(prompt) else prompt
    if not isinstance(listed, list) or not all(is_text(one) or _is_ids(one) for one in listed):
        raise PydanticCustomError(
            "invalid_type", "must be a string, a list of strings, a list of token ids or a list of such lists"
        )
    if not 1 <= len(listed) <= MOST_PROMPTS:
        raise PydanticCustomError(
            "invalid_value",
            "has {count} prompts; from 1 to {most} are taken",
            {"count": len(listed), "most": MOST_PROMPTS},
        )
    return listed


def _is_ids(prompt: Any) -> bool:
    return isinstance(prompt, list) and len(prompt) > 0 and all(type(token) is int for token in prompt)


class CompletionRequest(CompletionFields):
    """The body of POST /v1/completions. ``add_special_tokens`` false leaves out the begin token before a text."""

    prompt: Annotated[Any, AfterValidator(_prompts)]
    echo: bool | None = None
    logprobs: int | None = None
    add_special_tokens: bool | None = None
    suffix: Text | None = None

    def check(self) -> None:
        """As above, and what cannot stand beside a suffix."""
        super().check()
        if self.suffix and self.echo:
            raise RequestError("suffix cannot be combined with echo", param="suffix")
        if self.suffix and not (self.add_special_tokens is not False and all(map(is_text, self.prompt))):
            raise RequestError("suffix needs a prompt of text, with its special tokens", param="suffix")

    @property
    def only_prompt(self) -> bool:
        """Whether nothing is to be generated: ``echo`` with ``max_tokens`` 0 scores a text."""
        return self.max_tokens == 0 and bool(self.echo)

    def params(self) -> SamplingParams:
        """How to choose the tokens. A text that is only scored still costs one token, which is not shown."""
        limit = DEFAULT_MAX_TOKENS if self.max_tokens is None else self.max_tokens
        params = self.sampling(max_tokens=1 if self.only_prompt else limit, logprobs=self.logprobs)
        if self.echo and self.logprobs is not None:
            return replace(params, prompt_logprobs=max(self.logprobs, self.prompt_logprobs or 0))
        return params


@router.post("/v1/completions", responses=OR_EVENTS)
async def completions(body: CompletionRequest, request: Request) -> Response:
    """A continuation of each prompt."""
    service = service_of(request)
    service.check_model(body.model)
    body.check()
    params = body.params()
    runtime = service.runtime
    tokenizer = service.tokenizer
    prompts = await service.in_prompt_thread(lambda: [_encode(prompt, tokenizer, body) for prompt in body.prompt])
    constraint = await while_connected(request.receive, service.constraint(body))
    requests = [runtime.request(ids, params, constraint, **service.terms(body.terms())) for ids in prompts]
    asking = Asking(runtime, requests, body.labels())
    for one in requests:
        service.partings.meet(one)
    reply = CompletionReply(service, body, asking)
    if body.stream:
        return EventStream(asking, reply.chunks())
    with asking:
        await while_connected(request.receive, asking.finished())
        return JSONResponse(reply.whole())


def _encode(prompt: str | list[int], tokenizer: Tokenizer, body: CompletionRequest) -> list[int]:
    if isinstance(prompt, str) and body.suffix:
        return tokenizer.fim_prompt(prompt, body.suffix)
    if isinstance(prompt, str):
        return tokenizer.encode(prompt, bos=body.add_special_tokens is not False)
    return prompt


class _Choice:
    """One answer's share of the reply, in pieces that follow each other: the echoed prompt, then what is generated."""

    def __init__(
        self, index: int, answer: Answer, first: Answer, body: CompletionRequest, tokenizer: Tokenizer
    ) -> None:
        self.index = index
        self.answer = answer
        self._first = first  # of the same prompt: the one that knows the prompt's probabilities
        self._body = body
        self._tokenizer = tokenizer
        self._positions = CompletionLogprobs(tokenizer)
        self._told = False  # which tokens the prompt has

    @property
    def _scores(self) -> Sequence[TokenLogprobs | None] | None:
        return self._first.prompt_logprobs

    def echo(self) -> dict[str, Any]:
        """The prompt as it was sent, with the probabilities of its tokens."""
        prompt = self._body.prompt[self.index // self.answer.request.params.n]
        text = prompt if isinstance(prompt, str) else self._tokenizer.decode(prompt)
        return self._piece(text, self.answer.request.prompt, self._scores or ())

    def added(self, delta: Delta) -> dict[str, Any]:
        """Generated text with its probabilities."""
        if self._body.only_prompt:
            return {**self._piece("", (), ()), **self._ids(())}
        return {**self._piece(delta.text, delta.tokens, delta.logprobs), **self._ids(delta.tokens)}

    def _ids(self, tokens: Sequence[int]) -> dict[str, Any]:
        if not self._body.return_token_ids:
            return {}
        told, self._told = self._told, True
        return {"token_ids": list(tokens), **({} if told else {"prompt_token_ids": list(self.answer.request.prompt)})}

    def everything(self) -> dict[str, Any]:
        """The whole choice."""
        answer = self.answer
        pieces = [self.echo()] if self._body.echo else []
        text = (Piece("content", answer.text),)
        pieces.append(self.added(Delta(text, tuple(answer.token_ids), tuple(answer.logprobs))))
        return {**pieces[-1], **_joined(pieces), **self.end(), "prompt_logprobs": self._prompt_logprobs()}

    def end(self) -> dict[str, Any]:
        """Why the answer ended."""
        if self._body.only_prompt:
            return {"finish_reason": "length", "stop_reason": None}
        return {"finish_reason": self.answer.finish_reason, "stop_reason": self.answer.stop_reason}

    def _piece(self, text: str, tokens: Sequence[int], entries: Sequence[TokenLogprobs | None]) -> dict[str, Any]:
        piece: dict[str, Any] = {"index": self.index, "text": text, "logprobs": None, "finish_reason": None}
        if self._body.logprobs is not None:
            piece["logprobs"] = self._positions.take(tokens, [_first(entry, self._body.logprobs) for entry in entries])
        return piece

    def _prompt_logprobs(self) -> list[dict[str, Any] | None] | None:
        most = self._body.prompt_logprobs
        if most is None or self._scores is None:
            return None
        shown = [_first(entry, most) for entry in self._scores]
        return prompt_logprobs([None if entry is None else self.answer.choices(entry) for entry in shown])


def _first(entry: TokenLogprobs | None, most: int) -> TokenLogprobs | None:
    """The entry with no more alternatives than asked for: echo and prompt_logprobs may differ."""
    return None if entry is None else replace(entry, top=entry.top[:most])


def _joined(pieces: Sequence[dict[str, Any]]) -> dict[str, Any]:
    whole = dict(pieces[0])
    for piece in pieces[1:]:
        whole["text"] += piece["text"]
        if piece["logprobs"] is not None:
            whole["logprobs"] = {key: whole["logprobs"][key] + values for key, values in piece["logprobs"].items()}
    return whole


class CompletionReply:
    """The answers as OpenAI shapes them: whole, or in chunks that interleave the prompts."""

    def __init__(self, service: Service, body: CompletionRequest, asking: Asking) -> None:
        self._silence = service.config.sse_keep_alive_interval
        self._shows_usage = service.shows_usage(body)
        self._body = body
        self._asking = asking
        self._head = Head(f"cmpl-{asking.answers[0].request.id}", "text_completion", body.model)
        tokenizer = service.tokenizer
        self._choices = [
            _Choice(place, answer, asking.answers[place - answer.index], body, tokenizer)
            for place, answer in enumerate(asking.answers)
        ]

    def whole(self) -> dict[str, Any]:
        """The body of answers that were not streamed."""
        return self._head.around([choice.everything() for choice in self._choices], usage=self._usage())

    async def chunks(self) -> AsyncIterator[dict[str, Any] | None]:
        """Text as it comes; per prompt the echo first and the reason for the end last; then the usage if asked for."""
        echoed: set[int] = set()
        async for step in self._asking.deltas(self._silence):
            if step is None:
                yield None
                continue
            place, delta = step
            choice = self._choices[place]
            if self._body.echo and place not in echoed:
                echoed.add(place)
                yield self._chunk(choice.echo())
            seen = delta.logprobs or (self._body.return_token_ids and delta.tokens)
            if delta.text or seen or delta.finish_reason is not None:
                ending = {} if delta.finish_reason is None else choice.end()
                yield self._chunk({**choice.added(delta), **ending})
        if self._shows_usage:
            yield self._head.around([], usage=self._usage())

    def _chunk(self, choice: dict[str, Any]) -> dict[str, Any]:
        if not self._shows_usage:
            return self._head.around([choice])
        return self._head.around([choice], usage=self._usage() if self._body.continuous_usage else None)

    def _usage(self) -> dict[str, Any]:
        usage = self._asking.usage
        return usage_of(Usage(usage.prompt_tokens, 0, usage.cached_tokens) if self._body.only_prompt else usage)
