"""A tokenizer as llguidance wants it: the bytes of every token, in one trie."""

from __future__ import annotations

from copy import copy

from llguidance import LLTokenizer
from llguidance._tokenizer import TokenizerWrapper

from quatre.chat.tokenizer import Tokenizer


class Vocabulary:
    """The trie of a tokenizer's tokens; building it takes half a second for 131,072 tokens.

    Tokens without bytes are control tokens: text never contains them, and only end tokens may end an answer.
    ``sliced``: with llguidance's tables of tokens that stand inside of strings. They are half of the work, change no
    mask, and make those within strings ten times as fast.
    """

    def __init__(self, tokenizer: Tokenizer, end_ids: frozenset[int], size: int, *, sliced: bool = True) -> None:
        self.size = size
        tokens = _Tokens(tokenizer, end_ids)
        self.special = tokens.special_token_ids
        slices: list[str] | None = None if sliced else []
        self.trie = LLTokenizer(TokenizerWrapper(tokens), eos_token=sorted(end_ids), slices=slices)

    def sliced(self) -> Vocabulary:
        """The same with the tables."""
        other = copy(self)
        other.trie = self.trie.with_slices(LLTokenizer.general_slices())
        return other


class _Tokens:
    """The attributes that llguidance reads."""

    bos_token_id = None

    def __init__(self, tokenizer: Tokenizer, end_ids: frozenset[int]) -> None:
        self.eos_token_id = min(end_ids)
        pieces = tokenizer.vocabulary()
        self.special_token_ids = [token for token, piece in enumerate(pieces) if not piece or token in end_ids]
        for token in self.special_token_ids:
            pieces[token] = f"<[{token}]>".encode()
        self.tokens = pieces
        self._tokenizer = tokenizer

    def __call__(self, text: str) -> list[int]:
        return self._tokenizer.encode(text, bos=False)
