"""What the user chose for the engine, and what becomes of "auto" on this machine and with this model."""

from __future__ import annotations

from dataclasses import dataclass, replace

from quatre.engine.memory import available_memory, mapped_memory
from quatre.errors import ConfigError
from quatre.model.decoder import Decoder

CACHE_SHARE = 0.25  # of the memory that is free at start, when the user names no size
MOST_SHARE = 0.9  # of it, where the context that the user named needs more


@dataclass(frozen=True, kw_only=True)
class EngineConfig:
    """Options of the engine; None means "as fits this machine". Names are vLLM's.

    max_model_len: tokens of prompt and answer together; at most what the checkpoint was made for
    max_num_seqs: sequences that run at once
    max_num_batched_tokens: tokens computed in one step, at most; fewer while somebody's answer would wait for it
    max_num_queued_reqs: answers that may wait beside the ``max_num_seqs`` that run, before new requests are turned away
    kv_cache_memory: bytes for the cache
    page_size: tokens per cache page
    enable_prefix_caching: whether prompts share what was computed for the same beginning of another
    """

    max_model_len: int | None = None
    max_num_seqs: int = 128
    max_num_batched_tokens: int = 2048
    max_num_queued_reqs: int = 1024
    kv_cache_memory: int | None = None
    page_size: int = 32
    enable_prefix_caching: bool = True

    def __post_init__(self) -> None:
        for name in ("max_model_len", "max_num_seqs", "max_num_batched_tokens", "kv_cache_memory", "page_size"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ConfigError(f"{name} must be at least 1, got {value}")
        if self.max_num_queued_reqs < 0:
            raise ConfigError(f"max_num_queued_reqs must be at least 0, got {self.max_num_queued_reqs}")

    def resolve(self, model: Decoder) -> EngineConfig:
        """The same options with every None decided. ConfigError if max_model_len cannot be had."""
        longest = model.max_positions
        if self.max_model_len is not None and self.max_model_len > longest:
            raise ConfigError(
                f"max_model_len {self.max_model_len} is more than the {longest} that the checkpoint allows"
            )
        page_bytes = model.cache_bytes_per_token * self.page_size
        asked = -(-(self.max_model_len or 0) // self.page_size) * page_bytes
        available = available_memory()
        free = max(0, available - mapped_memory())
        memory = self.kv_cache_memory or max(int(free * CACHE_SHARE), min(int(free * MOST_SHARE), asked))
        fits = memory // page_bytes * self.page_size
        wanted = self.max_model_len or min(longest, fits)
        if fits == 0 and self.kv_cache_memory is None:
            raise ConfigError("no memory is free for the cache beside the weights; set kv_cache_memory to start anyway")
        if wanted > fits or fits == 0:
            raise ConfigError(
                f"a context of {wanted} tokens needs {wanted * model.cache_bytes_per_token / 2**30:.2f} GiB of cache, "
                f"but {memory / 2**30:.2f} GiB are set aside: lower max_model_len to {fits} or raise kv_cache_memory"
            )
        memory = min(memory, -(-wanted // self.page_size) * page_bytes * self.max_num_seqs)
        if memory > available:
            raise ConfigError(
                f"the cache would take {memory / 2**30:.2f} GiB, but {available / 2**30:.2f} GiB are free: "
                f"lower kv_cache_memory to {int(available * MOST_SHARE)} at most"
            )
        return replace(self, max_model_len=wanted, kv_cache_memory=memory)
