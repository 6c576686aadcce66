"""Mistral Small 4, the text decoder: multi-head latent attention and a mixture of experts in every layer.

The equations are those of model.md sections 2 and 3, the names those of Mistral's own ``params.json``. Notable: one
cached latent of ``kv_lora_rank + qk_rope_head_dim`` numbers per token serves all heads; the query is scaled by its
position; the softmax scale is plain ``1 / sqrt(head_dim)``; the router is a softmax over all experts, renormalised
over the chosen ones; one shared expert is always on.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from quatre.errors import ConfigError
from quatre.model.decoder import embed
from quatre.model.header import Header
from quatre.model.rotary import RopeConfig, rope_from_gguf, rope_from_hf, rope_from_native
from quatre.model.table import Kind, Row, Source
from quatre.ops.interface import Array, Batch, Experts, LayerCache, Norm, Ops, Rotary, Weight

log = logging.getLogger(__name__)

GGUF_SOFTMAX_GATING = 1
RELEASED_TEMPERATURE = 0.1  # llama_4_scaling_beta of the released checkpoints (model.md 1)


@dataclass(frozen=True, kw_only=True)
class Mistral4Config:
    """The shape of a model (model.md 1). Sizes count numbers, not bytes.

    softmax_scale: multiplies the attention scores. Plain ``(nope + rope)^-0.5`` unless the header says otherwise:
    some implementations multiply YaRN's magnitude into it (×2.2058 for Small 4), which the released checkpoint's
    ``apply_scale: false`` forbids (model.md 2.5). A config.json may set it with the key ``softmax_scale``.
    """

    dim: int
    n_layers: int
    n_heads: int
    q_lora_rank: int | None  # None: the query is projected directly
    kv_lora_rank: int
    qk_nope_head_dim: int
    qk_rope_head_dim: int
    v_head_dim: int
    n_experts: int
    n_experts_per_tok: int
    n_shared_experts: int
    expert_hidden_dim: int
    hidden_dim: int  # width of the leading dense layers; unused when there are none, as in Small 4
    n_dense_layers: int
    norm_topk_prob: bool
    routed_scale: float
    vocab_size: int
    tied_embeddings: bool
    norm_eps: float
    latent_norm_eps: float  # transformers fixes it at 1e-6, whatever the other norms use
    max_positions: int
    rope: RopeConfig
    rope_interleaved: bool
    softmax_scale: float

    def __post_init__(self) -> None:
        if self.n_experts_per_tok > self.n_experts:
            raise ConfigError(f"the header chooses {self.n_experts_per_tok} of {self.n_experts} experts per token")

    @property
    def head_dim(self) -> int:
        """Lanes of a query head: first those without position, then the rotated ones."""
        return self.qk_nope_head_dim + self.qk_rope_head_dim

    @property
    def cache_width(self) -> int:
        """Numbers cached per token and layer: the latent and the one rotated key (model.md 2.3)."""
        return self.kv_lora_rank + self.qk_rope_head_dim


@dataclass(frozen=True)
class Layer:
    """The weights of one decoder layer, ``[out, in]``."""

    attention_norm: Weight  # [dim]
    wq_a: Weight | None  # [q_lora_rank, dim]
    q_a_norm: Weight | None  # [q_lora_rank]
    wq_b: Weight  # [heads · head_dim, q_lora_rank], or from dim without a query latent
    wkv_a_with_mqa: Weight  # [kv_lora_rank + rope, dim]
    kv_a_norm: Weight  # [kv_lora_rank]
    w_uk: Weight  # [heads, nope, kv_lora_rank]
    w_uv: Weight  # [heads, v, kv_lora_rank]
    wo: Weight  # [dim, heads · v]
    ffn_norm: Weight  # [dim]
    experts: Experts | None  # None in the leading dense layers, which have
    feed_forward: tuple[Weight, Weight, Weight] | None  # w1, w3, w2 instead


class Mistral4:
    """The decoder. Packed tokens in, hidden states or logits out; all state is in the cache that the caller holds."""

    one_form = False

    def __init__(self, config: Mistral4Config, weights: Mapping[str, Weight], ops: Ops) -> None:
        self.config = config
        self.ops = ops
        self.vocab_size = config.vocab_size
        self.max_positions = config.max_positions
        self.cache_bytes_per_token = config.n_layers * ops.cache_bytes(config.cache_width)
        self.tok_embeddings = weights["tok_embeddings"]
        self.layers = [_layer(weights, f"layers.{i}.") for i in range(config.n_layers)]
        self.norm = weights["norm"]
        self.output = weights["output"]
        self.rotary = Rotary(
            config.rope.frequencies(config.qk_rope_head_dim),
            magnitude=config.rope.magnitude,
            interleaved=config.rope_interleaved,
            temperature_beta=config.rope.temperature_beta,
            temperature_length=config.rope.temperature_length,
        )

    def new_cache(self, pages: int, page_size: int) -> list[LayerCache]:
        """One paged cache of latents per layer."""
        width = self.config.cache_width
        return [self.ops.latent_cache(pages, page_size, width) for _ in self.layers]

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
        """Attention and experts, each normed before and added after (model.md 2.1)."""
        ops, c = self.ops, self.config
        attention = self.latent_attention(x, layer, pages, batch)
        if wanted is not None:
            attention, x = ops.rows(attention, wanted), ops.rows(x, wanted)
        x = ops.linear(attention, layer.wo, residual=x)  # [tokens, dim]
        norm = Norm(layer.ffn_norm, c.norm_eps)
        if layer.experts is None:
            assert layer.feed_forward is not None
            return ops.feed_forward(x, *layer.feed_forward, residual=x, norm=norm)
        return ops.moe(
            x,
            layer.experts,
            top_k=c.n_experts_per_tok,
            normalise=c.norm_topk_prob,
            scale=c.routed_scale,
            residual=x,
            norm=norm,
        )

    def latent_attention(self, x: Array, layer: Layer, pages: LayerCache, batch: Batch) -> Array:
        """Multi-head latent attention of the normed input, without the output projection: ``[tokens, heads · v]``.

        With c_j the cached latent and k_j the cached rotated key of position j, head h scores

            expanded   (W_UK[h] c_j) · q_nope + k_j · q_rope        then averages W_UV[h] c_j
            absorbed   c_j · (W_UK[h]ᵀ q_nope) + k_j · q_rope       then applies W_UV[h] to the average of c_j

        which is the same number: the transpose moves from the key to the query. Expanded costs 256 multiply-adds per
        head and position in Small 4 and suits long prompts; absorbed costs 576 but reads 640 bytes per position for
        all heads together, and suits decoding.
        """
        ops, c = self.ops, self.config
        norm = Norm(layer.attention_norm, c.norm_eps)
        if layer.wq_a is None:
            q, kv = ops.project(x, norm, layer.wq_b, layer.wkv_a_with_mqa)
        else:
            qa, kv = ops.project(x, norm, layer.wq_a, layer.wkv_a_with_mqa)  # kv: [tokens, kv_lora_rank + rope]
            (q,) = ops.project(qa, Norm(layer.q_a_norm, c.latent_norm_eps), layer.wq_b)
        q = ops.reshape(q, -1, c.n_heads, c.head_dim)  # [tokens, heads, nope + rope]
        q = ops.rope(q, batch.positions, self.rotary, query=True)
        ops.store_latent(kv, layer.kv_a_norm, c.latent_norm_eps, self.rotary, pages, batch)
        return ops.latent_attention(q, layer.w_uk, layer.w_uv, pages, batch, c.softmax_scale)


def _layer(weights: Mapping[str, Weight], prefix: str) -> Layer:
    def get(name: str) -> Weight | None:
        return weights.get(prefix + name)

    return Layer(
        attention_norm=get("attention_norm"),
        wq_a=get("attention.wq_a"),
        q_a_norm=get("attention.q_a_norm"),
        wq_b=get("attention.wq_b"),
        wkv_a_with_mqa=get("attention.wkv_a_with_mqa"),
        kv_a_norm=get("attention.kv_a_norm"),
        w_uk=get("attention.w_uk"),
        w_uv=get("attention.w_uv"),
        wo=get("attention.wo"),
        ffn_norm=get("ffn_norm"),
        experts=_experts(weights, prefix),
        feed_forward=_swiglu(weights, prefix + "feed_forward."),
    )


def _experts(weights: Mapping[str, Weight], prefix: str) -> Experts | None:
    routed = _swiglu(weights, prefix + "experts.")
    if routed is None:
        return None
    w1, w3, w2 = routed
    return Experts(weights[prefix + "gate"], w1, w3, w2, shared=_swiglu(weights, prefix + "shared_experts."))


def _swiglu(weights: Mapping[str, Weight], prefix: str) -> tuple[Weight, Weight, Weight] | None:
    if prefix + "w1" not in weights:
        return None
    return weights[prefix + "w1"], weights[prefix + "w3"], weights[prefix + "w2"]


# -- The tensor table (model.md 3.1, 4.3) --------------------------------------------------------------------------


def table(config: Mistral4Config) -> Iterator[Row]:
    """Every tensor, with its name in Hugging Face and GGUF files."""
    c = config
    vocab = (c.vocab_size, c.dim)
    yield _row("tok_embeddings", vocab, "embed_tokens.weight", "token_embd.weight", kind=Kind.TABLE)
    for i in range(c.n_layers):
        yield from _attention_rows(c, f"layers.{i}.", f"blk.{i}.")
        yield from _dense_rows(c, i) if i < c.n_dense_layers else _moe_rows(c, i)
    yield _row("norm", (c.dim,), "norm.weight", "output_norm.weight", kind=Kind.VECTOR)
    tied_to = "tok_embeddings" if c.tied_embeddings else None
    yield Row("output", vocab, Kind.MATRIX, (Source("/lm_head.weight"),), (Source("output.weight"),), tied_to)


def _row(name: str, shape: tuple[int, ...], hf: str, gguf: str, kind: Kind = Kind.MATRIX) -> Row:
    return Row(name, shape, kind, (Source(hf),), (Source(gguf),))


def _attention_rows(c: Mistral4Config, hf: str, gguf: str) -> Iterator[Row]:
    a, h = hf + "attention.", hf + "self_attn."
    n, d = c.n_heads, c.dim
    yield _row(f"{hf}attention_norm", (d,), f"{hf}input_layernorm.weight", f"{gguf}attn_norm.weight", kind=Kind.VECTOR)
    query = (n * c.head_dim, c.q_lora_rank or d)
    if c.q_lora_rank is None:
        yield _row(f"{a}wq_b", query, f"{h}q_proj.weight", f"{gguf}attn_q.weight")
    else:
        r = c.q_lora_rank
        yield _row(f"{a}wq_a", (r, d), f"{h}q_a_proj.weight", f"{gguf}attn_q_a.weight")
        yield _row(f"{a}q_a_norm", (r,), f"{h}q_a_layernorm.weight", f"{gguf}attn_q_a_norm.weight", kind=Kind.VECTOR)
        yield _row(f"{a}wq_b", query, f"{h}q_b_proj.weight", f"{gguf}attn_q_b.weight")
    latent = c.kv_lora_rank
    yield _row(f"{a}wkv_a_with_mqa", (c.cache_width, d), f"{h}kv_a_proj_with_mqa.weight", f"{gguf}attn_kv_a_mqa.weight")
    yield _row(
        f"{a}kv_a_norm", (latent,), f"{h}kv_a_layernorm.weight", f"{gguf}attn_kv_a_norm.weight", kind=Kind.VECTOR
    )
    # Hugging Face keeps both up-projections in one matrix, head by head: first the rows of the key, then of the value.
    nope, v = c.qk_nope_head_dim, c.v_head_dim
    kv_b = f"{h}kv_b_proj.weight"
    key = (Source(kv_b, groups=n, lo=0, hi=nope),)
    value = (Source(kv_b, groups=n, lo=nope, hi=nope + v),)
    k_b, v_b = Source(f"{gguf}attn_k_b.weight", transposed=True), Source(f"{gguf}attn_v_b.weight")
    native_key, native_value = (replace(part, name=f"{a}wkv_b.weight") for part in (*key, *value))
    yield Row(f"{a}w_uk", (n, nope, latent), Kind.HEADS, key, (k_b,), native=(native_key,))
    yield Row(f"{a}w_uv", (n, v, latent), Kind.HEADS, value, (v_b,), native=(native_value,))
    yield _row(f"{a}wo", (d, n * v), f"{h}o_proj.weight", f"{gguf}attn_output.weight")
    yield _row(
        f"{hf}ffn_norm", (d,), f"{hf}post_attention_layernorm.weight", f"{gguf}ffn_norm.weight", kind=Kind.VECTOR
    )


def _moe_rows(c: Mistral4Config, i: int) -> Iterator[Row]:
    ours, mlp, gguf = f"layers.{i}.", f"layers.{i}.mlp.", f"blk.{i}."
    e, w, d = c.n_experts, c.expert_hidden_dim, c.dim
    yield _row(f"{ours}gate", (e, d), f"{mlp}gate.weight", f"{gguf}ffn_gate_inp.weight")
    # Experts are 3-D in Hugging Face files, gate above up in one tensor, and their names lack ".weight" (trap 8).
    # Mistral's own files, and quantised ones of some tools, have a tensor for each.
    fused, fused_gguf = f"{mlp}experts.gate_up_proj", f"{gguf}ffn_gate_up_exps.weight"
    for name, part, lo in (("w1", "gate", 0), ("w3", "up", w)):
        yield Row(
            f"{ours}experts.{name}",
            (e, w, d),
            Kind.MATRIX,
            (Source(fused, groups=e, lo=lo, hi=lo + w), Source(f"{mlp}experts.{{}}.{part}_proj.weight", count=e)),
            (Source(f"{gguf}ffn_{part}_exps.weight"), Source(fused_gguf, groups=e, lo=lo, hi=lo + w)),
            native=(Source(f"{ours}experts.{{}}.{name}.weight", count=e),),
        )
    yield Row(
        f"{ours}experts.w2",
        (e, d, w),
        Kind.MATRIX,
        (Source(f"{mlp}experts.down_proj"), Source(f"{mlp}experts.{{}}.down_proj.weight", count=e)),
        (Source(f"{gguf}ffn_down_exps.weight"),),
        native=(Source(f"{ours}experts.{{}}.w2.weight", count=e),),
    )
    if c.n_shared_experts:
        shared, shape = f"{mlp}shared_experts.", (c.n_shared_experts * w, d)
        yield _row(f"{ours}shared_experts.w1", shape, f"{shared}gate_proj.weight", f"{gguf}ffn_gate_shexp.weight")
        yield _row(f"{ours}shared_experts.w3", shape, f"{shared}up_proj.weight", f"{gguf}ffn_up_shexp.weight")
        yield _row(f"{ours}shared_experts.w2", shape[::-1], f"{shared}down_proj.weight", f"{gguf}ffn_down_shexp.weight")


def _dense_rows(c: Mistral4Config, i: int) -> Iterator[Row]:
    ours, mlp, gguf = f"layers.{i}.feed_forward.", f"layers.{i}.mlp.", f"blk.{i}."
    shape = (c.hidden_dim, c.dim)
    yield _row(f"{ours}w1", shape, f"{mlp}gate_proj.weight", f"{gguf}ffn_gate.weight")
    yield _row(f"{ours}w3", shape, f"{mlp}up_proj.weight", f"{gguf}ffn_up.weight")
    yield _row(f"{ours}w2", shape[::-1], f"{mlp}down_proj.weight", f"{gguf}ffn_down.weight")


# -- Headers -------------------------------------------------------------------------------------------------------


def config_from_hf(header: Header) -> Mistral4Config:
    """Read a text ``config.json`` of ``model_type: mistral4`` (model.md 1)."""
    header.expect("hidden_act", "silu")
    header.expect("attention_bias", False)
    header.expect("n_group", 1)
    header.expect("topk_group", 1)
    nope, rope = header.integer("qk_nope_head_dim"), header.integer("qk_rope_head_dim")
    heads = header.integer("num_attention_heads")
    header.ignore("num_key_value_heads", "head_dim", "qk_head_dim", "intermediate_size", "pretraining_tp")
    dense = header.integer("first_k_dense_replace", default=0, low=0)
    return Mistral4Config(
        dim=header.integer("hidden_size"),
        n_layers=header.integer("num_hidden_layers"),
        n_heads=heads,
        q_lora_rank=header.optional_integer("q_lora_rank"),
        kv_lora_rank=header.integer("kv_lora_rank"),
        qk_nope_head_dim=nope,
        qk_rope_head_dim=rope,
        v_head_dim=header.integer("v_head_dim"),
        n_experts=header.integer("n_routed_experts", default=header.integer("num_local_experts", default=128)),
        n_experts_per_tok=header.integer("num_experts_per_tok"),
        n_shared_experts=header.integer("n_shared_experts", default=1, low=0),
        expert_hidden_dim=header.integer("moe_intermediate_size"),
        hidden_dim=header.integer("intermediate_size") if dense else 0,
        n_dense_layers=dense,
        norm_topk_prob=header.flag("norm_topk_prob", default=True),
        routed_scale=header.real("routed_scaling_factor", default=1.0),
        vocab_size=header.integer("vocab_size"),
        tied_embeddings=header.flag("tie_word_embeddings", default=False),
        norm_eps=header.real("rms_norm_eps", default=1e-6),
        latent_norm_eps=1e-6,
        max_positions=header.integer("max_position_embeddings", default=262144),
        rope=rope_from_hf(header),
        rope_interleaved=header.flag("rope_interleave", default=True),
        softmax_scale=header.real("softmax_scale", default=(nope + rope) ** -0.5),
    )


def config_from_gguf(header: Header) -> Mistral4Config:
    """Read the metadata of a GGUF file of architecture ``mistral4`` (model.md 4.3)."""
    m = header.within("mistral4.")
    m.expect("expert_gating_func", GGUF_SOFTMAX_GATING)
    m.expect("expert_group_count", 1)
    m.expect("expert_group_used_count", 1)
    m.ignore("attention.head_count_kv", "attention.key_length", "attention.value_length", "feed_forward_length")
    head_dim, rope_dim = m.integer("attention.key_length_mla"), m.integer("rope.dimension_count")
    dense = m.integer("leading_dense_block_count", default=0, low=0)
    eps = m.real("attention.layer_norm_rms_epsilon")
    rope = rope_from_gguf(m, log_multiplier_unit=0.1)
    if not m.has("attention.temperature_scale"):
        log.warning(
            "%s does not say how queries scale with position, as conversions of this model do not; "
            "using the model's own values (beta %g, length %d)",
            header.where,
            RELEASED_TEMPERATURE,
            rope.original_length,
        )
        rope = replace(rope, temperature_beta=RELEASED_TEMPERATURE, temperature_length=rope.original_length)
    return Mistral4Config(
        dim=m.integer("embedding_length"),
        n_layers=m.integer("block_count"),
        n_heads=m.integer("attention.head_count"),
        q_lora_rank=m.optional_integer("attention.q_lora_rank"),
        kv_lora_rank=m.integer("attention.kv_lora_rank"),
        qk_nope_head_dim=head_dim - rope_dim,
        qk_rope_head_dim=rope_dim,
        v_head_dim=m.integer("attention.value_length_mla"),
        n_experts=m.integer("expert_count"),
        n_experts_per_tok=m.integer("expert_used_count"),
        n_shared_experts=m.integer("expert_shared_count", default=0, low=0),
        expert_hidden_dim=m.integer("expert_feed_forward_length"),
        hidden_dim=m.integer("feed_forward_length") if dense else 0,
        n_dense_layers=dense,
        norm_topk_prob=m.flag("expert_weights_norm", default=False),
        routed_scale=m.real("expert_weights_scale", default=1.0),
        vocab_size=m.integer("vocab_size", default=header.length("tokenizer.ggml.tokens")),
        tied_embeddings=True,
        norm_eps=eps,
        latent_norm_eps=eps,
        max_positions=m.integer("context_length"),
        rope=rope,
        rope_interleaved=True,
        softmax_scale=m.real("attention.scale", default=head_dim**-0.5),
    )


def config_from_native(header: Header) -> Mistral4Config:
    """Read a ``params.json`` with latent attention and experts (model.md 1)."""
    moe = header.section("moe")
    if moe is None:
        raise ConfigError(f"{header.where}: the key moe, which describes the experts, is missing")
    moe.expect("route_every_n", 1)
    moe.expect("num_expert_groups", 1)
    moe.expect("num_expert_groups_per_tok", 1)
    moe.ignore("expert_parallel", "expert_model_parallel")
    header.expect("activation", "silu")
    header.ignore("n_kv_heads", "head_dim", "hidden_dim", "qk_head_dim")
    nope, rope_dim = header.integer("qk_nope_head_dim"), header.integer("qk_rope_head_dim")
    dense = moe.integer("first_k_dense_replace", default=0, low=0)
    rope = rope_from_native(header)
    if rope.magnitude != 1:
        raise ConfigError(f"{header.where}: yarn.apply_scale = true is not supported with latent attention")
    return Mistral4Config(
        dim=header.integer("dim"),
        n_layers=header.integer("n_layers"),
        n_heads=header.integer("n_heads"),
        q_lora_rank=header.optional_integer("q_lora_rank"),
        kv_lora_rank=header.integer("kv_lora_rank"),
        qk_nope_head_dim=nope,
        qk_rope_head_dim=rope_dim,
        v_head_dim=header.integer("v_head_dim"),
        n_experts=moe.integer("num_experts"),
        n_experts_per_tok=moe.integer("num_experts_per_tok"),
        n_shared_experts=moe.integer("num_shared_experts", default=1, low=0),
        expert_hidden_dim=moe.integer("expert_hidden_dim"),
        hidden_dim=header.integer("hidden_dim") if dense else 0,
        n_dense_layers=dense,
        norm_topk_prob=True,  # neither this nor the softmax stands in the file
        routed_scale=moe.real("routed_scale", default=1.0),
        vocab_size=header.integer("vocab_size"),
        tied_embeddings=header.flag("tied_embeddings", default=False),
        norm_eps=header.real("norm_eps", default=1e-6),
        latent_norm_eps=1e-6,
        max_positions=header.integer("max_position_embeddings", default=262144),
        rope=rope,
        rope_interleaved=True,
        softmax_scale=(nope + rope_dim) ** -0.5,
    )


class Mistral4Family:
    """Mistral Small 4 and its siblings of the same class."""

    name = "mistral4"
    hf_model_types = frozenset({"mistral4"})
    gguf_architectures = frozenset({"mistral4"})

    def config_from_hf(self, header: Header) -> Mistral4Config:
        """See :func:`config_from_hf`."""
        return config_from_hf(header)

    def config_from_gguf(self, header: Header) -> Mistral4Config:
        """See :func:`config_from_gguf`."""
        return config_from_gguf(header)

    def config_from_native(self, header: Header) -> Mistral4Config:
        """See :func:`config_from_native`."""
        return config_from_native(header)

    def is_native(self, params: Mapping[str, object]) -> bool:
        """See :class:`~quatre.model.decoder.Family`."""
        return params.get("kv_lora_rank") is not None

    def table(self, config: Mistral4Config) -> Iterator[Row]:
        """See :func:`table`."""
        return table(config)

    def build(self, config: Mistral4Config, weights: Mapping[str, Weight], ops: Ops) -> Mistral4:
        """See :class:`Mistral4`."""
        return Mistral4(config, weights, ops)
