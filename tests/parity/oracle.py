"""Models of transformers with random weights: the other side of every comparison here.

Weights are drawn so that projections keep the size of their input: attention scores vary by about one and so do
logits, which makes an absolute tolerance mean something.
"""

from __future__ import annotations

import logging
import warnings
from copy import deepcopy
from typing import Any

import numpy as np
import torch
import transformers
from numpy.typing import NDArray

logging.getLogger("transformers").setLevel(logging.ERROR)

CHUNK = 512  # tokens that go through transformers at once; bounds its score matrix
BLOCK = 16  # tokens that are cached together, alone at their places; divides the length of the text

CLASSES = {
    "llama": (transformers.LlamaConfig, transformers.LlamaForCausalLM),
    "mistral": (transformers.MistralConfig, transformers.MistralForCausalLM),
    "ministral3": (transformers.Ministral3Config, transformers.Ministral3ForCausalLM),
    "mistral4": (transformers.Mistral4Config, transformers.Mistral4ForCausalLM),
}


def random_model(config: dict[str, Any], seed: int = 0) -> Any:
    """The causal language model that ``config``, the content of a ``config.json``, describes; float32."""
    make_config, make_model = CLASSES[config["model_type"]]
    settings = deepcopy({key: value for key, value in config.items() if key != "model_type"})
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Initializing zero-element tensors")  # no shared expert
        model = make_model(make_config(**settings)).eval()
    return randomise(model, seed)


def randomise(model: Any, seed: int = 0) -> Any:
    """The model with weights of the size that this file describes."""
    model.set_experts_implementation("eager")  # the loop that reads like the equations; others want wide rows
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.ndim == 1:
                parameter.uniform_(0.5, 1.5, generator=generator)
            elif parameter.ndim == 4:  # the image encoder's convolution
                parameter.normal_(0, parameter[0].numel() ** -0.5, generator=generator)
            elif parameter.numel():
                parameter.normal_(0, parameter.shape[-1] ** -0.5, generator=generator)
    return model


def random_ids(config: dict[str, Any], count: int, seed: int = 1) -> list[int]:
    """Token ids of a text that means nothing."""
    ids: list[int] = np.random.default_rng(seed).integers(0, config["vocab_size"], count).tolist()
    return ids


@torch.no_grad()
def logits(model: Any, ids: list[int]) -> NDArray[np.float32]:
    """float32 ``[tokens, vocab]``, through its own cache where the text is long."""
    cache = transformers.DynamicCache(config=model.config)
    chunks = torch.tensor(ids).split(CHUNK)
    return torch.cat([model(chunk[None], past_key_values=cache).logits[0] for chunk in chunks]).numpy()


@torch.no_grad()
def far_logits(model: Any, ids: list[int], tail: int) -> NDArray[np.float32]:
    """Logits of the last ``tail`` tokens of a model of one layer.

    What one layer caches of a token depends on nothing but the token and its place, so the long text before the tail
    is cached in short blocks that do not see each other, and only the tail attends to all of it.
    """
    before = len(ids) - tail
    cache = transformers.DynamicCache()
    cache.update(*_cached_in_blocks(model, torch.tensor(ids[:before])), 0)
    last, places = torch.tensor(ids[before:]), torch.arange(before, len(ids))
    rows: NDArray[np.float32] = model(last[None], position_ids=places[None], past_key_values=cache).logits[0].numpy()
    return rows


def _cached_in_blocks(model: Any, ids: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    cache = transformers.DynamicCache()
    places = torch.arange(len(ids)).view(-1, BLOCK)
    model.model(ids.view(-1, BLOCK), position_ids=places, past_key_values=cache)
    layer = cache.layers[0]  # keys and values are [blocks, heads, block, width]
    return layer.keys.transpose(0, 1).flatten(1, 2)[None], layer.values.transpose(0, 1).flatten(1, 2)[None]
