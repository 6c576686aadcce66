"""Strict reading of a model header (config.json, GGUF metadata): every key is named, typed and bounded.

A key that we know but cannot honour is refused with its value and what would be supported. Keys that nobody read
are reported once, so that nothing is dropped silently.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from quatre.errors import ConfigError

log = logging.getLogger(__name__)

T = TypeVar("T")

MOST = 2**31 - 1  # no size in a model header is larger
MOST_REAL = 1e18

# What transformers writes into every config.json without meaning for the arithmetic of a decoder.
HARMLESS = frozenset(
    """
    _name_or_path architectures attention_dropout auto_map bos_token_id chunk_size_feed_forward dtype eos_token_id
    id2label initializer_range is_encoder_decoder label2id max_window_layers model_type num_labels
    output_attentions output_hidden_states output_router_logits pad_token_id problem_type return_dict
    router_aux_loss_coef torch_dtype transformers_version unk_token_id use_cache
    """.split()
)


class Header:
    """A nested mapping read key by key. ``where`` names the file in every message.

    Typed readers raise ConfigError for a missing key without ``default``, for a value of another type and for one
    out of bounds. ``null`` counts as missing.
    """

    def __init__(self, data: Mapping[str, Any], where: str, prefix: str = "", seen: set[str] | None = None) -> None:
        self._data = data
        self._prefix = prefix
        self._seen = set() if seen is None else seen
        self._sections: list[Header] = []
        self.where = where

    # -- Structure ---------------------------------------------------------------------------------------------

    def within(self, prefix: str) -> Header:
        """The same mapping, read with ``prefix`` before every key (GGUF's flat ``llama.block_count``)."""
        return Header(self._data, self.where, self._prefix + prefix, self._seen)

    def section(self, key: str) -> Header | None:
        """A nested mapping, or None if it is absent."""
        value = self._value(key)
        if value is None:
            return None
        if not isinstance(value, Mapping):
            raise self._wrong(key, value, "an object")
        section = Header(value, f"{self.where}, {self._prefix}{key}")
        self._sections.append(section)
        return section

    def has(self, key: str) -> bool:
        """Whether the key is there and not null. Does not count as reading it."""
        return self._data.get(self._prefix + key) is not None

    def length(self, key: str) -> int | None:
        """How many entries a list has; None if there is no such list."""
        value = self._value(key)
        return len(value) if isinstance(value, list | tuple) or hasattr(value, "__len__") else None

    # -- Values ------------------------------------------------------------------------------------------------

    def integer(self, key: str, *, default: int | None = None, low: int = 1, high: int = MOST) -> int:
        """A whole number from ``low`` to ``high``."""
        value = self._value(key)
        if value is None:
            return self._required(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise self._wrong(key, value, f"a whole number from {low} to {high}")
        return value

    def optional_integer(self, key: str, *, low: int = 1, high: int = MOST) -> int | None:
        """Like :meth:`integer`, but None if the key is absent."""
        return self.integer(key, low=low, high=high) if self.has(key) else None

    def real(self, key: str, *, default: float | None = None, low: float = 0.0) -> float:
        """A number from ``low`` up to what any header could mean. No base, factor or epsilon is negative."""
        value = self._value(key)
        if value is None:
            return self._required(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= MOST_REAL:
            raise self._wrong(key, value, f"a number from {low:g} to {MOST_REAL:g}")
        return float(value)

    def optional_real(self, key: str, *, low: float = 0.0) -> float | None:
        """Like :meth:`real`, but None if the key is absent."""
        return self.real(key, low=low) if self.has(key) else None

    def reals(self, key: str, *, default: Sequence[float]) -> Sequence[float]:
        """A list of as many numbers as ``default`` has."""
        value = self._value(key)
        if value is None:
            return default
        right = isinstance(value, list | tuple) and len(value) == len(default)
        if not right or not all(type(number) in (int, float) for number in value):
            raise self._wrong(key, value, f"a list of {len(default)} numbers")
        return list(value)

    def flag(self, key: str, *, default: bool | None = None) -> bool:
        """True or false."""
        value = self._value(key)
        if value is None:
            return self._required(key, default)
        if not isinstance(value, bool):
            raise self._wrong(key, value, "true or false")
        return value

    def text(self, key: str, *, default: str | None = None) -> str:
        """A string."""
        value = self._value(key)
        if value is None:
            return self._required(key, default)
        if not isinstance(value, str):
            raise self._wrong(key, value, "a string")
        return value

    # -- Keys that are not values ------------------------------------------------------------------------------

    def expect(self, key: str, supported: object) -> None:
        """Absent is fine, the supported value is fine, any other is refused."""
        value = self._value(key)
        if value is not None and value != supported:
            raise ConfigError(f"{self.where}: {self._prefix}{key} = {value!r} is not supported, only {supported!r} is")

    def ignore(self, *keys: str) -> None:
        """Name keys that say nothing that other keys do not say."""
        self._seen.update(self._prefix + key for key in keys)

    def unread(self) -> dict[str, Any]:
        """Keys that say something, that nobody read and that are not known to be harmless, with their values."""
        return {k: v for k, v in self._data.items() if v is not None and k not in self._seen and k not in HARMLESS}

    def finish(self) -> None:
        """Report, once, what was not read here and in the sections below."""
        for key, value in self.unread().items():
            log.warning("%s: ignoring unknown key %r = %.80r", self.where, key, value)
        for section in self._sections:
            section.finish()

    def _value(self, key: str) -> Any:
        self._seen.add(self._prefix + key)
        return self._data.get(self._prefix + key)

    def _required(self, key: str, default: T | None) -> T:
        if default is None:
            raise ConfigError(f"{self.where}: the key {self._prefix}{key} is missing")
        return default

    def _wrong(self, key: str, value: object, expected: str) -> ConfigError:
        return ConfigError(f"{self.where}: {self._prefix}{key} = {value!r:.80} is wrong, expected {expected}")
