"""Positions beyond 8,192 through the public API, and beyond 65,536 through the model."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import oracle
import pytest
from numpy.typing import NDArray
from odd_mistral4 import ODD

from quatre import LLM
from quatre.ops.interface import Batch
from tiny_checkpoints import LLAMA, MINISTRAL3, MISTRAL

pytestmark = pytest.mark.torch

TOLERANCE = 1e-4
BACKENDS = ["torch", "native"]
PAGE = 32

# The rotation of the released model, one layer of it.
RELEASED_ROPE = ODD["rope_parameters"] | {"factor": 128.0, "original_max_position_embeddings": 8192}
FAR = {"num_hidden_layers": 1, "max_position_embeddings": 1 << 20}
LATENT = ODD | FAR | {"qk_rope_head_dim": 64, "rope_parameters": RELEASED_ROPE}
GROUPED_ROPE = MINISTRAL3["rope_parameters"] | {"original_max_position_embeddings": 16384}
CONFIGS = {
    "mistral4": LATENT,
    "llama": LLAMA | FAR,
    "mistral": MISTRAL | FAR | {"sliding_window": 70},
    "ministral3": MINISTRAL3 | FAR | {"rope_parameters": GROUPED_ROPE},
}


@pytest.fixture(scope="module", params=CONFIGS, ids=CONFIGS)
def config(request: pytest.FixtureRequest) -> dict[str, Any]:
    return CONFIGS[request.param]


@pytest.fixture(scope="module")
def model(config: dict[str, Any]) -> Any:
    return oracle.random_model(config)


@pytest.fixture(scope="module")
def folder(model: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("far")
    model.save_pretrained(path)
    return path


def opened(folder: Path, backend: Any, length: int) -> LLM:
    return LLM(folder, backend=backend, dtype="float32", threads=2, max_model_len=length, max_num_seqs=1)


# -- Beyond 8,192 --------------------------------------------------------------------------------------------------

LONG, STEPS = 8240, 60  # the temperature of the released model starts at 8,192


@pytest.fixture(scope="module")
def long_logits(config: dict[str, Any], model: Any) -> NDArray[np.float32]:
    return oracle.logits(model, oracle.random_ids(config, LONG))


@pytest.mark.parametrize("prefill", [LONG, LONG - STEPS], ids=["prefill", "then token by token"])
@pytest.mark.parametrize("backend", BACKENDS)
def test_long_prompt(
    folder: Path, config: dict[str, Any], long_logits: NDArray[np.float32], backend: Any, prefill: int
) -> None:
    with opened(folder, backend, LONG) as llm:
        got = llm.runtime.engine.logits(oracle.random_ids(config, LONG), prefill)
    np.testing.assert_allclose(got, long_logits, rtol=0, atol=TOLERANCE)


# -- Beyond 65,536 -------------------------------------------------------------------------------------------------

VERY_LONG, TAIL = 65_544, 24  # the tail straddles 65,536, where the temperature of the released model takes a step


@pytest.fixture(scope="module")
def far_logits(config: dict[str, Any], model: Any) -> NDArray[np.float32]:
    return oracle.far_logits(model, oracle.random_ids(config, VERY_LONG), TAIL)


def batch(ids: list[int], start: int, absorbed: bool) -> Batch:
    """The tokens of one sequence at positions ``start`` and following."""
    end = start + len(ids)
    return Batch(
        ids=np.array(ids, np.int32),
        positions=np.arange(start, end, dtype=np.int32),
        starts=np.array([0, len(ids)], np.int32),
        contexts=np.array([end], np.int32),
        page_tables=np.arange(-(-end // PAGE), dtype=np.int32)[None],
        page_size=PAGE,
        absorbed=np.array([absorbed]),
    )


def fill_latent(model: Any, tokens: Batch, pages: Any) -> None:
    """Cache tokens without attending: with one layer, what is cached of one does not depend on the others."""
    ops, layer, c = model.ops, model.layers[0], model.config
    h = ops.rms_norm(ops.embed(model.tok_embeddings, tokens.ids), layer.attention_norm, c.norm_eps)
    kv = ops.linear(h, layer.wkv_a_with_mqa)
    ops.store_latent(kv, layer.kv_a_norm, c.latent_norm_eps, model.rotary, pages, tokens)


def fill_grouped(model: Any, tokens: Batch, pages: Any) -> None:
    """The same for keys and values."""
    ops, layer, c = model.ops, model.layers[0], model.config
    h = ops.rms_norm(ops.embed(model.tok_embeddings, tokens.ids), layer.attention_norm, c.norm_eps)
    k, v = (ops.reshape(ops.linear(h, w), -1, c.n_kv_heads, c.head_dim) for w in (layer.wk, layer.wv))
    ops.store_kv(ops.rope(k, tokens.positions, model.rotary, query=False), v, pages, tokens)


def tail_logits(model: Any, ids: list[int], fill: Callable[[Any, Batch, Any], None], step: int) -> NDArray[np.float32]:
    """Logits of the last tokens, ``step`` at a time: absorbed for one, expanded for more."""
    before = len(ids) - TAIL
    cache = model.new_cache(-(-len(ids) // PAGE), PAGE)
    fill(model, batch(ids[:before], 0, absorbed=False), cache[0])
    steps = [batch(ids[at : at + step], at, absorbed=step == 1) for at in range(before, len(ids), step)]
    return np.concatenate([model.ops.to_numpy(model.logits(model.hidden(tokens, cache))) for tokens in steps])


@pytest.mark.parametrize("step", [TAIL, 1], ids=["prefill", "token by token"])
@pytest.mark.parametrize("backend", BACKENDS)
def test_very_long_prompt(
    folder: Path, config: dict[str, Any], far_logits: NDArray[np.float32], backend: Any, step: int
) -> None:
    fill = fill_latent if config["model_type"] == "mistral4" else fill_grouped
    with opened(folder, backend, PAGE) as llm:
        got = tail_logits(llm.runtime.engine.model, oracle.random_ids(config, VERY_LONG), fill, step)
    np.testing.assert_allclose(got, far_logits, rtol=0, atol=TOLERANCE)
