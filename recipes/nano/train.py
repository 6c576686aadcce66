"""Trains nano: ``python -m recipes.nano.train --out build/nano``. Stopped runs go on from their last checkpoint.

Each core has a process of its own with half of every batch: they meet once a step, to add their gradients, where
threads would meet hundreds of times, and a busy machine makes every meeting late.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from quatre.model.mistral4 import Mistral4
from quatre.model.pixtral import Pixtral
from quatre.model.table import Kind, Row
from recipes.nano import eye, parameters, vocabulary
from recipes.nano.crew import Crew
from recipes.nano.deepen import deepened, depth
from recipes.nano.encode import Encoder
from recipes.nano.experts import ROUND
from recipes.nano.mixture import Pack, batches
from recipes.nano.muon import Muon
from recipes.nano.parameters import Rounding
from recipes.nano.plan import COURSES, Course, Plan
from recipes.nano.shape import LAYERS, PARAMS
from recipes.nano.training_ops import TrainingOps, packed_batch
from recipes.nano.widen import widened

REPORT = 20  # steps
SAVE = 100
BEGUN = "begun-{:06}.safetensors"  # the weights at the beginning of a course, by its first step
REMEMBERED = {"ONEDNN_PRIMITIVE_CACHE_CAPACITY": "16384"}  # compiled products, one for every shape


class Trainer:
    """The weights, their optimisers and one step of training, of one member of a crew."""

    def __init__(self, plan: Plan, crew: Crew, layers: int = LAYERS) -> None:
        self.plan, self.crew = plan, crew
        params = PARAMS | {"n_layers": layers}
        self.config, self.vision_config = parameters.configs(params)
        self.table: list[Row] = list(parameters.rows(params))
        self.weights = parameters.fresh(params, plan.seed)
        self.ops = TrainingOps()
        matrices = [self.weights[row.name] for row in self.table if _is_hidden_matrix(row)]
        known = {id(weight) for weight in matrices}
        others = [weight for weight in self.weights.values() if id(weight) not in known]
        self.shares = crew.share(matrices)  # whose matrices Muon updates where: it is a tenth of the work
        self.optimisers: list[torch.optim.Optimizer] = [
            Muon(self.shares[crew.rank], lr=plan.rate, weight_decay=plan.weight_decay),
            torch.optim.AdamW(others, lr=plan.rate_adam, betas=(0.9, 0.98), weight_decay=0.0),
        ]
        self.rates = (plan.rate, plan.rate_adam)

    def step(self, n: int, pack: Pack) -> dict[str, Any]:
        """One update; what it measured of this member's half."""
        plan, course = self.plan, self.plan.course(n)
        for optimiser, rate in zip(self.optimisers, self.rates, strict=True):
            for group in optimiser.param_groups:
                group["lr"] = rate * course.factor(n)
        losses = self.losses(pack, course.rounding(n))
        balance = self.ops.balance
        assert balance is not None
        (losses.mean() + plan.balance * balance).backward()
        self.crew.average(list(self.weights.values()))
        norm = nn.utils.clip_grad_norm_(self.weights.values(), 1.0)
        for optimiser in self.optimisers:
            optimiser.step()
        for weight in self.weights.values():
            weight.grad = None
        self.crew.exchange(self.shares)
        return {
            "step": n,
            "tokens": len(pack.ids),
            "loss": losses.mean().item(),
            "norm": norm.item(),
            "balance": balance.item() / len(self.ops.loads),
            "busiest": max(load.max().item() for load in self.ops.loads),
            "by_ability": _by_ability(pack, losses.detach()),
        }

    def losses(self, pack: Pack, rounding: Rounding = Rounding.NONE) -> Tensor:
        """Cross entropy of each learned token."""
        self.ops.clear()
        weights = parameters.rounded(dict(self.weights), self.table, rounding)
        model = Mistral4(self.config, weights, self.ops)
        batch = packed_batch(pack.ids, pack.positions, pack.starts)
        if pack.images:
            eye = Pixtral(self.vision_config, weights, self.ops)
            vectors = torch.cat(eye.embed([pixels for pixels, _ in pack.images]))
            places = np.concatenate([places for _, places in pack.images])
            batch = replace(batch, vectors=((places, vectors),))
        wanted = np.concatenate((pack.wanted, np.zeros(-len(pack.wanted) % ROUND, np.int32)))
        hidden = model.hidden(batch, model.new_cache(0, 1), wanted)
        logits = model.logits(hidden)[: len(pack.wanted)]
        return F.cross_entropy(logits, torch.from_numpy(pack.targets), reduction="none")

    # -- Checkpoints -------------------------------------------------------------------------------------------

    def tensors(self) -> dict[str, Tensor]:
        """Weights, and the momenta that this member keeps."""
        tensors = {f"weight/{name}": weight.detach() for name, weight in self.weights.items()}
        names = {id(weight): name for name, weight in self.weights.items()}
        for optimiser in self.optimisers:
            for weight, state in optimiser.state.items():
                tensors |= {f"{key}/{names[id(weight)]}": torch.as_tensor(value) for key, value in state.items()}
        return {name: tensor.contiguous() for name, tensor in tensors.items()}

    def restore(self, tensors: dict[str, Tensor]) -> None:
        """What :meth:`tensors` gave."""
        states: dict[str, dict[str, Tensor]] = defaultdict(dict)
        for full, tensor in tensors.items():
            key, name = full.split("/", 1)
            if key == "weight":
                self.weights[name].data.copy_(tensor)
            else:
                states[name][key] = tensor
        names = {id(weight): name for name, weight in self.weights.items()}
        for optimiser in self.optimisers:
            for group in optimiser.param_groups:
                for weight in group["params"]:
                    if names[id(weight)] in states:
                        optimiser.state[weight] = states[names[id(weight)]]


def _is_hidden_matrix(row: Row) -> bool:
    """What Muon updates; embeddings, the head, routers and norms are AdamW's."""
    return row.kind in (Kind.MATRIX, Kind.HEADS) and row.name != "output" and not row.name.endswith(".gate")


def _by_ability(pack: Pack, losses: Tensor) -> dict[str, tuple[float, int]]:
    document = np.searchsorted(pack.starts, pack.wanted, side="right") - 1
    sums: dict[str, tuple[float, int]] = {}
    values = losses.numpy()
    for name in set(pack.abilities):
        mine = np.array([ability == name for ability in pack.abilities])[document]
        if mine.any():
            sums[name] = (float(values[mine].sum()), int(mine.sum()))
    return sums


def train(plan: Plan, out: Path, crew: Crew, after: Path | None = None) -> None:
    """Run the plan to its end: ``out/weights.safetensors`` and ``out/log.jsonl``.

    after: a folder in the official layout that the plan's last course goes on from.
    """
    keep_memory()
    torch.set_num_threads(1)
    tokenizer = out / "tekken.json"
    last = plan.courses[-1].begin
    trainer, first = _resume(plan, out, crew)
    if after is not None and 0 < first < last:
        raise SystemExit(
            f"{out} holds an earlier course at step {first}; go on with it without --after, or use a new folder"
        )
    if not first and after is not None:
        trainer, first = _begun(plan, crew, _grown(parameters.read(after), plan.seed), out, last), last
    began, recent = time.monotonic(), []
    for n, pack in enumerate(batches(tokenizer, plan, crew.rank, crew.size, first), first):
        if 0 < n == plan.course(n).begin:  # with new momenta, and perhaps more layers
            weights = _averaged(trainer, plan.course(n - 1), out)
            trainer = _begun(plan, crew, deepened(weights, plan.course(n).layers), out, n)
        if n == plan.sees_from:
            _see(trainer, out, crew)
        recent.append(trainer.step(n, pack))
        if (n + 1) % REPORT == 0 or n + 1 == plan.steps:
            now = time.monotonic()
            if crew.rank == 0:
                _report(_line(recent, now - began, crew.size), plan, out)
            began, recent = now, []
        if (n + 1) % SAVE == 0 or n + 1 == plan.steps:
            _save(trainer, out, crew, n + 1)
    if crew.rank == 0:
        save_file(_averaged(trainer, plan.courses[-1], out), out / "weights.safetensors")


def _begun(plan: Plan, crew: Crew, weights: Mapping[str, Tensor], out: Path, step: int) -> Trainer:
    """At the beginning of a course, which is remembered for its end."""
    weights = {name: weight.detach() for name, weight in weights.items()}
    if crew.rank == 0:
        save_file(weights, out / BEGUN.format(step))
    trainer = Trainer(plan, crew, depth(weights))
    trainer.restore({f"weight/{name}": weight for name, weight in weights.items()})
    return trainer


def _averaged(trainer: Trainer, course: Course, out: Path) -> dict[str, Tensor]:
    """With the weights that the course began with: what they could do is not lost (Wortsman et al. 2022, WiSE-FT)."""
    weights = {name: weight.detach() for name, weight in trainer.weights.items()}
    if course.share == 1:
        return weights
    before = load_file(out / BEGUN.format(course.begin))
    return {name: before[name].lerp(weight, course.share) for name, weight in weights.items()}


def _grown(weights: Mapping[str, Tensor], seed: int) -> Mapping[str, Tensor]:
    """Weights of a smaller shape, in today's."""
    config, _ = parameters.configs(PARAMS | {"n_layers": depth(weights)})
    return widened(weights, config, seed)


def _see(trainer: Trainer, out: Path, crew: Crew) -> None:
    """One member trains the image encoder, and all begin to see with it."""
    path = out / "eye.safetensors"
    if crew.rank == 0 and not path.exists():
        text = Encoder(out / "tekken.json").text
        trained = eye.train(trainer.weights["tok_embeddings"].detach(), text, trainer.plan.seed)
        save_file(trained, path.with_suffix(".part"))
        path.with_suffix(".part").rename(path)
    crew.meet()
    for name, weight in load_file(path).items():
        trainer.weights[name].data.copy_(weight)


# -- Checkpoints: a file per member, and a step counts when all of its files are there --------------------------------


def _save(trainer: Trainer, out: Path, crew: Crew, step: int) -> None:
    path = out / f"checkpoint-{step:06}-{crew.rank}.safetensors"
    save_file(trainer.tensors(), path.with_suffix(".part"))
    path.with_suffix(".part").rename(path)
    crew.meet()
    for old in out.glob(f"checkpoint-*-{crew.rank}.safetensors"):
        if old != path:
            old.unlink()


def _resume(plan: Plan, out: Path, crew: Crew) -> tuple[Trainer, int]:
    """What the last checkpoint holds, and the step to begin with."""
    steps = [int(file.name.split("-")[1]) for file in out.glob("checkpoint-*-*.safetensors")]
    step = max((step for step in steps if steps.count(step) == crew.size), default=0)
    trainer = Trainer(plan, crew, plan.course(max(step - 1, 0)).layers)
    if step:
        trainer.restore(load_file(out / f"checkpoint-{step:06}-{crew.rank}.safetensors"))
    return trainer, step


def keep_memory() -> None:
    """Have the C library keep freed memory: giving it back and asking again costs a third of a step."""
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):
        libc.mallopt(-3, 1 << 30)  # M_MMAP_THRESHOLD
        libc.mallopt(-1, (1 << 31) - 1)  # M_TRIM_THRESHOLD


def _line(recent: list[dict[str, Any]], seconds: float, size: int) -> dict[str, Any]:
    sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for one in recent:
        for name, (loss, count) in one["by_ability"].items():
            sums[name][0] += loss
            sums[name][1] += count
    tokens = size * sum(one["tokens"] for one in recent)
    mean = {key: float(np.mean([one[key] for one in recent])) for key in ("loss", "norm", "balance", "busiest")}
    by_ability = {name: loss / count for name, (loss, count) in sorted(sums.items())}
    facts = {"step": recent[-1]["step"] + 1, "tokens": tokens, "tokens_per_s": tokens / seconds}
    return facts | mean | {"by_ability": by_ability}


def _report(line: dict[str, Any], plan: Plan, out: Path) -> None:
    with (out / "log.jsonl").open("a") as log:
        log.write(json.dumps(line) + "\n")
    abilities = " ".join(f"{name} {loss:.3f}" for name, loss in line["by_ability"].items())
    left = (plan.steps - line["step"]) * plan.tokens / line["tokens_per_s"] / 60
    print(
        f"{line['step']}/{plan.steps} loss {line['loss']:.3f} | {abilities} | balance {line['balance']:.2f} "
        f"busiest {line['busiest']:.2f} norm {line['norm']:.2f} | "
        f"{line['tokens_per_s']:.0f} tokens/s, {left:.0f} min left",
        flush=True,
    )


# -- The crew ------------------------------------------------------------------------------------------------------


def start_crew(out: Path, size: int, arguments: list[str]) -> int:
    """One process per member; the first that fails ends them all."""
    out.mkdir(parents=True, exist_ok=True)
    vocabulary.write(out)
    (out / "meeting").unlink(missing_ok=True)
    environment = os.environ | {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"} | REMEMBERED
    command = [sys.executable, "-m", "recipes.nano.train", *arguments]
    members = [subprocess.Popen([*command, "--rank", str(rank)], env=environment) for rank in range(size)]
    try:
        while any(member.poll() is None for member in members) and not any(member.poll() for member in members):
            time.sleep(0.5)
        return max(abs(member.poll() or 0) for member in members)
    finally:
        for member in members:
            member.kill()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("build/nano"))
    parser.add_argument("--steps", type=int, help="a shorter run, for a look at the first losses")
    parser.add_argument("--after", type=Path, metavar="FOLDER", help="begin with the last course, and this checkpoint")
    parser.add_argument("--workers", type=int, default=2, help="processes; another number makes other weights")
    parser.add_argument("--rank", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.steps is not None and arguments.after is not None:
        parser.error("--steps is a first course, --after begins with the last: give one of them")
    plan = Plan() if arguments.steps is None else Plan(courses=(replace(COURSES[0], end=arguments.steps),))
    if arguments.rank is None:
        return start_crew(arguments.out, arguments.workers, sys.argv[1:])
    crew = Crew(arguments.rank, arguments.workers, arguments.out / "meeting")
    train(plan, arguments.out, crew, arguments.after)
    return 0


if __name__ == "__main__":
    sys.exit(main())
