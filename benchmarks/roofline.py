"""How close each kernel comes to what this machine can do, at the true layer shapes of Mistral Small 4.

    python benchmarks/roofline.py [--formats q4_0,q8_0,…] [--threads N] [--isa NAME] [--repeats N]

Two ceilings are measured by the same threads: reading memory once, and int8 products from registers. Few tokens are
bound by the first, many by the second; a row names the one that is nearer. A bf16 product counts as two int8 ones. A
virtual machine's memory bandwidth swings within seconds, so both ceilings are measured again right before each repeat
of a row, and its percentage is the median over repeats of its own share. The last line is all of it as JSON.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import platform
import statistics
import time
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path

from quatre.ops.native_backend import NativeOps
from roofline_cases import Case, attention_cases, linear_cases, moe_cases

READ_BYTES = 1 << 28
PRODUCT_ROUNDS = 20_000


@dataclass(frozen=True)
class Ceilings:
    """Bytes and int8 operations per second."""

    read: float
    products: float


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
        for case in chain(linear_cases(ops, fmt, tokens), moe_cases(ops, fmt, tokens), attention_cases(ops, fmt)):
            results.append(measure(ops, case, opts.repeats))
            print(table_row(results[-1]), flush=True)
    print(json.dumps({**head, "rows": [asdict(r) for r in results]}))


if __name__ == "__main__":
    main()
