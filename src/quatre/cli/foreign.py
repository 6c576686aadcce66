"""Command lines of vLLM and SGLang → ours. Flags that have no work to do here are taken out and spoken of."""

from __future__ import annotations

import json
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any

from quatre.errors import ConfigError

MODEL_FLAGS = ("--model", "--model-path")
"""What others call our first argument."""

_BY_MODEL = "the checkpoint says how its answers are read"
_BY_FILES = "the files say it themselves"
_SPECULATIVE = "there is no speculative decoding yet; the answers are the same without"
_CORES = "all cores share one copy of the weights; see --threads"

_ATTENTION = "there is one way to compute attention on a CPU"
_EXPERTS = "there is one way to compute experts on a CPU"
_CACHE = "the cache has a size of its own; see --kv-cache-memory"
_PACE = "pieces of prompts are as long as running answers can bear"
_GPU = "that is for graphics cards"
_ONE_MACHINE = "it runs on one machine, in one process"
_ALWAYS = "it is always so"

OTHER_NAMES = {
    "--block-size": "--page-size",
    "--kv-cache-memory-bytes": "--kv-cache-memory",
    "--context-length": "--max-model-len",
    "--max-running-requests": "--max-num-seqs",
    "--max-queued-requests": "--max-num-queued-reqs",
    "--chunked-prefill-size": "--max-num-batched-tokens",
    "--disable-radix-cache": "--no-enable-prefix-caching",
    "--disable-log-requests": "--no-enable-log-requests",
    "--allowed-media-domains": "--allow-image-url-domains",
    "--log-requests": "--enable-log-requests",
}
"""What others call flags of ours."""

WITH_VALUE = {
    "--tool-call-parser": _BY_MODEL,
    "--reasoning-parser": _BY_MODEL,
    "--grammar-backend": "llguidance compiles all grammars",
    "--structured-outputs-config": "llguidance compiles all grammars",
    "--guided-decoding-backend": "llguidance compiles all grammars",
    **dict.fromkeys(("--tensor-parallel-size", "--tp", "--tp-size", "-tp"), _CORES),
    **dict.fromkeys(
        ("--pipeline-parallel-size", "--pp", "--pp-size", "-pp", "--data-parallel-size", "--dp"), _ONE_MACHINE
    ),
    **dict.fromkeys(
        ("--dp-size", "-dp", "--ep", "--ep-size", "--nnodes", "--node-rank", "--dist-init-addr"), _ONE_MACHINE
    ),
    "--distributed-executor-backend": _ONE_MACHINE,
    **dict.fromkeys(("--gpu-memory-utilization", "--mem-fraction-static"), _CACHE),
    "--kv-cache-dtype": "the cache has the type that --dtype says",
    **dict.fromkeys(("--attention-backend", "--mm-attention-backend"), _ATTENTION),
    "--moe-backend": _EXPERTS,
    **dict.fromkeys(("--swap-space", "--cpu-offload-gb", "--cuda-graph-max-bs", "--compilation-config"), _GPU),
    **dict.fromkeys(("--tokenizer-mode", "--config-format", "--load-format", "--quantization", "-q"), _BY_FILES),
    "--limit-mm-per-prompt": "a request may have 64 images, and nothing else that is no text",
    "--mm-processor-cache-gb": "the vectors of images are kept beside the cache of prompts",
    "--generation-config": "how to sample is for each request to say",
    "--override-generation-config": "how to sample is for each request to say",
    "--max-num-queued-tokens": "answers that wait are counted, not their tokens; see --max-num-queued-reqs",
    "--allowed-local-media-path": "pictures are never read from this machine's files",
    "--root-path": "the pages have relative addresses, which are right behind any prefix of a proxy",
    **dict.fromkeys(("--seed", "--random-seed"), "a seed is for each request to say"),
    **dict.fromkeys(("--mm-encoder-tp-mode", "--distributed-timeout-seconds", "--all2all-backend"), _ONE_MACHINE),
    **dict.fromkeys(
        ("--decode-context-parallel-size", "-dcp", "--prefill-context-parallel-size", "-pcp"), _ONE_MACHINE
    ),
    **dict.fromkeys(("--data-parallel-size-local", "-dpl", "--data-parallel-rank", "-dpr"), _ONE_MACHINE),
    **dict.fromkeys(("--data-parallel-address", "-dpa", "--data-parallel-rpc-port", "-dpp"), _ONE_MACHINE),
    **dict.fromkeys(("--data-parallel-backend", "-dpb", "--api-server-count", "-asc"), _ONE_MACHINE),
    **dict.fromkeys(("--master-addr", "--master-port", "--kv-transfer-config", "--nccl-port"), _ONE_MACHINE),
    **dict.fromkeys(("--prefill-attention-backend", "--decode-attention-backend"), _ATTENTION),
    **dict.fromkeys(("--moe-runner-backend", "--moe-a2a-backend"), _EXPERTS),
    **dict.fromkeys(("--max-seq-len-to-capture", "--optimization-level", "--kernel-config"), _GPU),
    **dict.fromkeys(("--fp8-gemm-backend", "--fp4-gemm-backend", "--sampling-backend", "--cuda-graph-config"), _GPU),
    **dict.fromkeys(("--kv-offloading-size", "--kv-offloading-backend", "--num-gpu-blocks-override"), _CACHE),
    **dict.fromkeys(("--prefix-caching-hash-algo", "--radix-eviction-policy"), "there is one way to find prefixes"),
    **dict.fromkeys(("--max-num-partial-prefills", "--max-long-partial-prefills"), _PACE),
    **dict.fromkeys(("--long-prefill-token-threshold", "--max-prefill-tokens"), _PACE),
    **dict.fromkeys(("--schedule-conservativeness", "--prefill-max-requests"), _PACE),
    "--stream-interval": "each token is sent as it comes",
    "--max-logprobs": "it is 20 here",
    "--chat-template-content-format": "templates get the form that they can read",
    "--model-impl": "there is one implementation of each model",
    **dict.fromkeys(("--runner", "--convert", "--task"), "models generate, and do nothing else"),
    **dict.fromkeys(("--h11-max-incomplete-event-size", "--h11-max-header-count"), "headers may have 32 KiB"),
    **dict.fromkeys(("--watchdog-timeout", "--soft-watchdog-timeout"), "nothing is ended that still computes"),
    "--safetensors-load-strategy": "files are mapped",
    "--uvicorn-log-level": "there is one log; see --log-level",
    "--max-log-len": "the log shows no prompts; see --log-prompts",
    "--scheduling-policy": "priority of requests always counts, and else who came first",
    "--schedule-policy": "priority of requests always counts, and else who came first",
    **dict.fromkeys(
        (
            *("--speculative-config", "--speculative-algorithm", "--speculative-draft-model-path"),
            *("--speculative-num-steps", "--speculative-eagle-topk", "--speculative-num-draft-tokens"),
        ),
        _SPECULATIVE,
    ),
}
WITHOUT_VALUE = {
    "--enable-auto-tool-choice": "tools are always a choice of the model's",
    "--trust-remote-code": "code from checkpoints is never run",
    "--enable-chunked-prefill": _ALWAYS,
    "--async-scheduling": "the engine is one loop",
    "--no-async-scheduling": "the engine is one loop",
    "--enable-prompt-tokens-details": _ALWAYS,
    "--enable-request-id-headers": _ALWAYS,
    "--enable-metrics": _ALWAYS,
    "--enable-per-request-metrics": "times are at /metrics, and in traces; see --otlp-traces-endpoint",
    "--enable-multimodal": _ALWAYS,
    **dict.fromkeys(("--enable-tokenizer-info-endpoint", "--enable-cache-report", "--enable-mixed-chunk"), _ALWAYS),
    **dict.fromkeys(("--enable-server-load-tracking", "--show-time-cost"), "numbers are at /metrics"),
    "--enable-log-outputs": "the log never shows answers",
    "--disable-fastapi-docs": "the pages stay; where there is an API key, they need it as all does",
    **dict.fromkeys(("--enable-torch-compile", "--disable-overlap-schedule", "--skip-mm-profiling"), _GPU),
    "--skip-server-warmup": "the first token takes a moment, and shows that there will be others",
    **dict.fromkeys(("--enable-dp-attention", "--enable-eplb", "--headless", "-dph", "-dpe"), _ONE_MACHINE),
    **dict.fromkeys(("--data-parallel-hybrid-lb", "--data-parallel-external-lb"), _ONE_MACHINE),
    "--enable-trace": "--otlp-traces-endpoint alone is enough",
    "--disable-log-stats": "numbers are at /metrics, not in the log",
    **dict.fromkeys(("--enforce-eager", "--disable-cuda-graph", "--disable-custom-all-reduce"), _GPU),
    "--enable-expert-parallel": _ONE_MACHINE,
}

_CORS = "pages of --allowed-origins may use all methods and headers, without cookies"
_ADAPTERS = "there are no adapters; merge them into the checkpoint"
_CODE = "code of others is never run"
REFUSED = {
    **dict.fromkeys(("--enable-lora", "--lora-modules", "--lora-paths"), _ADAPTERS),
    **dict.fromkeys(("--middleware", "--tool-parser-plugin", "--reasoning-parser-plugin"), _CODE),
    **dict.fromkeys(("--allow-credentials", "--allowed-methods", "--allowed-headers"), _CORS),
    **dict.fromkeys(("--ssl-ca-certs", "--ssl-cert-reqs"), "clients are known by keys and not by certificates"),
    **dict.fromkeys(("--tokenizer", "--tokenizer-path"), "the tokenizer is the checkpoint's"),
    **dict.fromkeys(("--hf-overrides", "--json-model-override-args"), "the model is what its files say"),
    "--revision": "name it with the model, OWNER/NAME@REVISION",
    "--download-dir": "say it with the variable HF_HOME",
    "--tool-server": "functions are called by clients",
}
"""What would change who is let in or what is answered, and so cannot be left out with a remark."""

SEVERAL = ("--served-model-name", "--api-key")
"""Flags that vLLM takes several words for at once; here only behind the model, which else could be one of them."""
WITH_JSON = ("--default-chat-template-kwargs", "--reasoning-effort-map")
"""Flags of ours that take an object, whose keys may be flags of their own."""


def translate(arguments: Sequence[str]) -> list[str]:
    """The arguments of ``quatre`` with dashes for underscores in flags, and of ``quatre serve`` without foreign flags.

    Says on standard error, flag by flag, why what was taken out has no effect.
    """
    dashed = [_dashed(argument) for argument in arguments]
    return ["serve", *_ours(deque(dashed[1:]))] if dashed[:1] == ["serve"] else dashed


def explain(flag: str, *, off: bool = False) -> bool:
    """Whether the flag, in its long or short form, is a foreign one; then standard error says why it has no effect.

    Keys of a flag that takes JSON may be flags of their own, ``--speculative-config.method``; switches may be ``off``,
    ``--no-enforce-eager``. ConfigError for those that cannot be done without.
    """
    name, switch = flag.partition(".")[0], flag.replace("--no-", "--", 1)
    if name in REFUSED and not off:
        raise ConfigError(f"{name} is not supported: {REFUSED[name]}")
    reason = WITH_VALUE.get(name) or WITHOUT_VALUE.get(flag) or (WITHOUT_VALUE | REFUSED).get(switch)
    if reason is not None:
        print(f"quatre: {flag} has no effect here: {reason}", file=sys.stderr)
    return reason is not None


def _dashed(argument: str) -> str:
    flag, equals, value = argument.partition("=")
    name, dot, key = flag.partition(".")
    return name.replace("_", "-") + dot + key + equals + value if flag.startswith("--") else argument


def _ours(arguments: deque[str]) -> Iterator[str]:
    """What is left for our own parser."""
    has_model = bool(arguments) and not arguments[0].startswith("-")
    objects: dict[str, dict[str, Any]] = {}
    while arguments:
        argument = arguments.popleft()
        flag, equals, value = argument.partition("=")
        name, _, key = flag.partition(".")
        if flag in OTHER_NAMES:
            yield OTHER_NAMES[flag] + equals + value
        elif flag in MODEL_FLAGS:
            has_model = True
            yield value if equals else _next(arguments) or argument
        elif key and name in WITH_JSON:
            objects.setdefault(name, {})[key] = _read(value if equals else _next(arguments))
        elif flag in SEVERAL and has_model and not equals:
            yield argument
            if arguments and not arguments[0].startswith("-"):  # else nothing was said, and the next word is no value
                yield arguments.popleft()
                while arguments and not arguments[0].startswith("-"):
                    yield from (argument, arguments.popleft())
        elif explain(flag):
            if name in WITH_VALUE and not equals:
                _next(arguments)
        else:
            yield argument
    for flag, content in objects.items():
        yield from (flag, json.dumps(content))


def _next(arguments: deque[str]) -> str:
    return arguments.popleft() if arguments else ""


def _read(value: str) -> Any:
    """As vLLM reads a key of an object: what is JSON as that, all else as text."""
    try:
        return json.loads(value)
    except ValueError:
        return value
