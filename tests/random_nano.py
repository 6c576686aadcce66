"""A folder like ``src/quatre/nano``: Small 4's layout in FP8 with a short vocabulary, and random weights."""

from __future__ import annotations

import json
from pathlib import Path

import mistral_common

from official_checkpoints import write_fp8_native
from tekken_files import saved, v15_file
from tiny_checkpoints import MISTRAL4, random_weights

RANKS, SPECIAL = 448, 64
LAYERS = 2


def write_random_nano(folder: Path) -> Path:
    """``folder`` itself, filled."""
    config = MISTRAL4 | {"vocab_size": RANKS + SPECIAL, "num_hidden_layers": LAYERS}
    write_fp8_native(folder, config, random_weights(config))
    shipped = Path(mistral_common.__file__).parent / "data" / "tekken_240911.json"
    file = v15_file(json.loads(shipped.read_bytes()))
    sizes = {"num_vocab_tokens": RANKS, "default_vocab_size": RANKS + SPECIAL, "default_num_special_tokens": SPECIAL}
    file["config"] |= sizes
    file["vocab"] = file["vocab"][:RANKS]
    file["special_tokens"] = file["special_tokens"][:SPECIAL]
    saved(folder, file)
    return folder
