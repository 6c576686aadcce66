"""The engine: one thread that schedules, runs one model step, samples and publishes, in a loop."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from collections.abc import Sequence as Many
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from queue import Empty, SimpleQueue
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from quatre.engine.answers import Answers
from quatre.engine.cache import PagePool
from quatre.engine.config import EngineConfig
from quatre.engine.images import Encoder, Eye
from quatre.engine.pace import Pace
from quatre.engine.places import Places
from quatre.engine.request import Event, FinishReason, Listener, Request
from quatre.engine.runner import Runner
from quatre.engine.sampler import Logits
from quatre.engine.scheduler import Chunk, Scheduler
from quatre.engine.scoring import all_logits
from quatre.engine.sequence import Sequence, Vectors
from quatre.engine.statistics import Statistics
from quatre.errors import EngineError, OverloadedError, QuatreError, RequestError
from quatre.model.decoder import Decoder

log = logging.getLogger(__name__)

FOREVER = 3600.0  # seconds; a sleep that long is simply begun again


class Engine:
    """See the loop in :meth:`_loop`. ``submit``, ``cancel``, ``logits`` and ``close`` may be called from any thread."""

    def __init__(self, model: Decoder, config: EngineConfig | None = None, vision: Encoder | None = None) -> None:
        self.config = (config or EngineConfig()).resolve(model)
        assert self.config.max_model_len is not None
        assert self.config.kv_cache_memory is not None
        self.model = model
        self.max_model_len = self.config.max_model_len
        self.vocab_size = model.vocab_size
        pages = self.config.kv_cache_memory // (model.cache_bytes_per_token * self.config.page_size)
        self._runner = Runner(model, pages, self.config.page_size)
        self._scheduler = Scheduler(
            PagePool(pages, self.config.page_size),
            self.config.max_num_seqs,
            self.config.max_num_batched_tokens,
            sharing=self.config.enable_prefix_caching,
            one_form=model.one_form,
        )
        self.sees = vision is not None
        self._eye = None if vision is None else Eye(vision)
        self._pace = Pace(self.config.max_num_batched_tokens)
        self._places = Places(self.config.max_num_seqs, self.config.max_num_queued_reqs)
        self._answers = Answers(self._scheduler, self._wake)
        self.statistics = Statistics(
            pages=pages, page_size=self.config.page_size, prefix_caching=self.config.enable_prefix_caching
        )
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
        if request.images and self._eye is None:
            raise RequestError("this model has no image encoder, so it reads text only", param="images")
        self._places.take(request.params.n)

        def listen(event: Event) -> None:
            if event.finish_reason is not None:
                self._places.give_back()
            listener(event)

        answer = request.params.max_tokens or self.max_model_len
        limit = min(len(request.prompt) + answer, self.max_model_len)
        answers = [Sequence(request, listen, limit, index) for index in range(request.params.n)]
        try:
            self._order(lambda: self._answers.start(request, answers))
        except QuatreError:
            self._places.give_back(request.params.n)
            raise
        if self._eye is not None and request.images:
            self._eye.look(request.images, partial(self._seen, request), request.cache_salt)

    def cancel(self, request_id: str, index: int | None = None) -> None:
        """End a request soon, or one answer of it; each ended answer gets a last event (CANCELLED).

        Unknown ids are ignored.
        """
        self._commands.put(lambda: self._answers.stop(request_id, FinishReason.CANCELLED, index))

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

    def check_room(self, answers: int) -> None:
        """RequestError if so many answers can never be asked for together, OverloadedError if they cannot be now."""
        self._places.check(answers)

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

    def _seen(self, request: Request, seen: list[Vectors] | Exception) -> None:
        """A request's images are encoded, or cannot be."""
        with suppress(OverloadedError, EngineError):  # nobody is left who would want to know
            self._order(lambda: self._answers.see(request, seen))

    def close(self) -> None:
        """Stop the thread; running requests end as CANCELLED."""
        with self._door:
            self._closing = True
            self._wake()
        if self._eye is not None:
            self._eye.close()
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _wake(self) -> None:
        self._commands.put(lambda: None)

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
        self._obey(0.0)
        self._answers.stop_all(reason, self._failure)
        self._count()

    def _loop(self) -> None:
        patience = 0.0
        while True:
            self._obey(patience)
            if self._closing:
                return
            next_deadline = self._answers.stop_late()
            chunks = self._scheduler.schedule(self._pace.prompt_tokens)
            if chunks:
                self._step(chunks)
            sampled = self._answers.release()
            self._count()
            # Without work, sleep until a command comes, a mask (which comes as one) or a deadline.
            patience = 0.0 if chunks or sampled else next_deadline or FOREVER

    def _obey(self, patience: float) -> None:
        """Run the commands that other threads left; if there is none, wait that many seconds for one."""
        try:
            while True:
                self._commands.get(block=patience > 0, timeout=patience)()
                patience = 0.0
        except Empty:
            return

    def _step(self, chunks: list[Chunk]) -> None:
        """Compute the chunks, and choose the tokens behind those that are complete."""
        began = perf_counter()
        read = sum(chunk.count for chunk in chunks if not chunk.generated)
        complete = [chunk.sequence for chunk in chunks if chunk.samples]
        logits, prompt_logprobs = self._runner.run(chunks)
        for chunk in chunks:
            chunk.sequence.begun = chunk.sequence.begun or began
            chunk.sequence.prompt_logprobs.extend(prompt_logprobs.get(chunk.sequence, ()))
            self._scheduler.advance(chunk)
        answers, rows = [], []
        for row, sequence in enumerate(complete):
            several = [sequence, *self._fork(sequence)]
            answers += several
            rows += [row] * len(several)
        self._answers.sample(answers, logits if len(rows) == len(logits) else logits[rows])
        self.statistics.step_tokens[sum(chunk.count for chunk in chunks)] += 1
        self._learn(read, perf_counter() - began)

    def _fork(self, leader: Sequence) -> list[Sequence]:
        """The other answers to a prompt that was just computed, as far as there is room for them now."""
        started = []
        for follower in self._answers.followers(leader):
            follower.begun = leader.begun
            copies = self._scheduler.fork(leader, follower)
            if copies is not None:
                self._runner.copy(copies)
                started.append(follower)
        return started

    def _learn(self, read: int, seconds: float) -> None:
        self._pace.learn(read, seconds)
        self.statistics.prompt_tokens += read
        self.statistics.steps += 1
        self.statistics.step_seconds += seconds

    def _count(self) -> None:
        now, scheduler, pool = self.statistics, self._scheduler, self._scheduler.pool
        now.running = len(scheduler.running)
        now.waiting = self._places.taken - now.running
        now.held_pages, now.known_pages = pool.pages - pool.num_free, pool.num_known
        now.prefix_queries, now.prefix_hits = scheduler.prefix_queries, scheduler.prefix_hits
        now.preemptions = scheduler.preemptions
        if self._eye is not None:
            now.image_queries, now.image_hits = self._eye.queries, self._eye.hits
        now.generated_tokens = self._answers.generated


def _fulfil(result: Future[Logits], work: Callable[[], Logits]) -> None:
    """Run ``work`` for another thread; its failure is that thread's, not the engine's."""
    try:
        result.set_result(work())
    except Exception as error:
        result.set_exception(error)
