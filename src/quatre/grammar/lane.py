"""Work that waits for a thread. Clients take turns, so that nobody waits for all that another has sent."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from quatre.errors import OverloadedError

Job = tuple[Future[Any], Callable[[], None]]


class Lane:
    """``workers`` threads before which ``most`` jobs may wait; ``overload`` tells whoever has to go when it is full."""

    def __init__(self, name: str, workers: int, most: int, overload: str) -> None:
        self._most = most
        self._overload = overload
        self._door = threading.Lock()
        self._waiting: OrderedDict[str, deque[Job]] = OrderedDict()  # by client; whose turn it is comes first
        self._workers = ThreadPoolExecutor(workers, thread_name_prefix=name)

    def put(self, client: str, made: Future[Any], work: Callable[[], None]) -> None:
        """Have ``work`` done, unless ``made``, the future that it will settle, is settled or cancelled before.

        OverloadedError if the lane is full: then the client with the most jobs in it loses its last one, and that may
        be this one. Also after :meth:`close`.
        """
        with self._door:
            pushed_out = self._make_room(client)
            self._waiting.setdefault(client, deque()).append((made, work))
        if pushed_out is not None:
            settle(pushed_out, error=OverloadedError(self._overload))
        try:
            self._workers.submit(self._next)
        except RuntimeError:  # it was shut down
            raise stopping() from None

    def _make_room(self, client: str) -> Future[Any] | None:
        self._waiting = OrderedDict((who, left) for who, jobs in self._waiting.items() if (left := _wanted(jobs)))
        if sum(map(len, self._waiting.values())) < self._most:
            return None
        most = max(self._waiting.values(), key=len)
        if len(most) <= len(self._waiting.get(client, ())) + 1:
            raise OverloadedError(self._overload)
        return most.pop()[0]

    def _next(self) -> None:
        with self._door:
            if not self._waiting:  # somebody has left
                return
            client, jobs = self._waiting.popitem(last=False)
            made, work = jobs.popleft()
            if jobs:
                self._waiting[client] = jobs
        if not made.done():
            work()

    def close(self) -> None:
        """Begin nothing more; who waits gets a CancelledError. May be called again."""
        self._workers.shutdown(wait=False, cancel_futures=True)
        with self._door:
            left, self._waiting = self._waiting, OrderedDict()
        for jobs in left.values():
            for made, _ in jobs:
                made.cancel()


def _wanted(jobs: deque[Job]) -> deque[Job]:
    return deque(job for job in jobs if not job[0].done())


def settle(made: Future[Any], *, result: Any = None, error: BaseException | None = None) -> None:
    """Give the future its outcome, unless nobody waits for it any more."""
    if made.done() or not made.set_running_or_notify_cancel():
        return
    if error is None:
        made.set_result(result)
    else:
        made.set_exception(error)


def stopping() -> OverloadedError:
    """What is said at the end."""
    return OverloadedError("the server is stopping, and compiles no more grammars")
