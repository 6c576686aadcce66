"""How close each kernel comes to what this machine can do, at the true layer shapes of Mistral Small 4.

    python benchmarks/roofline.py [--formats q4_0,q8_0,…] [--threads N] [--isa NAME] [--repeats N]

Two ceilings are measured by the same threads: reading memory once, and int8 products from registers. Few tokens are
bound by the first, many by the second; a row names the one that is nearer. A virtual machine's memory bandwidth swings
within seconds, so both ceilings are measured again right before each repeat of a row, and its percentage is the median
over repeats of its own share. The last line is all of it as JSON.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import platform
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from quatre.formats.base import StoredTensor
from quatre.formats.registry import BY_NAME
from quatre.ops.interface import Experts
from quatre.ops.native_backend import NativeOps

DIM, WIDTH, VOCAB = 4096, 2048, 131072
EXPERTS, CHOSEN = 32, 4  # 32 of the 128 experts: enough that no cache holds them
READ_BYTES = 1 << 28
PRODUCT_ROUNDS = 20_000

# Where a block's float16 scales stand; random ones would be NaN now and then, which some machines compute slowly.
SCALES = {"q8_0": (0,), "q4_0": (0,), "q4_1": (0, 2), "q4_k": (0, 2), "q5_k": (0, 2), "q6_k": (208,)}


@dataclass(frozen=True)
class Ceilings:
    """Bytes and int8 operations per second."""

    read: float
    products: float


@dataclass(frozen=True)
class Case:
    """A kernel call to measure: what it reads from memory at least once, and the operations it does."""

    name: str
    fmt: str
    tokens: int
    nbytes: int
    operations: float
    call: Callable[[], object]


@dataclass(frozen=True)
class Result:
    """A measured row; ``percent`` is of the nearer ceiling, ``lowest`` and ``highest`` its spread."""

    name: str
    fmt: str
    tokens: int
    gigabytes_per_s: float
    gops: float
    bound: str
    percent: float
    lowest: float
    highest: float


def random_weight(fmt: str, *shape: int) -> StoredTensor:
    """Random codes under one scale; bf16 and f32 get numbers around one."""
    rng = np.random.default_rng(0)
    kind = BY_NAME[fmt]
    if fmt in ("f32", "bf16"):
        assert kind.encode is not None
        row = kind.encode(rng.normal(size=(1, shape[-1])).astype(np.float32))
        data = np.broadcast_to(row, (*shape[:-1], row.shape[-1])).copy()
    else:
        data = rng.integers(0, 256, (*shape[:-1], kind.row_bytes(shape[-1])), dtype=np.uint8)
        for at in SCALES[fmt]:
            data.reshape(-1, kind.group_bytes)[:, at : at + 2] = np.array([0.002], np.float16).view(np.uint8)
    return StoredTensor.from_buffer(fmt, kind, shape, data.reshape(-1))


def inputs(tokens: int, cols: int) -> NDArray[np.float32]:
    """Standard normal activations."""
    return np.random.default_rng(tokens).normal(size=(tokens, cols)).astype(np.float32)


def linear_cases(ops: NativeOps, fmt: str, tokens: list[int]) -> Iterator[Case]:
    """The head (too large for any cache) and the output projection of attention."""
    for name, rows, few in (("head", VOCAB, True), ("wo", DIM, False)):
        weight = ops.matrix(random_weight(fmt, rows, DIM))
        for n in tokens:
            if n <= 16 or not few:
                x = inputs(n, DIM)
                yield Case(name, fmt, n, weight.nbytes, 2.0 * n * rows * DIM, lambda x=x, w=weight: ops.linear(x, w))


def moe_cases(ops: NativeOps, fmt: str, tokens: list[int]) -> Iterator[Case]:
    """The mixture of experts with its shared expert; weights in caches are not counted as read again."""
    router = np.random.default_rng(1).normal(size=(EXPERTS, DIM)).astype(np.float32)
    down = fmt if WIDTH % BY_NAME[fmt].group == 0 else "q8_0"
    w1, w3 = (ops.matrix(random_weight(fmt, EXPERTS, WIDTH, DIM)) for _ in range(2))
    w2 = ops.matrix(random_weight(down, EXPERTS, DIM, WIDTH))
    shared = tuple(
        ops.matrix(random_weight(f, *s)) for f, s in ((fmt, (WIDTH, DIM)), (fmt, (WIDTH, DIM)), (down, (DIM, WIDTH)))
    )
    gate = ops.matrix(
        StoredTensor.from_buffer("router", BY_NAME["f32"], router.shape, router.reshape(-1).view(np.uint8))
    )
    experts = Experts(gate, w1, w3, w2, shared=shared)  # type: ignore[arg-type]
    one_expert = (w1.nbytes + w3.nbytes + w2.nbytes) // EXPERTS
    for n in tokens:
        x = inputs(n, DIM)
        chosen = np.argsort(x @ router.T, axis=-1)[:, -CHOSEN:]
        nbytes = (len(np.unique(chosen)) + 1) * one_expert
        operations = 2.0 * n * (CHOSEN + 1) * 3 * DIM * WIDTH
        yield Case(
            "moe",
            fmt,
            n,
            nbytes,
            operations,
            lambda x=x: ops.moe(x, experts, top_k=CHOSEN, normalise=True, scale=1.0, residual=x),
        )


def ceilings(ops: NativeOps) -> Ceilings:
    """Both ceilings, now."""
    return Ceilings(ops.core.read_rate(READ_BYTES), ops.core.product_rate(PRODUCT_ROUNDS))


def measure(ops: NativeOps, case: Case, repeats: int) -> Result:
    """Median of ``repeats`` turns of ceilings and kernel."""
    case.call()
    shares, times = [], []
    for _ in range(repeats):
        best = ceilings(ops)
        start = time.perf_counter()
        case.call()
        took = time.perf_counter() - start
        times.append(took)
        shares.append((case.nbytes / best.read / took, case.operations / best.products / took))
    memory, products = ([share[i] for share in shares] for i in (0, 1))
    bound, nearer = (
        ("memory", memory) if statistics.median(memory) > statistics.median(products) else ("products", products)
    )
    took = statistics.median(times)
    return Result(
        case.name,
        case.fmt,
        case.tokens,
        round(case.nbytes / took / 1e9, 1),
        round(case.operations / took / 1e9, 1),
        bound,
        *(round(100 * f(nearer), 1) for f in (statistics.median, min, max)),
    )


def table_row(r: Result) -> str:
    """A line of the table."""
    what = f"| {r.name} | {r.fmt} | {r.tokens} | {r.gigabytes_per_s} | {r.gops} | {r.bound}"
    return f"{what} | **{r.percent:.0f}** | {r.lowest:.0f} – {r.highest:.0f} |"


def fingerprint() -> str:
    """Which sources were measured: a hash over ``native/``."""
    root = Path(__file__).parents[1] / "native"
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*")):
        if path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def machine() -> str:
    """The processor's name."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def options() -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--formats", default="q4_0,q4_1,q4_k,q6_k,q8_0,bf16")
    parser.add_argument("--tokens", default="1,4,16,64,512")
    parser.add_argument("--threads", type=int, default=None)
    parser.add_argument("--isa", default=None)
    parser.add_argument("--repeats", type=int, default=7)
    return parser.parse_args()


def main() -> None:
    """Print a table as it is measured, then JSON."""
    opts = options()
    tokens = [int(n) for n in opts.tokens.split(",")]
    ops = NativeOps(threads=opts.threads, isa=opts.isa)
    found = [ceilings(ops) for _ in range(5)]
    head = {
        "machine": machine(),
        "isa": ops.isa,
        "threads": ops.core.threads,
        "fingerprint": fingerprint(),
        "read_gb_per_s": round(max(c.read for c in found) / 1e9, 1),
        "int8_gops": round(max(c.products for c in found) / 1e9),
        "dispatch_us": round(1e6 * min(ops.core.dispatch_time(2000) for _ in range(5)), 2),
    }
    for key, value in head.items():
        print(f"{key}: {value}")
    print("\n| kernel | format | tokens | GB/s | GOPS | bound by | % of it | lowest – highest |\n" + "|---" * 8 + "|")
    results = []
    for fmt in opts.formats.split(","):
        for cases in (linear_cases, moe_cases):
            for case in cases(ops, fmt, tokens):
                results.append(measure(ops, case, opts.repeats))
                print(table_row(results[-1]), flush=True)
    print(json.dumps({**head, "rows": [asdict(r) for r in results]}))


if __name__ == "__main__":
    main()
