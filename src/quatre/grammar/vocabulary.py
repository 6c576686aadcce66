"""A tokenizer as llguidance wants it: the bytes of every token, in one trie."""

from __future__ import annotations

from llguidance import LLTokenizer
from llguidance._tokenizer import TokenizerWrapper

from quatre.chat.tokenizer import Tokenizer


class Vocabulary:
    """The trie of a tokenizer's tokens; building it takes half a second for 131,072 tokens.

    Tokens without bytes are control tokens: text never contains them, and only end tokens may end an answer.
    """

    def __init__(self, tokenizer: Tokenizer, end_ids: frozenset[int], size: int) -> None:
        self.size = size
        tokens = _Tokens(tokenizer, end_ids)
        self.trie = LLTokenizer(TokenizerWrapper(tokens), eos_token=sorted(end_ids))


class _Tokens:
    """The attributes that llguidance reads."""

    bos_token_id = None

    def __init__(self, tokenizer: Tokenizer, end_ids: frozenset[int]) -> None:
        self.eos_token_id = min(end_ids)
        pieces = [tokenizer.token_bytes(token) for token in range(tokenizer.vocab_size)]
        self.special_token_ids = [token for token, piece in enumerate(pieces) if not piece or token in end_ids]
        for token in self.special_token_ids:
            pieces[token] = f"<[{token}]>".encode()
        self.tokens = pieces
        self._tokenizer = tokenizer

    def __call__(self, text: str) -> list[int]:
        return self._tokenizer.encode(text, bos=False)
