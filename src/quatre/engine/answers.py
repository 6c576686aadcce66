"""The answers that are being written: how each is sampled, whom it waits for, and who hears of it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from time import monotonic
from typing import Any

import numpy as np

from quatre.engine.request import Event, FinishReason, Request
from quatre.engine.sampler import Logits, Sampled, SamplerState, sample_batch
from quatre.engine.scheduler import Scheduler
from quatre.engine.sequence import Sequence, Vectors


class Answers:
    """Used by the engine thread alone. ``wake`` is called, from any thread, when a grammar's mask has come.

    Of the ``n`` answers to a prompt the first one leads: the others begin when its prompt is computed.
    """

    def __init__(self, scheduler: Scheduler, wake: Callable[[], None]) -> None:
        self._scheduler = scheduler
        self._wake = wake
        self._of_request: dict[str, list[Sequence]] = {}  # those that are not finished
        self._samplers: dict[Sequence, SamplerState] = {}
        self._followers: dict[Sequence, list[Sequence]] = {}  # of each leader
        self._held: dict[Sequence, Logits] = {}  # logits that wait for the mask of a grammar
        self._deadlines: dict[str, float] = {}
        self.generated = 0

    def start(self, request: Request, answers: list[Sequence]) -> None:
        """Queue a request's answers, or have them wait for its images, see :meth:`see`."""
        if request.id in self._of_request:
            for sequence in answers:
                _tell(sequence, finish_reason=FinishReason.ERROR, error=f"request id {request.id} is in use")
            return
        seed = secrets.randbits(63) if request.params.seed is None else request.params.seed
        self._of_request[request.id] = answers
        for sequence in answers:
            self._samplers[sequence] = SamplerState(request, seed, sequence.index)
        if request.timeout is not None:
            self._deadlines[request.id] = monotonic() + request.timeout
        if not request.images:
            self._lead(answers)

    def see(self, request: Request, vectors: list[Vectors] | Exception) -> None:
        """The images of a request that was started are encoded: it may be queued, unless it has ended since."""
        answers = self._of_request.get(request.id, [])
        if not answers or answers[0].request is not request:
            return None  # another one may have its id by now
        if isinstance(vectors, Exception):
            return self.stop(request.id, FinishReason.ERROR, error=f"an image could not be encoded: {vectors}")
        for sequence in answers:
            sequence.vectors = tuple(vectors)
        return self._lead(answers)

    def followers(self, leader: Sequence) -> list[Sequence]:
        """The answers that waited for this one's prompt, which is computed now."""
        return self._followers.pop(leader, [])

    # -- The next token ----------------------------------------------------------------------------------------

    def sample(self, sequences: list[Sequence], logits: Logits) -> None:
        """Choose the next tokens, or hold their logits back until the masks of their grammars have come."""
        late = [place for place, sequence in enumerate(sequences) if not self._samplers[sequence].ready]
        if late:
            for place in late:
                self._held[sequences[place]] = logits[place].copy()
                self._samplers[sequences[place]].when_ready(self._wake)
            sequences = [sequence for place, sequence in enumerate(sequences) if place not in late]
            logits = np.delete(logits, late, axis=0)
        self._choose(sequences, logits)

    def release(self) -> bool:
        """Sample the held rows whose masks have come; whether there were any."""
        ready = [sequence for sequence in self._held if self._samplers[sequence].ready]
        if ready:
            self._choose(ready, np.stack([self._held.pop(sequence) for sequence in ready]))
        return bool(ready)

    def _choose(self, sequences: list[Sequence], logits: Logits) -> None:
        if not sequences:
            return
        outcomes = sample_batch(logits, [self._samplers[sequence] for sequence in sequences])
        for sequence, sampled in zip(sequences, outcomes, strict=True):
            self._add(sequence, sampled)

    def _add(self, sequence: Sequence, sampled: Sampled) -> None:
        if sampled.error is not None:
            self._forget(sequence)
            _tell(sequence, finish_reason=FinishReason.ERROR, error=sampled.error)
            return
        begins = len(sequence.tokens) == sequence.prompt_length
        scored = begins and sequence.index == 0 and sequence.request.params.prompt_logprobs is not None
        reason = sequence.append(sampled.token)
        self.generated += 1
        if sampled.ends:
            reason = FinishReason.STOP
        if reason is not None:
            self._forget(sequence)
        _tell(
            sequence,
            tokens=(sampled.token,),
            logprobs=() if sampled.logprobs is None else (sampled.logprobs,),
            prompt_logprobs=(None, *sequence.prompt_logprobs) if scored else None,
            cached_tokens=sequence.cached if begins else None,
            begun=sequence.begun if begins else None,
            finish_reason=reason,
        )

    # -- Ends --------------------------------------------------------------------------------------------------

    def stop(self, request_id: str, reason: FinishReason, index: int | None = None, error: str | None = None) -> None:
        """End a request, or one of its answers; unknown ids are ignored."""
        for sequence in list(self._of_request.get(request_id, ())):
            if index in (None, sequence.index):
                self._forget(sequence)
                _tell(sequence, finish_reason=reason, error=error)

    def stop_all(self, reason: FinishReason, error: str | None = None) -> None:
        """End every request."""
        for request_id in list(self._of_request):
            self.stop(request_id, reason, error=error)

    def stop_late(self) -> float | None:
        """End requests whose time is over; seconds until the next one's is, if there is one."""
        if not self._deadlines:
            return None
        now = monotonic()
        for request_id in [name for name, deadline in self._deadlines.items() if deadline <= now]:
            timeout = self._of_request[request_id][0].request.timeout
            self.stop(request_id, FinishReason.TIMEOUT, error=f"the answer was not complete after {timeout:g} s")
        return min(self._deadlines.values(), default=now) - now

    def _forget(self, sequence: Sequence) -> None:
        self._scheduler.finish(sequence)
        answers = self._of_request[sequence.request.id]
        answers.remove(sequence)
        if not answers:
            del self._of_request[sequence.request.id]
            self._deadlines.pop(sequence.request.id, None)
        del self._samplers[sequence]
        self._held.pop(sequence, None)
        for followers in self._followers.values():
            if sequence in followers:
                followers.remove(sequence)
        self._lead(self._followers.pop(sequence, []))  # it ended before its prompt was computed

    def _lead(self, answers: list[Sequence]) -> None:
        if answers:
            self._scheduler.add(answers[0])
        if len(answers) > 1:
            self._followers[answers[0]] = answers[1:]

    def unfinished(self) -> Iterator[Sequence]:
        """Every answer that is not complete."""
        return iter(self._samplers)


def _tell(sequence: Sequence, **news: Any) -> None:
    sequence.listener(Event(index=sequence.index, **news))
