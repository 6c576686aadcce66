"""How text is cut into words before pairs are merged, by the names that GGUF files give to the ways of doing it.

Part of each vocabulary as much as its tokens: cut in another way, the same text gets ids that the model never saw.
"""

from __future__ import annotations

from dataclasses import dataclass

_GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
_CONTRACTIONS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
_SPACES = r"\s*[\r\n]+|\s+(?!\S)|\s+"
_UPPER, _LOWER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
_CASED = rf"[^\r\n\p{{L}}\p{{N}}]?{_UPPER}*{_LOWER}+", rf"[^\r\n\p{{L}}\p{{N}}]?{_UPPER}+{_LOWER}*"


def _words(digits: str) -> str:
    return rf"{_CONTRACTIONS}|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|\p{{N}}{digits}| ?[^\s\p{{L}}\p{{N}}]+[\r\n]*|{_SPACES}"


@dataclass(frozen=True, kw_only=True)
class Cutting:
    """``patterns`` cut one after another, each within the pieces that the earlier ones left uncut or cut out.

    ``whole_words``: a word that is itself a token is taken whole, whatever the merges would make of it.
    ``bos``: texts begin with the begin token unless the file says otherwise.
    """

    patterns: tuple[str, ...]
    whole_words: bool = False
    bos: bool = False


_GPT2_CUTTING = Cutting(patterns=(_GPT2,))
_SINGLE_DIGITS = Cutting(patterns=(r"\p{N}", _GPT2))
_LLAMA3 = Cutting(patterns=(_words("{1,3}"),), whole_words=True, bos=True)
_QWEN2 = Cutting(patterns=(_words(""),))

CUTTINGS: dict[str, Cutting] = {
    # What converters write when they do not know; the pieces are those of llama.cpp, with which such files were used.
    "default": Cutting(patterns=(r"[\p{P}\$\+<=>\^~\|]+", _GPT2, r"\p{N}+", "[0-9][0-9][0-9]")),
    "gpt-2": _GPT2_CUTTING,
    "phi-2": _GPT2_CUTTING,
    "smollm": _SINGLE_DIGITS,
    "starcoder": _SINGLE_DIGITS,
    "refact": _SINGLE_DIGITS,
    "command-r": _SINGLE_DIGITS,
    "llama-bpe": _LLAMA3,
    "llama3": _LLAMA3,
    "llama-v3": _LLAMA3,
    "pixtral": _LLAMA3,
    "smaug-bpe": Cutting(patterns=_LLAMA3.patterns),
    "dbrx": Cutting(patterns=_LLAMA3.patterns),
    "qwen2": _QWEN2,
    "deepseek-r1-qwen": _QWEN2,
    "tekken": Cutting(
        patterns=(rf"{_CASED[0]}|{_CASED[1]}|\p{{N}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n/]*|{_SPACES}",),
        whole_words=True,
        bos=True,
    ),
}
