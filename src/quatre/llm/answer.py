"""Tokens → text. The one place where engine events, detokenizing, stop strings and usage meet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from quatre.chat.reply import Piece, Reply, ReplyForm, ReplyStream, joined
from quatre.chat.tokenizer import Tokenizer
from quatre.engine.request import Event, FinishReason, Request, TokenLogprobs
from quatre.errors import DeadlineError, EngineError, OverloadedError
from quatre.llm.outputs import CompletionOutput, RequestOutput, TokenChoices, Usage, token_choices


@dataclass(frozen=True)
class Delta:
    """What one event added to an answer. Exactly one delta of an answer has a ``finish_reason``: its last."""

    pieces: tuple[Piece, ...] = ()
    tokens: tuple[int, ...] = ()
    logprobs: tuple[TokenLogprobs, ...] = ()
    finish_reason: FinishReason | None = None

    @property
    def text(self) -> str:
        """The content that was added."""
        return "".join(piece.text for piece in self.pieces if piece.kind == "content")


class Answer:
    """Answer number ``index`` to a request while it grows. Not thread-safe: one reader pushes the events, in order.

    ``form``: how to tell content, reasoning and tool calls from each other; their sum is ``reply``.

    ``cancel`` tells the engine that no more tokens are wanted; it is called when a stop string has ended the answer
    (the engine knows tokens, not text) or when the reader gives up.
    """

    def __init__(
        self,
        request: Request,
        tokenizer: Tokenizer | None,
        cancel: Callable[[], None],
        index: int = 0,
        form: ReplyForm | None = None,
    ) -> None:
        self.request = request
        self.index = index
        self.token_ids: list[int] = []
        self.logprobs: list[TokenLogprobs] = []
        self.prompt_logprobs: tuple[TokenLogprobs | None, ...] | None = None
        self.cached_tokens = 0
        self.finish_reason: FinishReason | None = None
        self.stop_reason: str | int | None = None
        self._tokenizer = tokenizer
        self._stream = None if tokenizer is None else ReplyStream(tokenizer.token_bytes, request.params.stop, form)
        self.reply = Reply()
        self._cancel = cancel

    @property
    def text(self) -> str:
        """All content so far."""
        return self.reply.content

    @property
    def usage(self) -> Usage:
        """Tokens read and written so far."""
        reasoning = 0 if self._stream is None else self._stream.reasoning_tokens
        return Usage(len(self.request.prompt), len(self.token_ids), self.cached_tokens, reasoning)

    def push(self, event: Event) -> Delta:
        """Take in one event. EngineError if the engine failed, OverloadedError if it was stopped meanwhile."""
        if self.finish_reason is not None:
            return Delta()  # tokens that were on their way when a stop string ended the answer
        if event.finish_reason is FinishReason.ERROR:
            self.finish_reason = FinishReason.ERROR
            raise EngineError(event.error or "The engine failed without saying why.")
        if event.finish_reason is FinishReason.TIMEOUT:
            self.finish_reason = FinishReason.TIMEOUT
            raise DeadlineError(f"The request ran out of time: {event.error}.")
        if event.finish_reason is FinishReason.CANCELLED:
            self.finish_reason = FinishReason.CANCELLED
            raise OverloadedError("The engine is stopping, so this answer was cut off. Send the request again later.")
        if event.prompt_logprobs is not None:
            self.prompt_logprobs = event.prompt_logprobs
        if event.cached_tokens is not None:
            self.cached_tokens = event.cached_tokens
        return self._add(event)

    def cancel(self) -> None:
        """Give up on the rest of the answer, if there is one."""
        if self.finish_reason is None:
            self.finish_reason = FinishReason.CANCELLED
            self._cancel()

    def _add(self, event: Event) -> Delta:
        pieces, used = self._read(event)
        tokens, logprobs = event.tokens[:used], event.logprobs[:used]
        stop_string = None if self._stream is None else self._stream.stopped
        if stop_string is not None:
            self.stop_reason = stop_string
            self.finish_reason = FinishReason.STOP
            if event.finish_reason is None:
                self._cancel()
        elif event.finish_reason is not None:
            self.finish_reason = event.finish_reason
            self.stop_reason = self._stop_token(event)
        self.reply.add(pieces)
        self.token_ids += tokens
        self.logprobs += logprobs
        return Delta(tuple(joined(pieces)), tokens, logprobs, self.finish_reason)

    def _read(self, event: Event) -> tuple[list[Piece], int]:
        """What the event says, and how many of its tokens were needed for it."""
        pieces: list[Piece] = []
        if self._stream is None:
            return pieces, len(event.tokens)
        params, before = self.request.params, len(self.token_ids)
        for used, token in enumerate(event.tokens, start=1):
            if self._ends(event, used):
                break
            pieces += self._stream.push(token, may_stop=before + used > params.min_tokens)
            if self._stream.stopped is not None:
                shown = params.include_stop_str_in_output
                return [*pieces, *([Piece("content", self._stream.stopped)] if shown else [])], used
        if event.finish_reason is not None:
            pieces += self._stream.flush()
        return pieces, len(event.tokens)

    def _ends(self, event: Event, used: int) -> bool:
        """Whether token number ``used`` of the event is the end token, which is counted but not read."""
        is_last = event.finish_reason is FinishReason.STOP and used == len(event.tokens)
        return is_last and event.tokens[-1] in self.request.stop_ids

    def _stop_token(self, event: Event) -> int | None:
        if event.finish_reason is FinishReason.STOP and event.tokens[-1:]:
            return event.tokens[-1] if event.tokens[-1] in self.request.params.stop_token_ids else None
        return None

    def completion(self) -> CompletionOutput:
        """The answer so far in the form of the Python API."""
        params = self.request.params
        return CompletionOutput(
            index=self.index,
            text=self.text,
            token_ids=list(self.token_ids),
            cumulative_logprob=None if params.logprobs is None else sum(entry.logprob for entry in self.logprobs),
            logprobs=None if params.logprobs is None else [self.choices(entry) for entry in self.logprobs],
            finish_reason=None if self.finish_reason is None else self.finish_reason.value,
            stop_reason=self.stop_reason,
            reasoning=self.reply.reasoning,
            tool_calls=self.reply.calls,
        )

    def choices(self, entry: TokenLogprobs) -> TokenChoices:
        """One position's probabilities with the tokens' printable names."""
        return token_choices(entry, None if self._tokenizer is None else self._tokenizer.token_name)

    def prompt_choices(self) -> list[TokenChoices | None] | None:
        """The prompt's probabilities, None in front for the token that nothing predicts; None if not asked for."""
        if self.prompt_logprobs is None:
            return None
        return [None if entry is None else self.choices(entry) for entry in self.prompt_logprobs]


def output_of(answers: Sequence[Answer], prompt: str | None) -> RequestOutput:
    """The answers to one request in the form of the Python API. ``prompt``: its text, if it had one."""
    first = answers[0]
    return RequestOutput(
        request_id=first.request.id,
        prompt=prompt,
        prompt_token_ids=list(first.request.prompt),
        prompt_logprobs=first.prompt_choices(),
        outputs=[answer.completion() for answer in answers],
        usage=usage_of(answers),
    )


def usage_of(answers: Sequence[Answer]) -> Usage:
    """Tokens read and written for all of them; a prompt that has several answers was read once."""
    each = [answer.usage for answer in answers]
    first = [answer.usage for answer in answers if answer.index == 0]
    return Usage(
        prompt_tokens=sum(usage.prompt_tokens for usage in first),
        completion_tokens=sum(usage.completion_tokens for usage in each),
        cached_tokens=sum(usage.cached_tokens for usage in first),
        reasoning_tokens=sum(usage.reasoning_tokens for usage in each),
    )
