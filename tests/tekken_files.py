"""Files in the form of ``tekken.json`` that mistral-common's package does not have (model.md 6.5)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

# model.md 6.1; mistral-common's own tests use other numbers for the last four.
SPECIAL = {
    **dict(enumerate("<unk> <s> </s> [INST] [/INST] [AVAILABLE_TOOLS] [/AVAILABLE_TOOLS] [TOOL_RESULTS]".split())),
    **dict(enumerate("[/TOOL_RESULTS] [TOOL_CALLS] [IMG] <pad> [IMG_BREAK] [IMG_END] [PREFIX] [MIDDLE]".split(), 8)),
    **dict(enumerate("[SUFFIX] [SYSTEM_PROMPT] [/SYSTEM_PROMPT] [TOOL_CONTENT]".split(), 16)),
    **dict(enumerate("[AUDIO] [BEGIN_AUDIO]".split(), 24)),
    **dict(enumerate("[ARGS] [CALL_ID] [THINK] [/THINK] [MODEL_SETTINGS] [/MODEL_SETTINGS]".split(), 32)),
}


def tekken_file(shipped: dict[str, Any], version: str, **more: Any) -> dict[str, Any]:
    """A file of a later version with the shipped vocabulary (model.md 6.5)."""
    special = [{"rank": i, "token_str": SPECIAL.get(i, f"<SPECIAL_{i}>"), "is_control": True} for i in range(1000)]
    kept = {key: value for key, value in shipped.items() if key != "multimodal"}
    return {**kept, "config": {**shipped["config"], "version": version}, "special_tokens": special, **more}


def v15_file(shipped: dict[str, Any]) -> dict[str, Any]:
    """A file like that of Small 4."""
    effort = {"type": "enum", "accepts_none": True, "default": "none", "values": ["none", "high"]}
    image = {"image_patch_size": 14, "max_image_size": 1540, "spatial_merge_size": 2}
    return tekken_file(shipped, "v15", image=image, model_settings_builder={"reasoning_effort": effort})


def saved(folder: Path, content: dict[str, Any]) -> Path:
    path = folder / "tekken.json"
    path.write_text(json.dumps(content))
    return path
