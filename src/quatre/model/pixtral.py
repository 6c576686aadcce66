"""The image encoder: patches → a transformer in which every patch sees its own image → one vector per 2×2 patches.

The equations are those of model.md section 5, the names those of Mistral's own ``params.json``. Notable: patches are
turned by row and column (half of the rotary pairs each), nothing is masked within an image, and images of a call never
see each other. The vectors take the places of the ``[IMG]`` tokens' embeddings in the decoder.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quatre.errors import ConfigError
from quatre.model.header import Header
from quatre.model.table import Kind, Row, Source
from quatre.ops.interface import Array, Batch, LayerCache, Norm, Ops, Rotary, Weight

PAGE = 32  # patches per page of keys and values
MOST_PATCHES = 16384  # of one call; larger ones are done image by image

MEAN = (0.48145466, 0.4578275, 0.40821073)  # of red, green and blue, as every Pixtral was trained
STD = (0.26862954, 0.26130258, 0.27577711)

Pixels = NDArray[np.float32]
"""A preprocessed image, ``[channels, height, width]``; sides are multiples of the patch times the merge."""


@dataclass(frozen=True, kw_only=True)
class PixtralConfig:
    """The shape of an image encoder (model.md 5). Sizes count numbers, not bytes, but for image and patch: pixels."""

    hidden_size: int
    intermediate_size: int
    num_hidden_layers: int
    num_attention_heads: int
    head_dim: int
    num_channels: int
    image_size: int
    patch_size: int
    rope_theta: float
    rope_interleaved: bool
    norm_eps: float
    projector_eps: float
    spatial_merge_size: int
    dim: int  # of the decoder
    image_token_id: int

    def __post_init__(self) -> None:
        if self.head_dim % 4:
            raise ConfigError(f"image encoders turn heads in quarters, but head_dim is {self.head_dim}")

    @property
    def patch_numbers(self) -> int:
        """Numbers of a patch: channels, rows, columns."""
        return self.num_channels * self.patch_size**2

    @property
    def unit(self) -> int:
        """Pixels of a side that become one vector."""
        return self.patch_size * self.spatial_merge_size


@dataclass(frozen=True)
class Layer:
    """The weights of one encoder layer, ``[out, in]``."""

    attention_norm: Weight
    wq: Weight
    wk: Weight
    wv: Weight
    wo: Weight
    ffn_norm: Weight
    w1: Weight  # gate
    w3: Weight  # up
    w2: Weight  # down


class Pixtral:
    """The encoder and its projection into the decoder's space. Stateless."""

    def __init__(self, config: PixtralConfig, weights: Mapping[str, Weight], ops: Ops) -> None:
        self.config = config
        self.ops = ops
        self.patch_conv = weights["vision.patch_conv"]
        self.ln_pre = weights["vision.ln_pre"]
        self.layers = [
            Layer(**{name: weights[f"vision.layers.{i}.{path}"] for name, path in LAYER_NAMES.items()})
            for i in range(config.num_hidden_layers)
        ]
        self.pre_projector_norm = weights["vision.pre_projector_norm"]
        self.merging_layer = weights["vision.merging_layer"]
        self.w_in, self.w_out = weights["vision.w_in"], weights["vision.w_out"]
        self.by_row, self.by_column = _rotaries(config)

    def embed(self, images: Sequence[Pixels]) -> list[Array]:
        """``[vectors, dim]`` of each image, row by row: what stands at its ``[IMG]`` tokens."""
        results: list[Array] = []
        for group in _groups([self._grid(image) for image in images]):
            results += self._embed([images[i] for i in group])
        return results

    def _embed(self, images: Sequence[Pixels]) -> list[Array]:
        ops, c = self.ops, self.config
        grids = [self._grid(image) for image in images]
        batch = _batch([height * width for height, width in grids])
        rows = np.concatenate([np.repeat(np.arange(h, dtype=np.int32), w) for h, w in grids])
        columns = np.concatenate([np.tile(np.arange(w, dtype=np.int32), h) for h, w in grids])
        x = ops.linear(ops.array(np.concatenate([self._patches(image) for image in images])), self.patch_conv)
        x = ops.rms_norm(x, self.ln_pre, c.norm_eps)  # [patches, hidden]
        pages = ops.kv_cache(int(batch.page_tables.max()) + 1, PAGE, c.num_attention_heads, c.head_dim)
        for layer in self.layers:
            x = ops.linear(self._attention(x, layer, batch, rows, columns, pages), layer.wo, residual=x)
            norm = Norm(layer.ffn_norm, c.norm_eps)
            x = ops.feed_forward(x, layer.w1, layer.w3, layer.w2, residual=x, norm=norm)
        x = ops.rms_norm(x, self.pre_projector_norm, c.projector_eps)
        return [
            self._project(ops.rows(x, np.arange(first, end, dtype=np.int32)), *grid)
            for first, end, grid in zip(batch.starts, batch.starts[1:], grids, strict=False)
        ]

    def _attention(
        self,
        x: Array,
        layer: Layer,
        batch: Batch,
        rows: NDArray[np.int32],
        columns: NDArray[np.int32],
        pages: LayerCache,
    ) -> Array:
        """Every patch sees all patches of its image: ``[patches, heads · head_dim]``."""
        ops, c = self.ops, self.config
        qkv = ops.project(x, Norm(layer.attention_norm, c.norm_eps), layer.wq, layer.wk, layer.wv)
        q, k, v = (ops.reshape(part, -1, c.num_attention_heads, c.head_dim) for part in qkv)
        q, k = (ops.rope(part, rows, self.by_row, query=False) for part in (q, k))
        q, k = (ops.rope(part, columns, self.by_column, query=False) for part in (q, k))
        ops.store_kv(k, v, pages, batch)
        return ops.gqa_attention(q, pages, batch, c.head_dim**-0.5, None, causal=False)

    def _project(self, x: Array, height: int, width: int) -> Array:
        """Neighbours are merged, then a perceptron leads into the decoder's space."""
        ops = self.ops
        merged = ops.linear(ops.merge_patches(x, height, width, self.config.spatial_merge_size), self.merging_layer)
        return ops.linear(ops.gelu(ops.linear(merged, self.w_in)), self.w_out)

    def _grid(self, image: Pixels) -> tuple[int, int]:
        """Rows and columns of patches."""
        channels, height, width = image.shape
        c = self.config
        if channels != c.num_channels or height % c.unit or width % c.unit or not height or not width:
            raise ValueError(f"images are [{c.num_channels}, n · {c.unit}, m · {c.unit}], got {list(image.shape)}")
        return height // c.patch_size, width // c.patch_size

    def _patches(self, image: Pixels) -> NDArray[np.float32]:
        """``[patches, channels · patch²]``: the convolution's windows do not overlap, so it is a product."""
        size, (height, width) = self.config.patch_size, self._grid(image)
        tiles = image.reshape(-1, height, size, width, size).transpose(1, 3, 0, 2, 4)
        return np.ascontiguousarray(tiles.reshape(height * width, -1), np.float32)


def _rotaries(c: PixtralConfig) -> tuple[Rotary, Rotary]:
    """By row and by column: each leaves the other's pairs where they are, because their frequencies are zero.

    With g_i = θ^(-2i / head_dim), the even ones turn the first half of the pairs by row, the odd ones the rest.
    """
    places = np.arange(0, c.head_dim, 2, dtype=np.float32)
    all_of_them = (1.0 / np.float32(c.rope_theta) ** (places / np.float32(c.head_dim))).astype(np.float32)
    none = np.zeros(len(places) // 2, np.float32)
    by_row, by_column = np.concatenate((all_of_them[0::2], none)), np.concatenate((none, all_of_them[1::2]))
    return Rotary(by_row, interleaved=c.rope_interleaved), Rotary(by_column, interleaved=c.rope_interleaved)


def _groups(grids: Sequence[tuple[int, int]]) -> Iterator[list[int]]:
    """Images that are encoded together: as many as stay below MOST_PATCHES, one at least."""
    group: list[int] = []
    patches = 0
    for i, (height, width) in enumerate(grids):
        if group and patches + height * width > MOST_PATCHES:
            yield group
            group, patches = [], 0
        group.append(i)
        patches += height * width
    if group:
        yield group


def _batch(counts: Sequence[int]) -> Batch:
    """Each image is a sequence with pages of its own."""
    pages = [-(-count // PAGE) for count in counts]
    first = np.concatenate([[0], np.cumsum(pages)])
    tables = np.zeros((len(counts), max(pages)), np.int32)
    for row, start, count in zip(tables, first, pages, strict=False):
        row[:count] = np.arange(start, start + count)
    starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    return Batch(
        ids=np.zeros(starts[-1], np.int32),
        positions=np.concatenate([np.arange(count, dtype=np.int32) for count in counts]),
        starts=starts,
        contexts=np.array(counts, np.int32),
        page_tables=tables,
        page_size=PAGE,
        absorbed=np.zeros(len(counts), np.bool_),
    )


# -- The tensor table (model.md 5) ---------------------------------------------------------------------------------

LAYER_NAMES = {
    "attention_norm": "attention_norm",
    "wq": "attention.wq",
    "wk": "attention.wk",
    "wv": "attention.wv",
    "wo": "attention.wo",
    "ffn_norm": "ffn_norm",
    "w1": "feed_forward.w1",
    "w3": "feed_forward.w3",
    "w2": "feed_forward.w2",
}

HF_NAMES = {
    "attention.wq": "attention.q_proj",
    "attention.wk": "attention.k_proj",
    "attention.wv": "attention.v_proj",
    "attention.wo": "attention.o_proj",
    "feed_forward.w1": "feed_forward.gate_proj",
    "feed_forward.w3": "feed_forward.up_proj",
    "feed_forward.w2": "feed_forward.down_proj",
}


NATIVE_NAMES = {
    "pre_projector_norm": "pre_mm_projector_norm",
    "merging_layer": "patch_merger.merging_layer",
    "w_in": "vision_language_adapter.w_in",
    "w_out": "vision_language_adapter.w_out",
}

GGUF_NAMES = {
    "patch_conv": "v.patch_embd",
    "ln_pre": "v.pre_ln",
    "attention_norm": "ln1",
    "attention.wq": "attn_q",
    "attention.wk": "attn_k",
    "attention.wv": "attn_v",
    "attention.wo": "attn_out",
    "ffn_norm": "ln2",
    "feed_forward.w1": "ffn_gate",
    "feed_forward.w3": "ffn_up",
    "feed_forward.w2": "ffn_down",
    "pre_projector_norm": "mm.input_norm",
    "merging_layer": "mm.patch_merger",
    "w_in": "mm.1",
    "w_out": "mm.2",
}


def table(c: PixtralConfig) -> Iterator[Row]:
    """Every tensor, by its names in Hugging Face files (after the encoder's prefix, ``@``), native ones and GGUF."""
    hidden, wide = c.hidden_size, c.intermediate_size
    heads = c.num_attention_heads * c.head_dim
    tower, projector = "@vision_tower.", "@multi_modal_projector."
    conv = Source(f"{tower}patch_conv.weight", flat=True)
    native_conv, gguf_conv = (Source(name("patch_conv"), flat=True) for name in (_native_name, _gguf_name))
    shape = (hidden, c.patch_numbers)
    yield Row("vision.patch_conv", shape, Kind.MATRIX, (conv,), gguf=(gguf_conv,), native=(native_conv,))
    yield _row("ln_pre", (hidden,), f"{tower}ln_pre.weight", Kind.VECTOR)
    shapes = {"wq": (heads, hidden), "wk": (heads, hidden), "wv": (heads, hidden), "wo": (hidden, heads)}
    shapes |= {"w1": (wide, hidden), "w3": (wide, hidden), "w2": (hidden, wide)}
    for i in range(c.num_hidden_layers):
        for name, path in LAYER_NAMES.items():
            hf = f"{tower}transformer.layers.{i}.{HF_NAMES.get(path, path)}.weight"
            kind = Kind.MATRIX if name in shapes else Kind.VECTOR
            yield _row(f"layers.{i}.{path}", shapes.get(name, (hidden,)), hf, kind)
    yield _row("pre_projector_norm", (hidden,), f"{projector}norm.weight", Kind.VECTOR)
    merged = (hidden, hidden * c.spatial_merge_size**2)
    yield _row("merging_layer", merged, f"{projector}patch_merger.merging_layer.weight")
    yield _row("w_in", (c.dim, hidden), f"{projector}linear_1.weight")
    yield _row("w_out", (c.dim, c.dim), f"{projector}linear_2.weight")


def _row(name: str, shape: tuple[int, ...], hf: str, kind: Kind = Kind.MATRIX) -> Row:
    native, gguf = Source(_native_name(name)), Source(_gguf_name(name))
    return Row(f"vision.{name}", shape, kind, (Source(hf),), gguf=(gguf,), native=(native,))


def _native_name(name: str) -> str:
    if name.startswith("layers."):
        return f"vision_encoder.transformer.{name}.weight"
    return NATIVE_NAMES.get(name, f"vision_encoder.{name}") + ".weight"


def _gguf_name(name: str) -> str:
    if name.startswith("layers."):
        _, layer, path = name.split(".", 2)
        return f"v.blk.{layer}.{GGUF_NAMES[path]}.weight"
    return f"{GGUF_NAMES[name]}.weight"


# -- Headers -------------------------------------------------------------------------------------------------------


def config_from_hf(outer: Header, dim: int, eps: float) -> PixtralConfig | None:
    """From the config.json of a model for images and text; None if it describes no image encoder.

    ``dim`` and ``eps`` are the decoder's width and norm epsilon.
    """
    vision = outer.section("vision_config")
    if vision is None:
        return None
    vision.expect("model_type", "pixtral")
    vision.expect("hidden_act", "silu")
    outer.expect("projector_hidden_act", "gelu")
    outer.expect("multimodal_projector_bias", False)
    outer.expect("vision_feature_layer", -1)
    hidden, heads = vision.integer("hidden_size"), vision.integer("num_attention_heads")
    return PixtralConfig(
        hidden_size=hidden,
        intermediate_size=vision.integer("intermediate_size"),
        num_hidden_layers=vision.integer("num_hidden_layers"),
        num_attention_heads=heads,
        head_dim=vision.integer("head_dim", default=hidden // heads),
        num_channels=vision.integer("num_channels", default=3),
        image_size=vision.integer("image_size", default=1540),
        patch_size=vision.integer("patch_size", default=14),
        rope_theta=_rope_theta(vision),
        rope_interleaved=False,
        norm_eps=1e-5,
        projector_eps=eps,
        spatial_merge_size=outer.integer("spatial_merge_size", default=2),
        dim=dim,
        image_token_id=outer.integer("image_token_index", default=outer.integer("image_token_id", default=10)),
    )


def config_from_native(params: Header, dim: int, eps: float) -> PixtralConfig | None:
    """From a params.json; None if it describes no image encoder. Its weights turn neighbouring lanes (model.md 5)."""
    vision = params.section("vision_encoder")
    if vision is None:
        return None
    vision.expect("adapter_bias", False)
    vision.expect("mm_projector_id", "patch_merge")
    vision.expect("add_pre_mm_projector_layer_norm", True)
    hidden, heads = vision.integer("hidden_size"), vision.integer("num_attention_heads")
    return PixtralConfig(
        hidden_size=hidden,
        intermediate_size=vision.integer("intermediate_size"),
        num_hidden_layers=vision.integer("num_hidden_layers"),
        num_attention_heads=heads,
        head_dim=vision.integer("head_dim", default=hidden // heads),
        num_channels=vision.integer("num_channels", default=3),
        image_size=vision.integer("max_image_size", default=vision.integer("image_size", default=1540)),
        patch_size=vision.integer("patch_size", default=14),
        rope_theta=vision.real("rope_theta", default=10_000.0),
        rope_interleaved=True,
        norm_eps=1e-5,
        projector_eps=eps,
        spatial_merge_size=vision.integer("spatial_merge_size", default=2),
        dim=dim,
        image_token_id=vision.integer("image_token_id", default=10),
    )


def config_from_gguf(header: Header, dim: int, eps: float) -> PixtralConfig | None:
    """From the metadata of llama.cpp's file for it; None if there are none. ConfigError if it is no Pixtral.

    llama.cpp turns neighbouring lanes, so its converter put the rows of q and k of Hugging Face files in that order.
    """
    vision = header.within("clip.vision.")
    if not vision.has("block_count"):
        return None
    kind = vision.text("projector_type", default=header.text("clip.projector_type", default="unknown"))
    if kind != "pixtral":
        raise ConfigError(f"{header.where}: image encoders of type {kind!r:.40} are not supported, only 'pixtral' is")
    header.expect("clip.use_gelu", False)
    leads_to = vision.integer("projection_dim", default=dim)
    if leads_to != dim:
        raise ConfigError(
            f"{header.where}: the image encoder is made for a model of width {leads_to}, and this one has {dim}"
        )
    for name, ours in (("image_mean", MEAN), ("image_std", STD)):
        if not np.allclose(vision.reals(name, default=ours), ours, atol=1e-3):
            raise ConfigError(f"{header.where}: {name} of the image encoder is not that of Pixtral, {ours}")
    hidden, heads = vision.integer("embedding_length"), vision.integer("attention.head_count")
    return PixtralConfig(
        hidden_size=hidden,
        intermediate_size=vision.integer("feed_forward_length"),
        num_hidden_layers=vision.integer("block_count"),
        num_attention_heads=heads,
        head_dim=hidden // heads,
        num_channels=3,
        image_size=vision.integer("image_size", default=1540),
        patch_size=vision.integer("patch_size", default=14),
        rope_theta=header.real("clip.rope.freq_base", default=10_000.0),
        rope_interleaved=True,
        norm_eps=vision.real("attention.layer_norm_epsilon", default=1e-5),
        projector_eps=eps,
        spatial_merge_size=vision.integer("spatial_merge_size"),
        dim=dim,
        image_token_id=10,
    )


def _rope_theta(vision: Header) -> float:
    parameters = vision.section("rope_parameters")
    if parameters is None:
        return vision.real("rope_theta", default=10_000.0)
    vision.ignore("rope_theta")
    if parameters.text("rope_type", default="default") != "default":
        parameters.expect("rope_type", "axial")  # what transformers calls rotation by row and column since 5.0
    return parameters.real("rope_theta", default=10_000.0)
