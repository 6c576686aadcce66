"""Images of requests: encoded beside the loop, once per content and salt."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import blake2b
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from quatre.engine.request import Image
from quatre.engine.sequence import Vectors
from quatre.ops.interface import Array

log = logging.getLogger(__name__)

KEPT_VECTORS = 65_536
"""Vectors of images that nobody uses any more and that are kept for the next request: 1 GB at 4,096 numbers each."""


def digest(pixels: NDArray[np.float32]) -> bytes:
    """Equal for equal pixels."""
    shape = np.array(pixels.shape, "<i8").tobytes()
    return blake2b(shape + np.ascontiguousarray(pixels).tobytes(), digest_size=16).digest()


class Encoder(Protocol):
    """An image encoder, such as :class:`quatre.model.pixtral.Pixtral`."""

    def embed(self, images: Sequence[NDArray[np.float32]]) -> list[Array]:
        """``[vectors, dim]`` of each image."""
        ...


class Eye:
    """Encodes in a thread of its own, so that running answers go on; kernels of both take turns, call by call."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="quatre-images")
        self.queries = self.hits = 0  # images that were asked for, and those that were known
        self._known: OrderedDict[tuple[str, bytes], Array] = OrderedDict()  # least recently used first

    def look(self, images: Sequence[Image], then: Callable[[list[Vectors] | Exception], None], salt: str = "") -> None:
        """Call ``then``, in another thread, with the vectors of the images or with what went wrong.

        What is known is shared only with the same ``salt``: its speed would tell who else has shown an image.
        """
        self._thread.submit(self._look, images, then, salt)

    def close(self) -> None:
        """Encode nothing more."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _look(self, images: Sequence[Image], then: Callable[[list[Vectors] | Exception], None], salt: str) -> None:
        try:
            then([self._vectors(image, salt) for image in images])
        except Exception as error:
            log.exception("an image could not be encoded")
            then(error)

    def _vectors(self, image: Image, salt: str) -> Vectors:
        name = digest(image.pixels)
        values = self._known.pop((salt, name), None)
        self.queries += 1
        self.hits += values is not None
        if values is None:
            (values,) = self._encoder.embed([image.pixels])
        self._known[salt, name] = values
        while sum(map(len, self._known.values())) > KEPT_VECTORS and len(self._known) > 1:
            self._known.popitem(last=False)
        if len(values) != len(image.places):
            raise ValueError(f"it has {len(values)} vectors, but the prompt has {len(image.places)} places for it")
        return Vectors(name, image.places, values)
