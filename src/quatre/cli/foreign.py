"""Command lines of vLLM and SGLang → ours. Flags that have no work to do here are taken out and spoken of."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

MODEL_FLAGS = ("--model", "--model-path")
"""What others call our first argument."""

_BY_MODEL = "the checkpoint says how its answers are read"
_BY_FILES = "the files say it themselves"
_SPECULATIVE = "there is no speculative decoding yet; the answers are the same without"
_CORES = "all cores share one copy of the weights; see --threads"

WITH_VALUE = {
    "--tool-call-parser": _BY_MODEL,
    "--reasoning-parser": _BY_MODEL,
    "--tensor-parallel-size": _CORES,
    "--tp": _CORES,
    "--tp-size": _CORES,
    "-tp": _CORES,
    "--gpu-memory-utilization": "the cache has a size of its own; see --kv-cache-memory",
    "--attention-backend": "there is one way to compute attention on a CPU",
    "--tokenizer-mode": _BY_FILES,
    "--config-format": _BY_FILES,
    "--load-format": _BY_FILES,
    "--speculative-config": _SPECULATIVE,
    "--speculative-algorithm": _SPECULATIVE,
    "--speculative-draft-model-path": _SPECULATIVE,
    "--speculative-num-steps": _SPECULATIVE,
    "--speculative-eagle-topk": _SPECULATIVE,
    "--speculative-num-draft-tokens": _SPECULATIVE,
}
WITHOUT_VALUE = {
    "--enable-auto-tool-choice": "tools are always a choice of the model's",
    "--trust-remote-code": "code from checkpoints is never run",
}


def translate(arguments: Sequence[str]) -> list[str]:
    """The arguments of ``quatre`` with dashes for underscores in flags, and of ``quatre serve`` without foreign flags.

    Says on standard error, flag by flag, why what was taken out has no effect.
    """
    dashed = [_dashed(argument) for argument in arguments]
    return ["serve", *_without_foreign(iter(dashed[1:]))] if dashed[:1] == ["serve"] else dashed


def explain(flag: str) -> bool:
    """Whether the flag, in its long or short form, is a foreign one; then standard error says why it has no effect.

    Keys of a flag that takes JSON may be flags of their own, ``--speculative-config.method``.
    """
    reason = (WITH_VALUE | WITHOUT_VALUE).get(flag) or WITH_VALUE.get(flag.partition(".")[0])
    if reason is not None:
        print(f"quatre: {flag} has no effect here: {reason}", file=sys.stderr)
    return reason is not None


def _dashed(argument: str) -> str:
    flag, equals, value = argument.partition("=")
    return flag.replace("_", "-") + equals + value if flag.startswith("--") else argument


def _without_foreign(arguments: Iterator[str]) -> Iterator[str]:
    for argument in arguments:
        flag, equals, value = argument.partition("=")
        if flag in MODEL_FLAGS:
            yield value if equals else next(arguments, argument)
        elif explain(flag):
            if flag not in WITHOUT_VALUE and not equals:
                next(arguments, None)
        else:
            yield argument
