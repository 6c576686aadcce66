"""How many answers the engine takes in: those that run, and a queue of those that wait for them."""

from __future__ import annotations

import threading

from quatre.errors import OverloadedError, RequestError


class Places:
    """``seats`` of answers that run at once, and ``queue`` more that may wait. Any thread may call.

    Every one of a request's ``n`` answers counts: each holds memory from the moment it is taken in.
    """

    def __init__(self, seats: int, queue: int) -> None:
        self.places = seats + queue
        self._taken = 0
        self._door = threading.Lock()

    @property
    def taken(self) -> int:
        """Answers that were taken in and have not ended."""
        return self._taken

    def check(self, answers: int) -> None:
        """RequestError if so many can never be taken in together, OverloadedError if they cannot be now."""
        if answers > self.places:
            raise RequestError(
                f"the request asks for {answers} answers, but at most {self.places} run and wait at once; "
                "send fewer prompts or a smaller n, or start with a larger max_num_queued_reqs",
                param="n",
            )
        if self._taken + answers > self.places:
            raise OverloadedError(
                f"{self._taken} of {self.places} answers that may run and wait are being made already; try again later"
            )

    def take(self, answers: int) -> None:
        """Let so many in, or fail as :meth:`check` does."""
        with self._door:
            self.check(answers)
            self._taken += answers

    def give_back(self, answers: int = 1) -> None:
        """So many have ended."""
        with self._door:
            self._taken -= answers
