"""What the user chose for the engine, and what becomes of "auto" on this machine and with this model."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace

from quatre.errors import ConfigError
from quatre.model.decoder import Decoder

CACHE_SHARE = 0.25  # of the memory that is free at start, when the user names no size


@dataclass(frozen=True, kw_only=True)
class EngineConfig:
    """Options of the engine; None means "as fits this machine". Names are vLLM's.

    max_model_len: tokens of prompt and answer together; at most what the checkpoint was made for
    max_num_seqs: sequences that run at once
    max_num_batched_tokens: tokens computed in one step, at most; fewer while somebody's answer would wait for it
    max_num_queued_reqs: requests that may wait before new ones are turned away
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

    def resolve(self, model: Decoder) -> EngineConfig:
        """The same options with every None decided. ConfigError if max_model_len cannot be had."""
        longest = model.max_positions
        if self.max_model_len is not None and self.max_model_len > longest:
            raise ConfigError(
                f"max_model_len {self.max_model_len} is more than the {longest} that the checkpoint allows"
            )
        memory = self.kv_cache_memory or int(_free_memory() * CACHE_SHARE)
        fits = memory // model.cache_bytes_per_token // self.page_size * self.page_size
        wanted = self.max_model_len or min(longest, fits)
        if wanted > fits or fits == 0:
            raise ConfigError(
                f"a context of {wanted} tokens needs {wanted * model.cache_bytes_per_token / 2**30:.2f} GiB of cache, "
                f"but {memory / 2**30:.2f} GiB are set aside: lower max_model_len to {fits} or raise kv_cache_memory"
            )
        enough = -(-wanted // self.page_size) * self.page_size * self.max_num_seqs * model.cache_bytes_per_token
        return replace(self, max_model_len=wanted, kv_cache_memory=min(memory, enough))


def _free_memory() -> int:
    """Bytes that can be had without swapping; half of the physical memory where the system does not say."""
    try:
        with open("/proc/meminfo") as lines:
            kilobytes = next(line.split()[1] for line in lines if line.startswith("MemAvailable:"))
        return int(kilobytes) * 1024
    except (OSError, StopIteration):
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2
