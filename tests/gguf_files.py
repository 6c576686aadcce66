"""GGUF files that are more than a decoder: Mistral's vocabulary inside of them, and the image encoder beside them."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import gguf
import numpy as np
from numpy.typing import NDArray

from quatre.chat.bpe import BYTE_OF
from quatre.formats.floats import F32
from quatre.formats.registry import BY_NAME
from tekken_files import SPECIAL

KEY = "tokenizer.ggml."
LETTER = {byte: letter for letter, byte in BYTE_OF.items()}

# Of messages only, with a place for each image, as Mistral's templates write them.
TEMPLATE = """{{- bos_token }}{%- for m in messages %}
{%- if m.role == 'user' %}[INST]{% elif m.role == 'tool' %}[TOOL_RESULTS]{% endif %}
{%- if m.content is string %}{{- m.content }}{% else %}
{%- for part in m.content %}{% if part.type == 'text' %}{{- part.text }}{% else %}[IMG]{% endif %}{% endfor %}
{%- endif %}
{%- if m.role == 'user' %}[/INST]{% elif m.role == 'tool' %}[/TOOL_RESULTS]{% else %}{{- eos_token }}{% endif %}
{%- endfor %}"""


def letters(data: bytes) -> str:
    """A token as byte-level vocabularies spell it."""
    return "".join(LETTER[byte] for byte in data)


def merges_of(ranks: dict[bytes, int]) -> list[str]:
    """The pairs that merging by rank joins, in order: each token is what its own bytes merge to, one step before."""
    merges = []
    for token, rank in ranks.items():
        parts = [bytes([byte]) for byte in token]
        while len(parts) > 2:
            pairs = [(ranks.get(a + b, rank), place) for place, (a, b) in enumerate(pairwise(parts))]
            best, place = min(pairs)
            if best >= rank:
                break
            parts[place : place + 2] = [parts[place] + parts[place + 1]]
        if len(parts) == 2:
            merges.append(f"{letters(parts[0])} {letters(parts[1])}")
    return merges


def mistral_vocabulary(vocab: list[dict[str, Any]], template: str | None = None) -> dict[str, Any]:
    """The metadata of a GGUF file with these tokens of a tekken.json, and its special tokens before them."""
    ranks = {b64decode(token["token_bytes"]): rank for rank, token in enumerate(vocab)}
    told = {
        KEY + "model": "gpt2",
        KEY + "pre": "tekken",
        KEY + "tokens": [*(SPECIAL.get(i, f"<SPECIAL_{i}>") for i in range(1000)), *map(letters, ranks)],
        KEY + "token_type": [3] * 1000 + [1] * len(ranks),
        KEY + "merges": merges_of(ranks),
        KEY + "bos_token_id": 1,
        KEY + "eos_token_id": 2,
    }
    return told if template is None else told | {"tokenizer.chat_template": template}


def add_metadata(writer: gguf.GGUFWriter, metadata: Mapping[str, Any]) -> None:
    """Numbers, texts, flags and lists, each as the type that it has in Python."""
    for key, value in metadata.items():
        add = {bool: writer.add_bool, int: writer.add_uint32, float: writer.add_float32, str: writer.add_string}
        add.get(type(value), writer.add_array)(key, value)


def write_mmproj(
    path: Path,
    weights: Mapping[str, NDArray[np.float32]],
    vision: Mapping[str, Any],
    dim: int,
    fmt: str = "f32",
    **more: Any,
) -> Path:
    """An image encoder (``weights`` by native names) as llama.cpp's converter writes it; ``fmt`` as there.

    ``more``: other metadata, with two underscores for a dot; None leaves a key out.
    """
    metadata: dict[str, Any] = {
        "clip__has_vision_encoder": True,
        "clip__projector_type": "pixtral",
        "clip__use_silu": True,
        "clip__vision__projection_dim": dim,
        "clip__vision__image_size": vision["image_size"],
        "clip__vision__patch_size": vision["patch_size"],
        "clip__vision__embedding_length": vision["hidden_size"],
        "clip__vision__feed_forward_length": vision["intermediate_size"],
        "clip__vision__block_count": vision["num_hidden_layers"],
        "clip__vision__attention__head_count": vision["num_attention_heads"],
        "clip__vision__attention__layer_norm_epsilon": 1e-5,
        "clip__vision__image_mean": [0.48145466, 0.4578275, 0.40821073],
        "clip__vision__image_std": [0.26862954, 0.26130258, 0.27577711],
        "clip__vision__spatial_merge_size": 2,
    }
    told = {key.replace("__", "."): value for key, value in (metadata | more).items() if value is not None}
    writer = gguf.GGUFWriter(path, "clip")
    add_metadata(writer, told)
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.MMPROJ, vision["num_hidden_layers"])
    for name, array in weights.items():
        stem = name.removesuffix(".weight")
        projector = {"vision_language_adapter.w_in": "mm.1", "vision_language_adapter.w_out": "mm.2"}
        stored = projector.get(stem) or names.get_name(stem)
        chosen = BY_NAME[fmt]
        if array.ndim == 1 or array.shape[-1] % chosen.group:  # norms, and the windows of the convolution
            chosen = F32
        assert stored is not None
        assert chosen.encode is not None
        data = array if chosen is F32 else chosen.encode(array)
        writer.add_tensor(f"{stored}.weight", data, raw_dtype=gguf.GGMLQuantizationType[chosen.name.upper()])
    writer.add_tensor("v.token_embd.img_break", np.zeros(dim, np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path
