"""The dense grouped-query decoder: Mistral Small 3.x, Ministral 3, Devstral Small 2 and plain Llama-type models.

model.md section 11. Two dialects differ in how rotary pairs are laid out: Hugging Face files rotate lanes (i, i + d/2),
GGUF files of these architectures lanes (2i, 2i + 1), with the rows of wq and wk permuted to match; the weights are
taken as they are and the rotation follows the dialect.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from quatre.errors import ConfigError
from quatre.model.decoder import embed
from quatre.model.header import Header
from quatre.model.rotary import RopeConfig, rope_from_gguf, rope_from_hf, rope_from_native
from quatre.model.table import Kind, Row, Source
from quatre.ops.interface import Array, Batch, LayerCache, Norm, Ops, Rotary, Weight


@dataclass(frozen=True, kw_only=True)
class DenseConfig:
    """The shape of a model. ``window``: how many positions a token sees, itself included; None for all."""

    dim: int
    n_layers: int
    n_heads: int
    n_kv_heads: int
    head_dim: int
    hidden_dim: int
    vocab_size: int
    tied_embeddings: bool
    norm_eps: float
    max_positions: int
    rope: RopeConfig
    rope_interleaved: bool
    window: int | None
    softmax_scale: float

    @property
    def cache_width(self) -> int:
        """Numbers cached per token and layer: a key and a value for each of their heads."""
        return 2 * self.n_kv_heads * self.head_dim


@dataclass(frozen=True)
class Layer:
    """The weights of one decoder layer, ``[out, in]``."""

    attention_norm: Weight  # [dim]
    wq: Weight  # [heads · head_dim, dim]
    wk: Weight  # [kv_heads · head_dim, dim]
    wv: Weight  # [kv_heads · head_dim, dim]
    wo: Weight  # [dim, heads · head_dim]
    ffn_norm: Weight  # [dim]
    w1: Weight  # [hidden_dim, dim], gate
    w3: Weight  # [hidden_dim, dim], up
    w2: Weight  # [dim, hidden_dim]


class Dense:
    """The decoder. Packed tokens in, hidden states or logits out; all state is in the cache that the caller holds."""

    one_form = True

    def __init__(self, config: DenseConfig, weights: Mapping[str, Weight], ops: Ops) -> None:
        self.config = config
        self.ops = ops
        self.vocab_size = config.vocab_size
        self.max_positions = config.max_positions
        self.cache_bytes_per_token = config.n_layers * ops.cache_bytes(config.cache_width)
        self.tok_embeddings = weights["tok_embeddings"]
        self.layers = [
            Layer(**{name: weights[f"layers.{i}.{path}"] for name, path in LAYER_NAMES.items()})
            for i in range(config.n_layers)
        ]
        self.norm = weights["norm"]
        self.output = weights["output"]
        self.rotary = _rotary(config, weights, ops)

    def new_cache(self, pages: int, page_size: int) -> list[LayerCache]:
        """One paged cache of keys and values per layer."""
        c = self.config
        return [self.ops.kv_cache(pages, page_size, c.n_kv_heads, c.head_dim) for _ in self.layers]

    def hidden(self, batch: Batch, cache: list[LayerCache], wanted: NDArray[np.int32] | None = None) -> Array:
        """Final-normed hidden states ``[len(wanted), dim]`` of the wanted packed tokens; writes the cache."""
        x = embed(self.ops, self.tok_embeddings, batch)  # [tokens, dim]
        for layer, pages in zip(self.layers[:-1], cache, strict=False):
            x = self.decoder_layer(x, layer, pages, batch, None)
        # After its attention, the last layer concerns only the tokens whose logits someone wants.
        x = self.decoder_layer(x, self.layers[-1], cache[-1], batch, wanted)
        return self.ops.rms_norm(x, self.norm, self.config.norm_eps)

    def logits(self, hidden: Array) -> Array:
        """``[n, dim]`` → ``[n, vocab]``."""
        return self.ops.linear(hidden, self.output)

    def decoder_layer(
        self, x: Array, layer: Layer, pages: LayerCache, batch: Batch, wanted: NDArray[np.int32] | None
    ) -> Array:
        """Attention and feed-forward, each normed before and added after."""
        ops, c = self.ops, self.config
        attention = self.attention(x, layer, pages, batch)
        if wanted is not None:
            attention, x = ops.rows(attention, wanted), ops.rows(x, wanted)
        x = ops.linear(attention, layer.wo, residual=x)  # [tokens, dim]
        norm = Norm(layer.ffn_norm, c.norm_eps)
        return ops.feed_forward(x, layer.w1, layer.w3, layer.w2, residual=x, norm=norm)

    def attention(self, x: Array, layer: Layer, pages: LayerCache, batch: Batch) -> Array:
        """Grouped-query attention of the normed input, before its output projection: ``[tokens, heads · size]``."""
        ops, c = self.ops, self.config
        q, k, v = ops.project(x, Norm(layer.attention_norm, c.norm_eps), layer.wq, layer.wk, layer.wv)
        q = ops.reshape(q, -1, c.n_heads, c.head_dim)  # [tokens, heads, head_dim]
        k = ops.reshape(k, -1, c.n_kv_heads, c.head_dim)  # [tokens, kv_heads, head_dim]
        v = ops.reshape(v, -1, c.n_kv_heads, c.head_dim)
        q = ops.rope(q, batch.positions, self.rotary, query=True)
        k = ops.rope(k, batch.positions, self.rotary, query=False)
        ops.store_kv(k, v, pages, batch)
        return ops.gqa_attention(q, pages, batch, c.softmax_scale, c.window)


def _rotary(config: DenseConfig, weights: Mapping[str, Weight], ops: Ops) -> Rotary:
    frequencies = config.rope.frequencies(config.head_dim)
    divisors = weights.get("rope_divisors")  # how GGUF files spell Llama 3.1's stretching
    if divisors is not None:
        frequencies = (frequencies / ops.to_numpy(divisors)).astype(np.float32)
    return Rotary(
        frequencies,
        magnitude=config.rope.magnitude,
        interleaved=config.rope_interleaved,
        temperature_beta=config.rope.temperature_beta,
        temperature_length=config.rope.temperature_length,
    )


# -- The tensor table ----------------------------------------------------------------------------------------------

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


def table(config: DenseConfig) -> Iterator[Row]:
    """Every tensor, with its name in Hugging Face and GGUF files."""
    c = config
    vocab = (c.vocab_size, c.dim)
    yield _row("tok_embeddings", vocab, "embed_tokens.weight", "token_embd.weight", Kind.TABLE)
    for i in range(c.n_layers):
        yield from _layer_rows(c, f"layers.{i}.", f"blk.{i}.")
    yield _row("norm", (c.dim,), "norm.weight", "output_norm.weight", Kind.VECTOR)
    tied_to = "tok_embeddings" if c.tied_embeddings else None
    yield Row("output", vocab, Kind.MATRIX, (Source("/lm_head.weight"),), (Source("output.weight"),), tied_to)
    divisors = (Source("rope_freqs.weight"),)
    yield Row("rope_divisors", (c.head_dim // 2,), Kind.VECTOR, gguf=divisors, optional=True)


def _row(name: str, shape: tuple[int, ...], hf: str, gguf: str, kind: Kind = Kind.MATRIX) -> Row:
    return Row(name, shape, kind, (Source(hf),), (Source(gguf),))


def _layer_rows(c: DenseConfig, hf: str, gguf: str) -> Iterator[Row]:
    d, q, kv, w = c.dim, c.n_heads * c.head_dim, c.n_kv_heads * c.head_dim, c.hidden_dim
    for name, shape, in_hf, in_gguf in (
        ("attention.wq", (q, d), "self_attn.q_proj", "attn_q"),
        ("attention.wk", (kv, d), "self_attn.k_proj", "attn_k"),
        ("attention.wv", (kv, d), "self_attn.v_proj", "attn_v"),
        ("attention.wo", (d, q), "self_attn.o_proj", "attn_output"),
        ("feed_forward.w1", (w, d), "mlp.gate_proj", "ffn_gate"),
        ("feed_forward.w3", (w, d), "mlp.up_proj", "ffn_up"),
        ("feed_forward.w2", (d, w), "mlp.down_proj", "ffn_down"),
    ):
        yield _row(hf + name, shape, f"{hf}{in_hf}.weight", f"{gguf}{in_gguf}.weight")
    for name, in_hf, in_gguf in (
        ("attention_norm", "input_layernorm", "attn_norm"),
        ("ffn_norm", "post_attention_layernorm", "ffn_norm"),
    ):
        yield _row(hf + name, (d,), f"{hf}{in_hf}.weight", f"{gguf}{in_gguf}.weight", Kind.VECTOR)


# -- Headers -------------------------------------------------------------------------------------------------------


def config_from_hf(header: Header) -> DenseConfig:
    """Read a text ``config.json`` of a Llama, Mistral or Ministral 3 model."""
    header.expect("hidden_act", "silu")
    header.expect("attention_bias", False)
    header.expect("mlp_bias", False)
    header.ignore("pretraining_tp", "layer_types", "rope_interleaved")
    dim, heads = header.integer("hidden_size"), header.integer("num_attention_heads")
    kv_heads = header.integer("num_key_value_heads", default=heads)
    _check_groups(header, heads, kv_heads)
    head_dim = header.integer("head_dim", default=dim // heads)
    return DenseConfig(
        dim=dim,
        n_layers=header.integer("num_hidden_layers"),
        n_heads=heads,
        n_kv_heads=kv_heads,
        head_dim=head_dim,
        hidden_dim=header.integer("intermediate_size"),
        vocab_size=header.integer("vocab_size"),
        tied_embeddings=header.flag("tie_word_embeddings", default=False),
        norm_eps=header.real("rms_norm_eps", default=1e-6),
        max_positions=header.integer("max_position_embeddings", default=2048),
        rope=rope_from_hf(header),
        rope_interleaved=False,
        window=header.optional_integer("sliding_window"),
        softmax_scale=head_dim**-0.5,
    )


def config_from_gguf(header: Header) -> DenseConfig:
    """Read the metadata of a GGUF file of architecture ``llama`` or ``mistral3``."""
    m = header.within(header.text("general.architecture") + ".")
    if m.integer("expert_count", default=0, low=0):
        raise ConfigError(f"{header.where}: a mixture of experts in a Llama-type file (Mixtral) is not supported")
    heads = m.integer("attention.head_count")
    kv_heads = m.integer("attention.head_count_kv", default=heads)
    _check_groups(header, heads, kv_heads)
    dim = m.integer("embedding_length")
    head_dim = m.integer("attention.key_length", default=dim // heads)
    m.expect("attention.value_length", head_dim)
    m.expect("rope.dimension_count", head_dim)
    rope = rope_from_gguf(m)
    # These files give the temperature's length as YaRN's original context.
    rope = replace(rope, temperature_length=rope.original_length)
    return DenseConfig(
        dim=dim,
        n_layers=m.integer("block_count"),
        n_heads=heads,
        n_kv_heads=kv_heads,
        head_dim=head_dim,
        hidden_dim=m.integer("feed_forward_length"),
        vocab_size=m.integer("vocab_size", default=header.length("tokenizer.ggml.tokens")),
        tied_embeddings=True,
        norm_eps=m.real("attention.layer_norm_rms_epsilon"),
        max_positions=m.integer("context_length"),
        rope=rope,
        rope_interleaved=True,
        window=m.optional_integer("attention.sliding_window"),
        softmax_scale=m.real("attention.scale", default=head_dim**-0.5),
    )


def config_from_native(header: Header) -> DenseConfig:
    """Read the ``params.json`` of a dense model."""
    header.expect("activation", "silu")
    dim, heads = header.integer("dim"), header.integer("n_heads")
    kv_heads = header.integer("n_kv_heads", default=heads)
    _check_groups(header, heads, kv_heads)
    head_dim = header.integer("head_dim", default=dim // heads)
    length = header.integer("max_position_embeddings", default=header.integer("max_seq_len", default=32768))
    return DenseConfig(
        dim=dim,
        n_layers=header.integer("n_layers"),
        n_heads=heads,
        n_kv_heads=kv_heads,
        head_dim=head_dim,
        hidden_dim=header.integer("hidden_dim"),
        vocab_size=header.integer("vocab_size"),
        tied_embeddings=header.flag("tied_embeddings", default=False),
        norm_eps=header.real("norm_eps"),
        max_positions=length,
        rope=rope_from_native(header),
        rope_interleaved=True,
        window=header.optional_integer("sliding_window"),
        softmax_scale=head_dim**-0.5,
    )


def _check_groups(header: Header, heads: int, kv_heads: int) -> None:
    if heads % kv_heads:
        raise ConfigError(f"{header.where}: {heads} heads cannot share {kv_heads} key/value heads evenly")


class DenseFamily:
    """Dense decoders with grouped-query attention."""

    name = "dense"
    hf_model_types = frozenset({"llama", "mistral", "ministral3"})
    gguf_architectures = frozenset({"llama", "mistral3"})

    def config_from_hf(self, header: Header) -> DenseConfig:
        """See :func:`config_from_hf`."""
        return config_from_hf(header)

    def config_from_gguf(self, header: Header) -> DenseConfig:
        """See :func:`config_from_gguf`."""
        return config_from_gguf(header)

    def config_from_native(self, header: Header) -> DenseConfig:
        """See :func:`config_from_native`."""
        return config_from_native(header)

    def is_native(self, params: Mapping[str, object]) -> bool:
        """See :class:`~quatre.model.decoder.Family`."""
        return "n_heads" in params and not {"moe", "kv_lora_rank"} & params.keys()

    def table(self, config: DenseConfig) -> Iterator[Row]:
        """See :func:`table`."""
        return table(config)

    def build(self, config: DenseConfig, weights: Mapping[str, Weight], ops: Ops) -> Dense:
        """See :class:`Dense`."""
        return Dense(config, weights, ops)
