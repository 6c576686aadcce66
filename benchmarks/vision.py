"""The full-size image encoder (24 layers, random bf16 weights) on one picture: Quatre against transformers, in turns.

    python benchmarks/vision.py [--side 1540] [--threads N] [--repeats N] [--no-peer]

Each engine runs in a process of its own, so that its peak memory is its own. Needs `pip install 'quatre[dev]'`.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time

import numpy as np

HIDDEN, WIDE, LAYERS, HEADS, PATCH, DIM = 1024, 4096, 24, 16, 14, 4096


def ours(side: int, threads: int, repeats: int) -> dict[str, object]:
    """Seconds per picture and peak memory of Quatre's kernels."""
    from quatre.formats.base import StoredTensor
    from quatre.formats.floats import BF16
    from quatre.model.pixtral import Pixtral, PixtralConfig, table
    from quatre.model.table import Kind
    from quatre.ops.native_backend import NativeOps

    config = PixtralConfig(
        hidden_size=HIDDEN,
        intermediate_size=WIDE,
        num_hidden_layers=LAYERS,
        num_attention_heads=HEADS,
        head_dim=HIDDEN // HEADS,
        num_channels=3,
        image_size=1540,
        patch_size=PATCH,
        rope_theta=10_000.0,
        rope_interleaved=True,
        norm_eps=1e-5,
        projector_eps=1e-6,
        spatial_merge_size=2,
        dim=DIM,
        image_token_id=10,
    )
    ops, rng = NativeOps(threads=threads), np.random.default_rng(0)
    weights = {}
    assert BF16.encode is not None
    for row in table(config):
        values = rng.standard_normal(row.shape, np.float32) / np.sqrt(row.shape[-1])
        values = np.ones(row.shape, np.float32) if row.kind is Kind.VECTOR else values.astype(np.float32)
        stored = StoredTensor.from_buffer(row.name, BF16, row.shape, BF16.encode(values).reshape(-1))
        weights[row.name] = ops.vector(stored) if row.kind is Kind.VECTOR else ops.matrix(stored)
    encoder = Pixtral(config, weights, ops)
    picture = rng.standard_normal((3, side, side), np.float32)
    return measure(lambda: encoder.embed([picture]), repeats)


def transformers(side: int, threads: int, repeats: int) -> dict[str, object]:
    """The same of transformers' tower and projector, in bf16."""
    import torch
    from transformers import Mistral3Config as Config
    from transformers import MistralConfig, PixtralVisionConfig
    from transformers.models.mistral3.modeling_mistral3 import Mistral3MultiModalProjector
    from transformers.models.pixtral.modeling_pixtral import PixtralVisionModel

    torch.set_num_threads(threads)
    vision = PixtralVisionConfig(
        hidden_size=HIDDEN,
        intermediate_size=WIDE,
        num_hidden_layers=LAYERS,
        num_attention_heads=HEADS,
        image_size=1540,
        patch_size=PATCH,
        hidden_act="silu",
    )
    config = Config(vision_config=vision, text_config=MistralConfig(hidden_size=DIM), spatial_merge_size=2)
    tower = PixtralVisionModel(vision).to(torch.bfloat16).eval()
    projector = Mistral3MultiModalProjector(config).to(torch.bfloat16).eval()
    picture = torch.randn(1, 3, side, side, dtype=torch.bfloat16)

    @torch.no_grad()
    def run() -> None:
        sizes = torch.tensor([[side, side]])
        projector(tower(picture, image_sizes=sizes).last_hidden_state.squeeze(0), sizes)

    return measure(run, repeats)


def measure(run: object, repeats: int) -> dict[str, object]:
    """Seconds of each repeat, and the most memory that the process had."""
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        run()  # type: ignore[operator]
        seconds.append(time.perf_counter() - start)
    return {"seconds": seconds, "peak_gib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20}


def main() -> None:
    """Alternate the engines and print the ratio of medians."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--side", type=int, default=1540, help="pixels; a multiple of 28")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--repeats", type=int, default=2, help="turns of each engine")
    parser.add_argument("--no-peer", action="store_true")
    parser.add_argument("--worker", choices=["ours", "transformers"], help=argparse.SUPPRESS)
    opts = parser.parse_args()
    if opts.worker:
        engine = ours if opts.worker == "ours" else transformers
        print(json.dumps(engine(opts.side, opts.threads, 1)))
        return
    found: dict[str, list[dict[str, float]]] = {}
    names = ["ours"] if opts.no_peer else ["ours", "transformers"]
    for _ in range(opts.repeats):
        for name in names:
            command = [sys.executable, __file__, "--worker", name, "--side", str(opts.side)]
            done = subprocess.run(
                [*command, "--threads", str(opts.threads)], capture_output=True, text=True, check=True
            )
            result = json.loads(done.stdout.splitlines()[-1])
            found.setdefault(name, []).append({"s": result["seconds"][0], "gib": result["peak_gib"]})
            print(f"{name}: {found[name][-1]['s']:.1f} s, {found[name][-1]['gib']:.2f} GiB", flush=True)
    medians = {name: statistics.median(turn["s"] for turn in turns) for name, turns in found.items()}
    print({name: round(median, 2) for name, median in medians.items()})
    if "transformers" in medians:
        print(f"ratio: {medians['transformers'] / medians['ours']:.2f}")


if __name__ == "__main__":
    main()
