"""Nano's tokenizer: mistral-common's vocabulary, cut to its first ranks, as a v15 file (model.md 6.1, 6.5)."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

RANKS = 4032
SPECIALS = 64
SIZE = RANKS + SPECIALS
MAX_IMAGE = 112  # pixels; larger pictures are shrunk to this, so nano meets only what it was trained on

_WORD = re.compile(r" [a-z]{3,12}")

CONTROL = {
    **dict(enumerate("<unk> <s> </s> [INST] [/INST] [AVAILABLE_TOOLS] [/AVAILABLE_TOOLS] [TOOL_RESULTS]".split())),
    **dict(enumerate("[/TOOL_RESULTS] [TOOL_CALLS] [IMG] <pad> [IMG_BREAK] [IMG_END] [PREFIX] [MIDDLE]".split(), 8)),
    **dict(enumerate("[SUFFIX] [SYSTEM_PROMPT] [/SYSTEM_PROMPT] [TOOL_CONTENT]".split(), 16)),
    **dict(enumerate("[AUDIO] [BEGIN_AUDIO]".split(), 24)),
    **dict(enumerate("[ARGS] [CALL_ID] [THINK] [/THINK] [MODEL_SETTINGS] [/MODEL_SETTINGS]".split(), 32)),
}
"""The special ids of Small 4, which nano shares."""


def vocabulary() -> dict[str, Any]:
    """The content of nano's ``tekken.json``."""
    shipped = _shipped()
    config = {
        "pattern": shipped["config"]["pattern"],
        "num_vocab_tokens": RANKS,
        "default_vocab_size": SIZE,
        "default_num_special_tokens": SPECIALS,
        "version": "v15",
    }
    effort = {"type": "enum", "accepts_none": True, "default": "none", "values": ["none", "high"]}
    return {
        "config": config,
        "vocab": shipped["vocab"][:RANKS],
        "special_tokens": [
            {"rank": i, "token_str": CONTROL.get(i, f"<SPECIAL_{i}>"), "is_control": True} for i in range(SPECIALS)
        ],
        "image": {"image_patch_size": 14, "max_image_size": MAX_IMAGE, "spatial_merge_size": 2},
        "model_settings_builder": {"reasoning_effort": effort},
    }


@cache
def words() -> list[str]:
    """What the vocabulary that nano's was cut from has whole, behind a space: in small letters, of many languages."""
    texts = (entry["token_str"] for entry in _shipped()["vocab"])
    return [text[1:] for text in texts if text and _WORD.fullmatch(text)]


def _shipped() -> dict[str, Any]:
    content: dict[str, Any] = json.loads((files("mistral_common") / "data" / "tekken_240911.json").read_text())
    return content


def write(folder: Path) -> Path:
    """``folder/tekken.json``."""
    path = folder / "tekken.json"
    path.write_text(json.dumps(vocabulary(), ensure_ascii=True, indent=0))
    return path
