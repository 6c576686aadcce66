"""A process where the grammars of strangers are tried first: what crashes, hangs or swells here does so nowhere else.

A program of :mod:`quatre.grammar.tryout`, which imports nothing of Quatre, so that it starts fast. It reads messages
(seconds of computing, length, text): first the special tokens, answered with an empty line, then one grammar after the
other, each answered with a line of JSON: what is wrong with it, by how many bytes the process grew, how large it is,
and the grammar itself if it had to be translated.
"""

from __future__ import annotations

import json
import random
import re
import resource
import signal
import struct
import sys
import threading
from collections.abc import Iterator, Sequence
from typing import Any

from llguidance import LLMatcher, LLParserLimits, LLTokenizer
from llguidance._tokenizer import TokenizerWrapper
from llguidance.gbnf_to_lark import gbnf_to_lark

MOST_STATES = 500_000
"""Of the lexer of one answer; they take 200 MB."""
LIMITS = LLParserLimits(verbose_errors=False, max_lexer_states=MOST_STATES)
"""llguidance's own bounds on the work of one step; its errors must not quote the state of a parser."""

EBNF = "ebnf_grammar"
"""The key of a grammar that is to be translated first: that takes long, too, if somebody wants it to."""

WALKS, STEPS = 2, 24
SOME = re.compile(rb"[^\0]")
STACK_BYTES = 1 << 20  # less than any thread of the server has
MOST_BYTES = 1 << 30
LONGEST_S = 2.0  # of computing, hundreds of times what schemas need; then the system ends this process
HEAD = struct.Struct("<dI")


class _Letters:
    """A vocabulary as llguidance reads it: special tokens, single bytes, and in between others that are empty."""

    bos_token_id = None

    def __init__(self, special: Sequence[int], ends: Sequence[int], size: int) -> None:
        self._first = max(size, max(special) + 1)
        self.special_token_ids = list(special)
        self.eos_token_id = min(ends)
        self.tokens = [b""] * self._first + [bytes([byte]) for byte in range(256)]
        for token in special:
            self.tokens[token] = f"<[{token}]>".encode()

    def __call__(self, text: str) -> list[int]:
        return [self._first + byte for byte in text.encode()]


def _translated(source: str) -> str:
    """The same without EBNF (``root ::= …``, as llama.cpp and xgrammar write it)."""
    grammars = json.loads(source)
    for grammar in grammars["grammars"]:
        if EBNF in grammar:
            grammar["lark_grammar"] = gbnf_to_lark(grammar.pop(EBNF))
    return json.dumps(grammars)


def _try(trie: LLTokenizer, source: str) -> str:
    """What is wrong with the grammar; nothing if it compiles and can be followed."""
    start = LLMatcher(trie, source, limits=LIMITS, log_level=0)
    for seed in range(WALKS):
        draw, matcher = random.Random(seed), start.deep_copy()
        for _ in range(STEPS):
            if matcher.is_error() or matcher.is_stopped():
                break
            allowed = list(_set(matcher.compute_bitmask()))
            if not allowed or not matcher.consume_token(draw.choice(allowed)):
                break
        if matcher.is_error():
            return matcher.get_error() or "?"
    return ""


def _set(mask: bytes) -> Iterator[int]:
    for found in SOME.finditer(mask):  # nearly all bytes are zero
        for bit in range(8):
            if found[0][0] >> bit & 1:
                yield 8 * found.start() + bit


def _resident() -> int:
    try:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * resource.getpagesize()
    except OSError:  # not Linux: weights of grammars are then those of their sources
        return 0


def _message() -> tuple[float, str] | None:
    head = sys.stdin.buffer.read(HEAD.size)
    if len(head) < HEAD.size:
        return None
    longest, length = HEAD.unpack(head)
    return longest, sys.stdin.buffer.read(length).decode()


def _serve() -> None:
    began = _message()
    if began is None:
        return
    tokens = json.loads(began[1])
    trie = LLTokenizer(TokenizerWrapper(_Letters(**tokens)), eos_token=tokens["ends"])
    print(flush=True)
    while (message := _message()) is not None:
        longest, source = message
        signal.setitimer(signal.ITIMER_PROF, longest)  # SIGPROF ends the process
        print(json.dumps(_answer(trie, source)), flush=True)


def _answer(trie: LLTokenizer, source: str) -> dict[str, Any]:
    before = _resident()
    try:
        translated = _translated(source) if EBNF in source else source
    except (Exception, RecursionError) as error:  # the translator raises bare Exceptions
        return {"wrong": f"grammar cannot be read: {error}"[:300], "resident": before}
    wrong, after = _try(trie, translated), _resident()
    changed = None if translated is source else translated
    return {"wrong": wrong, "grown": max(0, after - before), "resident": after, "translated": changed}


def main() -> None:
    """Answer until nobody asks any more."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    threading.stack_size(STACK_BYTES)
    thread = threading.Thread(target=_serve)
    thread.start()
    thread.join()


if __name__ == "__main__":
    main()
