"""The engine: one thread that schedules, runs one model step, samples and publishes, in a loop."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable
from collections.abc import Sequence as Many
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quatre.engine.cache import PagePool
from quatre.engine.config import EngineConfig
from quatre.engine.request import Event, FinishReason, Listener, Request, TokenLogprobs
from quatre.engine.runner import Runner
from quatre.engine.sampler import Logits, Sampled, SamplerState, sample_batch
from quatre.engine.scheduler import Chunk, Scheduler
from quatre.engine.scoring import all_logits
from quatre.engine.sequence import Sequence
from quatre.errors import EngineError, OverloadedError, RequestError
from quatre.model.decoder import Decoder

log = logging.getLogger(__name__)


class Engine:
    """See the loop in :meth:`_loop`. ``submit``, ``cancel``, ``logits`` and ``close`` may be called from any thread."""

    def __init__(self, model: Decoder, config: EngineConfig | None = None) -> None:
        self.config = (config or EngineConfig()).resolve(model)
        assert self.config.max_model_len is not None
        assert self.config.kv_cache_memory is not None
        self.model = model
        self.max_model_len = self.config.max_model_len
        self.vocab_size = model.vocab_size
        pages = self.config.kv_cache_memory // (model.cache_bytes_per_token * self.config.page_size)
        self._runner = Runner(model, pages, self.config.page_size)
        pool = PagePool(pages, self.config.page_size)
        self._scheduler = Scheduler(pool, self.config.max_num_seqs, self.config.max_num_batched_tokens)
        self._sequences: dict[str, list[Sequence]] = {}  # of each request, those that are not finished
        self._samplers: dict[Sequence, SamplerState] = {}
        self._held: dict[Sequence, Logits] = {}  # logits that wait for the mask of a grammar
        self._commands: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._door = threading.Lock()
        self._closing = False
        self._failure: str | None = None
        self._thread = threading.Thread(target=self._run, name="quatre-engine", daemon=True)
        self._thread.start()

    # -- Called from anywhere ----------------------------------------------------------------------------------

    @property
    def alive(self) -> bool:
        """Whether requests can be served."""
        return self._failure is None and not self._closing

    def submit(self, request: Request, listener: Listener) -> None:
        """Queue a request; ``listener`` then gets events until each of its ``n`` answers had a finish_reason.

        RequestError if it can never run, OverloadedError if the queue is full, EngineError if the engine is dead.
        """
        self.check_prompt(request.prompt)
        if len(self._scheduler.waiting) + self._commands.qsize() >= self.config.max_num_queued_reqs:
            raise OverloadedError(f"{self.config.max_num_queued_reqs} requests are waiting already; try again later")
        answer = request.params.max_tokens or self.max_model_len
        limit = min(len(request.prompt) + answer, self.max_model_len)
        answers = [Sequence(request, listener, limit, index) for index in range(request.params.n)]
        self._order(lambda: self._start(request, answers))

    def cancel(self, request_id: str, index: int | None = None) -> None:
        """End a request soon, or one answer of it; each ended answer gets a last event (CANCELLED).

        Unknown ids are ignored.
        """
        self._commands.put(lambda: self._stop(request_id, FinishReason.CANCELLED, index))

    def logits(self, ids: Many[int], prefill: int | None = None) -> NDArray[np.float32]:
        """Logits ``[tokens, vocab]`` at every position of ``ids``, computed between two steps of the loop.

        The first ``prefill`` tokens (all by default) run as a prompt does, the others one at a time as decoding does.
        """
        self.check_prompt(ids, room=0)
        if prefill is not None and not 0 <= prefill <= len(ids):
            raise RequestError(f"prefill must be from 0 to the {len(ids)} tokens, got {prefill}", param="prefill")
        result: Future[Logits] = Future()
        self._order(lambda: _fulfil(result, lambda: all_logits(self.model, ids, self.config, prefill)))
        return result.result()

    def check_prompt(self, prompt: Many[int], room: int = 1) -> None:
        """RequestError unless the ids exist and ``room`` more tokens fit behind them."""
        if not prompt:
            raise RequestError("the prompt is empty; send at least one token", param="prompt")
        if len(prompt) + room > self.max_model_len:
            raise RequestError(
                f"the prompt has {len(prompt)} tokens, but the context holds {self.max_model_len} with the answer; "
                "shorten the prompt or start with a larger max_model_len",
                param="prompt",
                code="context_length_exceeded",
            )
        if min(prompt) < 0 or max(prompt) >= self.vocab_size:
            raise RequestError(f"the prompt has token ids outside 0 … {self.vocab_size - 1}", param="prompt")

    def close(self) -> None:
        """Stop the thread; running requests end as CANCELLED."""
        with self._door:
            self._closing = True
            self._wake()
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _order(self, command: Callable[[], None]) -> None:
        """Leave work for the engine thread. Under the lock, so that nothing is left after the thread's last look."""
        with self._door:
            if self._failure is not None:
                raise EngineError(f"the engine stopped after an internal failure ({self._failure}); restart it")
            if self._closing:
                raise OverloadedError("the engine is shutting down")
            self._commands.put(command)

    # -- The engine thread -------------------------------------------------------------------------------------

    def _run(self) -> None:
        reason = FinishReason.CANCELLED
        try:
            self._loop()
        except Exception as error:  # whatever it was, every waiting client must hear of it
            log.exception("the engine stopped")
            reason = FinishReason.ERROR
            with self._door:
                self._failure = f"{type(error).__name__}: {error}"
        self._obey(wait=False)
        for request_id in list(self._sequences):
            self._stop(request_id, reason)

    def _loop(self) -> None:
        nothing_to_do = False
        while True:
            self._obey(wait=self._scheduler.idle or nothing_to_do)
            if self._closing:
                return
            chunks = self._scheduler.schedule()
            if chunks:
                logits, prompt_logprobs = self._runner.run(chunks)
                self._publish(chunks, logits, prompt_logprobs)
            nothing_to_do = not self._release() and not chunks

    def _obey(self, wait: bool) -> None:
        """Run the commands that other threads left; with ``wait``, sleep until there is one."""
        try:
            while True:
                self._commands.get(block=wait)()
                wait = False
        except Empty:
            return

    def _start(self, request: Request, answers: list[Sequence]) -> None:
        if request.id in self._sequences:
            for sequence in answers:
                _tell(sequence, finish_reason=FinishReason.ERROR, error=f"request id {request.id} is in use")
            return
        seed = secrets.randbits(63) if request.params.seed is None else request.params.seed
        self._sequences[request.id] = answers
        for sequence in answers:
            self._samplers[sequence] = SamplerState(request, seed, sequence.index)
            self._scheduler.add(sequence)

    def _stop(self, request_id: str, reason: FinishReason, index: int | None = None) -> None:
        for sequence in list(self._sequences.get(request_id, ())):
            if index in (None, sequence.index):
                self._forget(sequence)
                _tell(sequence, finish_reason=reason, error=self._failure)

    def _forget(self, sequence: Sequence) -> None:
        self._scheduler.finish(sequence)
        answers = self._sequences[sequence.request.id]
        answers.remove(sequence)
        if not answers:
            del self._sequences[sequence.request.id]
        del self._samplers[sequence]
        self._held.pop(sequence, None)

    def _publish(
        self, chunks: list[Chunk], logits: Logits, prompt_logprobs: dict[Sequence, list[TokenLogprobs]]
    ) -> None:
        sampling = [chunk.sequence for chunk in chunks if chunk.samples]
        for chunk in chunks:
            chunk.sequence.prompt_logprobs.extend(prompt_logprobs.get(chunk.sequence, ()))
            chunk.sequence.computed += chunk.count
        late = [place for place, sequence in enumerate(sampling) if not self._samplers[sequence].ready]
        if late:
            for place in late:
                self._held[sampling[place]] = logits[place].copy()
                self._samplers[sampling[place]].when_ready(self._wake)
            sampling = [sequence for place, sequence in enumerate(sampling) if place not in late]
            logits = np.delete(logits, late, axis=0)
        self._sample(sampling, logits)

    def _wake(self) -> None:
        self._commands.put(lambda: None)

    def _release(self) -> bool:
        """Sample the held rows whose masks have come; whether there were any."""
        ready = [sequence for sequence in self._held if self._samplers[sequence].ready]
        if ready:
            self._sample(ready, np.stack([self._held.pop(sequence) for sequence in ready]))
        return bool(ready)

    def _sample(self, sequences: list[Sequence], logits: Logits) -> None:
        """Choose the next token of sequences whose known tokens are all computed, and tell their listeners."""
        if not sequences:
            return
        outcomes = sample_batch(logits, [self._samplers[sequence] for sequence in sequences])
        for sequence, sampled in zip(sequences, outcomes, strict=True):
            self._answer(sequence, sampled)

    def _answer(self, sequence: Sequence, sampled: Sampled) -> None:
        if sampled.error is not None:
            self._forget(sequence)
            _tell(sequence, finish_reason=FinishReason.ERROR, error=sampled.error)
            return
        begins = len(sequence.tokens) == sequence.prompt_length and sequence.index == 0
        scored = begins and sequence.request.params.prompt_logprobs is not None
        reason = sequence.append(sampled.token)
        if sampled.ends:
            reason = FinishReason.STOP
        if reason is not None:
            self._forget(sequence)
        _tell(
            sequence,
            tokens=(sampled.token,),
            logprobs=() if sampled.logprobs is None else (sampled.logprobs,),
            prompt_logprobs=(None, *sequence.prompt_logprobs) if scored else None,
            finish_reason=reason,
        )


def _tell(sequence: Sequence, **news: Any) -> None:
    sequence.listener(Event(index=sequence.index, **news))


def _fulfil(result: Future[Logits], work: Callable[[], Logits]) -> None:
    """Run ``work`` for another thread; its failure is that thread's, not the engine's."""
    try:
        result.set_result(work())
    except Exception as error:
        result.set_exception(error)
