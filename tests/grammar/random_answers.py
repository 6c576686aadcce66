"""What a model with random weights says under a grammar."""

from __future__ import annotations

from typing import Any

import numpy as np

from fakes import END, THINK, ByteTokenizer
from quatre.chat.markup import find_markup
from quatre.chat.reply import Reply, ReplyForm, ReplyStream
from quatre.chat.tools import Calls
from quatre.engine.request import Request, SamplingParams
from quatre.engine.sampler import SamplerState, sample_batch
from quatre.engine.structured import StructuredOutputsParams
from quatre.grammar.compiler import Grammars
from quatre.grammar.constraint import GrammarConstraint
from quatre.grammar.source import Thinking

MODEL_VOCAB = 300  # a model may have more rows than the tokenizer has tokens
END_THINK, CALL, ARGUMENTS = 259, 260, 261
NAMES = {THINK: "[THINK]", END_THINK: "[/THINK]", CALL: "[TOOL_CALLS]", ARGUMENTS: "[ARGS]"}
MOST_TOKENS = 30_000
CLOSING = (END, ord('"'), ord("}"), ord("]"))


class Tokenizer(ByteTokenizer):
    """Bytes, pieces of several characters that cross the borders of JSON, and the words around reasoning."""

    pieces = ('":', '",', '"}', "},", '{"', "true", "null", "abc", "12", "\n  ", "é", "1.", ', "', "[]")
    vocab_size = ARGUMENTS + 1 + len(pieces)
    markup = find_markup({name: token for token, name in NAMES.items()}.get)

    def token_bytes(self, token: int) -> bytes:
        return self.pieces[token - ARGUMENTS - 1].encode() if token > ARGUMENTS else super().token_bytes(token)

    def token_name(self, token: int) -> str:
        return NAMES.get(token) or self.token_bytes(token).decode(errors="replace")


def answer(
    grammars: Grammars, seed: int, *, thinking: Thinking = "no", calls: Calls | None = None, **asked: Any
) -> list[int]:
    """The tokens of a model with random weights: one row of logits, drawn from at a high temperature."""
    constraint = grammars.constraint(
        StructuredOutputsParams(**asked) if asked else None, thinking=thinking, calls=calls
    )
    params = SamplingParams(temperature=2.0)
    state = SamplerState(Request(id="r", prompt=[0], params=params, constraint=constraint), seed)
    random = np.random.default_rng(seed)
    tokens: list[int] = []
    while len(tokens) < MOST_TOKENS:
        logits = random.normal(size=(1, MODEL_VOCAB)).astype(np.float32) * 3
        logits[0, ord('"')] += 6  # else strings are as long as a random text without quotes
        (sampled,) = sample_batch(logits, [state])
        assert sampled.error is None, sampled.error
        if sampled.token == END:
            return tokens
        tokens.append(sampled.token)
        if sampled.ends:
            return tokens
    raise AssertionError("the answer does not end")


def text_of(tokens: list[int]) -> str:
    return b"".join(map(Tokenizer().token_bytes, tokens)).decode()


def reply_of(tokens: list[int]) -> Reply:
    stream, reply = ReplyStream(Tokenizer().token_bytes, (), ReplyForm(Tokenizer.markup, calls=True)), Reply()
    for token in tokens:
        reply.add(stream.push(token))
    reply.add(stream.flush())
    return reply


def walk(constraint: GrammarConstraint, seed: int, most: int = 1500) -> list[int] | None:
    """A random way through the grammar that tends to its end; None if it has not ended after ``most`` tokens."""
    draw, tokens = np.random.default_rng(seed), []
    constraint = constraint.fork()
    while len(tokens) < most:
        allowed = np.flatnonzero(constraint.mask())
        assert len(allowed), f"nothing may follow {text_of(tokens)!r}"
        closing = [token for token in CLOSING if token in allowed]
        token = closing[0] if closing and draw.random() < 0.3 else int(draw.choice(allowed))
        if token == END:
            return tokens
        tokens.append(token)
        if constraint.accept(token):
            return tokens
    return None


def spells(constraint: GrammarConstraint, text: str) -> bool:
    """Whether the grammar lets exactly this text be said."""
    constraint = constraint.fork()
    for byte in text.encode():
        if not constraint.mask()[byte]:
            return False
        if constraint.accept(byte):
            return text.encode().endswith(bytes([byte]))
    return bool(constraint.mask()[END])
