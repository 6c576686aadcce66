"""``quatre plan``: what a model needs and what this machine gives, before anything is loaded."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from quatre.checkpoint.layout import nbytes_of, without_kernels
from quatre.checkpoint.load import collect, open_checkpoint
from quatre.checkpoint.opened import Opened
from quatre.checkpoint.survey import survey, touched_bytes
from quatre.cli.inspect import FORMS, UNBROKEN
from quatre.cli.sizes import count, size
from quatre.engine.config import CACHE_SHARE
from quatre.engine.memory import available_memory, mapped_memory
from quatre.ops.native_backend import NativeOps

PROBE_BYTES = 256 * 2**20
PROBES = 5
TOKENS = 32  # of a trial run
WARM_UP = 4


@dataclass(frozen=True)
class Plan:
    """Sizes in bytes. ``by_format``: weights as they are stored; ``memory``: as the CPU kernels hold them, and
    ``touched`` what a decoded token reads of that. ``bandwidth``: bytes per second that this machine reads, measured.
    ``free``: memory that is available now. ``decoded``: formats without kernels, which become float32.
    """

    title: str
    parameters: int
    by_format: dict[str, int]
    memory: int
    touched: int
    cache_per_token: int
    cache_type: str
    max_positions: int
    free: int
    bandwidth: float
    decoded: tuple[str, ...]

    @property
    def weights(self) -> int:
        return sum(self.by_format.values())

    @property
    def fits(self) -> bool:
        """Whether the weights leave memory for a cache."""
        return self.memory < self.free

    @property
    def cache(self) -> int:
        """What the engine sets aside by default once the weights are in memory."""
        return max(int((self.free - self.memory) * CACHE_SHARE), 0)

    @property
    def tokens(self) -> int:
        """How many tokens that holds."""
        return self.cache // self.cache_per_token

    def rate(self, context: int = 0) -> float:
        """Tokens per second of one sequence, if reading memory is all that takes time; no kernel can be faster."""
        return self.bandwidth / (self.touched + context * self.cache_per_token)


def make_plan(opened: Opened, ops: NativeOps) -> Plan:
    """Read the checkpoint's header and probe the memory (a fraction of a second)."""
    stored = collect(opened)
    parts = survey(opened, stored)
    held = [replace(part, nbytes=nbytes_of(*each)) for part, each in zip(parts, stored, strict=True)]
    config: Any = opened.config
    by_format: Counter[str] = Counter()
    for part in parts:
        by_format[part.format] += part.nbytes
    experts = getattr(config, "n_experts", 0)
    return Plan(
        title=f"{opened.path}: {opened.family.name}, {FORMS[opened.source]}",
        parameters=sum(part.parameters for part in parts),
        by_format=dict(by_format.most_common()),
        memory=sum(part.nbytes for part in held),
        touched=touched_bytes(held, experts, getattr(config, "n_experts_per_tok", 0)),
        cache_per_token=config.n_layers * ops.cache_bytes(config.cache_width),
        cache_type=ops.cache_dtype,
        max_positions=config.max_positions,
        free=available_memory(),
        bandwidth=median(ops.core.read_rate(PROBE_BYTES) for _ in range(PROBES)),
        decoded=tuple(without_kernels(stored)),
    )


def run_plan(path: Path, threads: int | None, *, run: bool) -> None:
    """Print the plan; with ``run``, load the model, decode a little and print how far off the plan was."""
    opened = open_checkpoint(path)
    plan = make_plan(opened, NativeOps(threads, cache_dtype="f32" if opened.is_float32 else "bf16"))
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=UNBROKEN)
    console.print(plan.title, markup=False)
    console.print(_table(plan))
    if plan.decoded:
        console.print(f"There are no kernels for {', '.join(plan.decoded)}: its numbers become float32 in memory.")
    if not plan.fits:
        console.print("The weights do not fit the free memory: they would be read from disk again and again.")
    if run:
        measured, own, mapped = trial(path, threads)
        console.print(
            f"Measured: {measured:.1f} tokens/s, {measured / plan.rate():.0%} of what memory allows; "
            f"{size(own)} of memory and {size(mapped)} of mapped files, planned {size(plan.memory)} of weights"
        )


def _table(plan: Plan) -> Table:
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    context = min(plan.tokens, plan.max_positions)
    formats = ", ".join(f"{name} {size(nbytes)}" for name, nbytes in plan.by_format.items())
    rows = [
        ("parameters", count(plan.parameters)),
        ("weights", f"{size(plan.weights)} ({formats})"),
        ("weights in memory", f"{size(plan.memory)}, as the CPU kernels hold them"),
        ("read per token", size(plan.touched)),
        ("cache per token", f"{size(plan.cache_per_token)} ({plan.cache_type})"),
        ("free memory", f"{size(plan.free)}, {size(plan.cache)} of it for the cache by default"),
        ("longest context", f"{context:,} tokens of {plan.max_positions:,}"),
        ("sequences at once", _sequences(plan)),
        ("memory bandwidth", f"{plan.bandwidth / 1e9:.1f} GB/s, measured"),
        ("tokens per second", f"at most {plan.rate():.1f}; {plan.rate(context):.1f} with the longest context"),
    ]
    for name, value in rows:
        table.add_row(name, value)
    return table


def _sequences(plan: Plan) -> str:
    lengths = [length for length in (2048, 8192, 32768, 131072) if length <= plan.max_positions]
    return ", ".join(f"{plan.tokens // length:,} of {length:,} tokens" for length in lengths) or f"{plan.tokens} tokens"


def trial(path: Path, threads: int | None) -> tuple[float, int, int]:
    """Tokens per second of one short sequence, memory of the process's own, and bytes of the files that it maps."""
    from quatre.engine.request import SamplingParams
    from quatre.llm import LLM

    with LLM(path, backend="native", threads=threads, max_model_len=WARM_UP + 2 * TOKENS) as llm:
        params = SamplingParams(temperature=0, ignore_eos=True, max_tokens=WARM_UP)
        llm.generate([[0]], params)
        times = []
        for count in (1, 1 + TOKENS):  # the difference is decoding alone
            params = SamplingParams(temperature=0, ignore_eos=True, max_tokens=count)
            start = time.perf_counter()
            llm.generate([[0]], params)
            times.append(time.perf_counter() - start)
        own, mapped = own_memory(), mapped_memory()
    return TOKENS / max(times[1] - times[0], 1e-9), own, mapped


def own_memory() -> int:
    """Bytes that belong to this process alone, files not counted."""
    status = Path("/proc/self/status").read_text().splitlines()
    return 1024 * sum(int(line.split()[1]) for line in status if line.startswith("RssAnon:"))
