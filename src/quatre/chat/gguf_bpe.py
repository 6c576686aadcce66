"""The byte-level BPE vocabulary inside a GGUF file (``tokenizer.ggml.*``). Imported only when there is one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tokenizers import AddedToken, Regex, Tokenizer, models, pre_tokenizers

from quatre.chat.bpe import BPETokenizer, Prompting, Vocabulary
from quatre.chat.pretokenize import CUTTINGS, Cutting
from quatre.errors import CheckpointError

KEY = "tokenizer.ggml."
TEMPLATE = "tokenizer.chat_template"
NORMAL, UNKNOWN, CONTROL, USER_DEFINED, UNUSED = 1, 2, 3, 4, 5

# GGUF's names of special tokens, and what templates call them.
SPECIAL = {"bos": "bos_token", "eos": "eos_token", "unknown": "unk_token", "padding": "pad_token"}
ENDS = ("eos", "eot", "eom")


def gguf_tokenizer(metadata: Mapping[str, Any], where: str) -> BPETokenizer:
    """The tokenizer of a file whose ``tokenizer.ggml.model`` is ``gpt2`` and whose ``pre`` is one of CUTTINGS.

    CheckpointError if its tables are incomplete or do not fit together.
    """
    return _Reader(metadata, where).read()


class _Reader:
    def __init__(self, metadata: Mapping[str, Any], where: str) -> None:
        self.metadata = metadata
        self.where = where
        self.tokens: list[str] = self._list("tokens", str)
        self.template = metadata.get(TEMPLATE)
        if not isinstance(self.template, str | None):
            raise self._damaged(f"{TEMPLATE} is no text")

    def read(self) -> BPETokenizer:
        special = [(i, kind) for i, kind in enumerate(self._kinds()) if kind != NORMAL and self.tokens[i]]
        control = [i for i, kind in special if kind in (UNKNOWN, CONTROL)]
        unused = [i for i, kind in special if kind == UNUSED]
        words = [i for i, kind in special if kind == USER_DEFINED]
        # What the template writes is structure, whatever the file calls it; but the model's own stays visible.
        own = [i for i in words if self.template and self.tokens[i] in self.template]
        controls = {self.tokens[i]: i for i in (*control, *own)}
        cutting = CUTTINGS[self.metadata.get(KEY + "pre", "default")]
        begins = self.metadata.get(KEY + "add_bos_token", cutting.bos) is True
        tokenizer = self._tokenizer(cutting, controls)
        found_in_text = [self.tokens[i] for i in words if i not in own]
        tokenizer.add_tokens([AddedToken(text, normalized=False, special=False) for text in found_in_text])
        vocabulary = Vocabulary(
            tokenizer=tokenizer,
            size=len(self.tokens),
            controls=controls,
            hidden=frozenset((*control, *unused)),
            literal=frozenset(words),
            bos_id=self._special("bos") if begins else None,
            end_ids=frozenset(end for name in ENDS if (end := self._special(name)) is not None),
        )
        return BPETokenizer(vocabulary, self._prompting(begins))

    def _prompting(self, begins: bool) -> Prompting:
        ids = {word: self._special(name) for name, word in SPECIAL.items()}
        special = {word: self.tokens[id] for word, id in ids.items() if id is not None}
        return Prompting(source=self.template, where=self.where, special=special, begins=begins)

    def _kinds(self) -> Sequence[int]:
        """What each token is; files without the table have only the special tokens that they name."""
        if KEY + "token_type" in self.metadata:
            kinds = self._list("token_type", int)
            if len(kinds) != len(self.tokens):
                raise self._damaged(f"it has {len(self.tokens)} tokens, but {len(kinds)} token types")
            return kinds
        named = {self._special(name) for name in (*SPECIAL, *ENDS)}
        return [CONTROL if i in named else NORMAL for i in range(len(self.tokens))]

    def _special(self, name: str) -> int | None:
        """The id under that name, unless the vocabulary has no such token: some files say -1 for "none"."""
        token = self.metadata.get(f"{KEY}{name}_token_id")
        return token if isinstance(token, int) and 0 <= token < len(self.tokens) else None

    # -- The merging -------------------------------------------------------------------------------------------

    def _tokenizer(self, cutting: Cutting, controls: Mapping[str, int]) -> Tokenizer:
        """Text → ids, by a table that does not have the control tokens at all."""
        ids = {text: i for i, text in enumerate(self.tokens) if text}
        if len(ids) + self.tokens.count("") < len(self.tokens):
            raise self._damaged("some of its tokens stand twice")
        for text in controls:
            del ids[text]
        merges = [tuple(text.split(" ", 1)) for text in self._list("merges", str)]
        if any(len(merge) != 2 for merge in merges):
            raise self._damaged("some of its merges do not name two tokens")
        tokenizer = Tokenizer(self._model(ids, merges, controls, cutting.whole_words))
        cuts = [pre_tokenizers.Split(Regex(pattern), "isolated") for pattern in cutting.patterns]
        byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence([*cuts, byte_level])
        return tokenizer

    def _model(self, ids: dict[str, int], merges: list[Any], controls: Mapping[str, int], whole: bool) -> models.BPE:
        try:
            return models.BPE(vocab=ids, merges=merges, ignore_merges=whole)
        except Exception as error:  # the library has no type of its own for "Token … out of vocabulary"
            # Some vocabularies can merge their way to a control token, but text must not.
            of_text = [pair for pair in merges if not {*pair, "".join(pair)} & controls.keys()]
            if len(of_text) < len(merges):
                return self._model(ids, of_text, controls, whole)
            raise self._damaged(f"its merges do not fit its tokens ({str(error)[:120]})") from error

    # -- Small parts -------------------------------------------------------------------------------------------

    def _list(self, name: str, kind: type) -> list[Any]:
        values = self.metadata.get(KEY + name)
        if not isinstance(values, list) or set(map(type, values)) - {kind}:
            raise self._damaged(f"{KEY}{name} is missing or of another type")
        return values

    def _damaged(self, reason: str) -> CheckpointError:
        return CheckpointError(f"the vocabulary in {self.where} is damaged: {reason}")
