"""What is fuzzed: sound files, how they are damaged, and everything that a user's commands read of them."""

from __future__ import annotations

import json
import struct
import zlib
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any

import mistral_common
import numpy as np
from PIL import Image
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

from damage import damaged, damaged_object
from gguf_files import TEMPLATE, mistral_vocabulary, write_mmproj
from official_checkpoints import VISION, vision_weights, write_fp8_hf, write_nvfp4_native
from quatre.chat.open import open_tokenizer
from quatre.chat.pictures import open_picture, pixels
from quatre.chat.tekken_file import write_tables
from quatre.checkpoint.convert import convert
from quatre.checkpoint.load import load, open_checkpoint
from quatre.checkpoint.opened import Opened
from quatre.checkpoint.packed import START, verify
from quatre.checkpoint.survey import survey
from quatre.cli.inspect import tree
from quatre.engine.config import EngineConfig
from quatre.engine.scoring import all_logits
from quatre.formats.floats import BF16
from quatre.ops.native_backend import NativeOps
from random_nano import write_random_nano
from tiny_checkpoints import LLAMA, MISTRAL4, random_weights, write_gguf, write_hf

Damage = Callable[[Random, bytes], bytes]

SHIPPED = Path(mistral_common.__file__).parent / "data" / "tekken_240911.json"
QUESTION = [{"role": "user", "content": "What is <s>1 + 1?"}]
SMALL = {"num_hidden_layers": 1}


@dataclass(frozen=True)
class Subject:
    """``write`` fills a folder; ``damage``: of the files that are damaged, one at a time, how; ``read`` may refuse."""

    write: Callable[[Path], object]
    damage: dict[str, Damage]
    read: Callable[[Path], None]


# -- How files are damaged -----------------------------------------------------------------------------------------


def in_bytes(rng: Random, data: bytes, region: int = 1 << 40) -> bytes:
    """Anywhere in the first ``region`` bytes."""
    return damaged(rng, data, min(region, len(data)))


def in_json(rng: Random, data: bytes) -> bytes:
    """Its bytes, or its values."""
    if rng.random() < 0.3:
        return in_bytes(rng, data)
    return json.dumps(damaged_object(rng, json.loads(data))).encode()


def in_safetensors(rng: Random, data: bytes) -> bytes:
    """The header's bytes, or its values behind the length that is right for them."""
    size = int.from_bytes(data[:8], "little")
    if rng.random() < 0.4:
        return in_bytes(rng, data, 8 + size)
    text = in_json(rng, data[8 : 8 + size])
    return struct.pack("<Q", len(text)) + text + data[8 + size :]


def in_packed(rng: Random, data: bytes) -> bytes:
    """Anywhere, or the header by someone who knows how to keep lengths and checksum right."""
    magic, version, _, size, _ = START.unpack_from(data)
    if rng.random() < 0.3:
        return in_bytes(rng, data, rng.choice([START.size, START.size + size, len(data)]))
    text = in_json(rng, data[START.size : START.size + size]).ljust(size)
    whole = text + data[START.size + size :]
    return START.pack(magic, version, zlib.crc32(text), len(text), START.size + len(whole)) + whole


# -- What reads them -----------------------------------------------------------------------------------------------


@cache
def _ops() -> NativeOps:
    return NativeOps(threads=1)


def read_model(path: Path, mmproj: Path | None = None) -> None:
    """Look at it, load it, compute a little of text and of a picture, and use its vocabulary."""
    opened = open_checkpoint(path, mmproj)
    tree(opened, survey(opened))
    if opened.source == "packed":
        for _ in verify(opened.path):
            pass
    compute(opened)
    read_vocabulary(path, opened)


def compute(opened: Opened) -> None:
    """Four tokens of a prompt, two of an answer, and a picture of four patches."""
    loaded = load(opened, _ops())
    ids = [i % opened.config.vocab_size for i in (1, 2, 3, 5, 8, 13)]
    all_logits(loaded.model, ids, EngineConfig(), prefill=4)
    if loaded.vision is not None:
        side = loaded.vision.config.unit
        loaded.vision.embed([np.zeros((3, side, side), np.float32)])


def read_vocabulary(path: Path, opened: Opened | None = None) -> None:
    """Everything that is asked of a tokenizer."""
    metadata, vision = (None, None) if opened is None else (opened.gguf_metadata, opened.vision)
    tokenizer = open_tokenizer(path, metadata, vision)
    if tokenizer is not None:
        tokenizer.decode(tokenizer.encode("Héllo <s> 日本", bos=True))
        tokenizer.vocabulary()
        tokenizer.chat_prompt(QUESTION)


def read_picture(path: Path) -> None:
    """What a data URL goes through."""
    picture = open_picture(f"data:image/png;base64,{b64encode((path / 'picture').read_bytes()).decode()}")
    pixels(picture, 28, 28)


# -- Sound files ---------------------------------------------------------------------------------------------------


def write_gguf_model(folder: Path) -> None:
    """Experts, latent attention, a vocabulary and a template."""
    vocab = json.loads(SHIPPED.read_bytes())["vocab"][:300]
    config = MISTRAL4 | SMALL | {"vocab_size": 1000 + len(vocab)}
    weights = random_weights(config)
    write_gguf(folder / "m.gguf", config, weights, fmt="q8_0", vocabulary=mistral_vocabulary(vocab, TEMPLATE))


def write_gguf_in_nvfp4(folder: Path) -> None:
    """Matrices with factors beside them."""
    config = MISTRAL4 | SMALL | {"moe_intermediate_size": 64}
    write_gguf(folder / "m.gguf", config, random_weights(config), fmt="nvfp4")


def write_with_encoder(folder: Path) -> None:
    """A dense model, and an image encoder beside it."""
    write_gguf(folder / "m.gguf", LLAMA | SMALL, random_weights(LLAMA | SMALL), fmt="q4_0")
    write_mmproj(folder / "mmproj.gguf", vision_weights(LLAMA["hidden_size"]), VISION, LLAMA["hidden_size"])


def write_hf_model(folder: Path) -> None:
    """A dense model in two shards, with a tokenizer."""
    write_hf(folder, LLAMA | SMALL, random_weights(LLAMA | SMALL), shards=2, fmt=BF16)
    letters = pre_tokenizers.ByteLevel.alphabet()
    tokenizer = Tokenizer(models.BPE(vocab={letter: i for i, letter in enumerate(sorted(letters))}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(["<s>", "<|im_end|>"])
    tokenizer.add_tokens([AddedToken("<think>", normalized=False)])
    tokenizer.save(str(folder / "tokenizer.json"))
    config = {"bos_token": "<s>", "eos_token": {"content": "<|im_end|>"}, "chat_template": "{{ messages[0].content }}"}
    (folder / "tokenizer_config.json").write_text(json.dumps(config))


def write_official(write: Callable[..., Any], folder: Path) -> None:
    """Mistral's own layout, image encoder included."""
    write(folder, MISTRAL4 | SMALL, random_weights(MISTRAL4 | SMALL))


def write_packed(folder: Path) -> None:
    """What ``quatre convert`` makes of nano's layout."""
    source = folder.with_name(f"{folder.name}-source")
    source.mkdir()
    convert(write_random_nano(source), folder, _ops(), report=lambda written: None)
    write_tables(folder)


def write_picture(kind: str, folder: Path) -> None:
    """A small one in colours."""
    values = np.random.default_rng(0).integers(0, 256, (19, 23, 3), dtype=np.uint8)
    file = BytesIO()
    Image.fromarray(values).save(file, kind)
    (folder / "picture").write_bytes(file.getvalue())


SHARDS = [f"model-0000{i}-of-00002.safetensors" for i in (1, 2)]
NATIVE_SHARDS = [f"consolidated-0000{i}-of-00002.safetensors" for i in (1, 2)]
HF_TEXTS = (
    "config.json",
    "generation_config.json",
    "model.safetensors.index.json",
    "tokenizer.json",
    "tokenizer_config.json",
)

SUBJECTS = {
    "gguf": Subject(write_gguf_model, {"m.gguf": partial(in_bytes, region=60_000)}, lambda f: read_model(f / "m.gguf")),
    "gguf-nvfp4": Subject(
        write_gguf_in_nvfp4, {"m.gguf": partial(in_bytes, region=8000)}, lambda f: read_model(f / "m.gguf")
    ),
    "mmproj": Subject(
        write_with_encoder,
        {"mmproj.gguf": partial(in_bytes, region=4000)},
        lambda f: read_model(f / "m.gguf", f / "mmproj.gguf"),
    ),
    "hf": Subject(write_hf_model, dict.fromkeys(SHARDS, in_safetensors) | dict.fromkeys(HF_TEXTS, in_json), read_model),
    "fp8": Subject(
        partial(write_official, write_fp8_hf),
        dict.fromkeys(SHARDS, in_safetensors) | {"config.json": in_json},
        read_model,
    ),
    "nvfp4": Subject(
        partial(write_official, write_nvfp4_native),
        dict.fromkeys(NATIVE_SHARDS, in_safetensors) | {"params.json": in_json},
        read_model,
    ),
    "packed": Subject(write_packed, {"model.quatre": in_packed, "tekken.tables": in_bytes}, read_model),
    "tekken": Subject(write_random_nano, {"tekken.json": in_json}, read_vocabulary),
} | {
    kind.lower(): Subject(partial(write_picture, kind), {"picture": in_bytes}, read_picture)
    for kind in ("PNG", "JPEG", "WEBP", "GIF", "BMP")
}
