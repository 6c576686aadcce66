"""Tiny random models in GGUF files that llama.cpp's own converter wrote, and what transformers computes with them.

    make vectors

fetches the source distribution of llama-cpp-python 0.3.36, which carries llama.cpp, and runs this with its folder.
Writes ``tests/parity/vectors/converted``, the same bytes each time. Only the vocabulary is left out: the converter
knows tokenizers by a checksum of what they say, and would not know a tiny one.
"""

from __future__ import annotations

import json
import runpy
import sys
import tempfile
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import oracle
import torch
import transformers

from quatre.model import pixtral

FOLDER = Path(__file__).parent / "vectors" / "converted"
IDS = np.random.default_rng(11).integers(0, 64, 24).tolist()
SIDES = (24, 16)

SMALL = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 2,
    "vocab_size": 64,
    "max_position_embeddings": 4096,
    "rms_norm_eps": 1e-5,
    "tie_word_embeddings": False,
}
YARN = {
    "rope_type": "yarn",
    "rope_theta": 10000.0,
    "factor": 16.0,
    "original_max_position_embeddings": 16,  # positions of IDS are on both sides of it
    "beta_fast": 32.0,
    "beta_slow": 1.0,
    "mscale": 1.0,
    "mscale_all_dim": 1.0,
    "llama_4_scaling_beta": 0.1,
}
TEXTS: dict[str, dict[str, Any]] = {
    "ministral3": SMALL | {"num_key_value_heads": 1, "head_dim": 32, "rope_parameters": YARN},
    "mistral4": SMALL
    | {
        "rms_norm_eps": 1e-6,
        "moe_intermediate_size": 32,
        "n_routed_experts": 4,
        "num_experts_per_tok": 2,
        "n_shared_experts": 1,
        "first_k_dense_replace": 0,
        "norm_topk_prob": True,
        "routed_scaling_factor": 1.0,
        "n_group": 1,
        "topk_group": 1,
        "q_lora_rank": 32,
        "kv_lora_rank": 32,
        "qk_nope_head_dim": 16,
        "qk_rope_head_dim": 16,
        "v_head_dim": 32,
        "rope_interleave": True,
        "rope_parameters": YARN,
    },
}
VISION = {
    "hidden_size": 32,
    "intermediate_size": 32,
    "num_hidden_layers": 3,
    "num_attention_heads": 2,
    "head_dim": 16,
    "image_size": 64,
    "patch_size": 4,
    "hidden_act": "silu",
    "rope_parameters": {"rope_type": "default", "rope_theta": 10000.0},
}


def model_of(name: str, text: dict[str, Any]) -> Any:
    """Random weights that bf16 can hold."""
    config = transformers.Mistral3Config(
        vision_config=transformers.PixtralVisionConfig(**deepcopy(VISION)),
        text_config=oracle.CLASSES[name][0](**deepcopy(text)),
        image_token_index=10,
        spatial_merge_size=2,
        tie_word_embeddings=False,
    )
    model = oracle.randomise(transformers.Mistral3ForConditionalGeneration(config).eval())
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(parameter.bfloat16())
    return model


def save(model: Any, text: dict[str, Any], folder: Path) -> None:
    """The checkpoint, with the header that the release would have."""
    model.save_pretrained(folder)
    header = json.loads((folder / "config.json").read_text())
    header["text_config"]["rope_parameters"] = text["rope_parameters"]
    (folder / "config.json").write_text(json.dumps(header))
    means = {"image_mean": list(pixtral.MEAN), "image_std": list(pixtral.STD)}
    (folder / "preprocessor_config.json").write_text(json.dumps(means))
    (folder / "tokenizer_config.json").write_text(
        json.dumps({"added_tokens_decoder": {"12": {"content": "[IMG_BREAK]"}}})
    )


def convert(tree: Path, folder: Path, target: Path, *flags: str) -> None:
    """Run llama.cpp's script, without the vocabulary."""
    sys.path[:0] = [str(tree), str(tree / "gguf-py")]
    from conversion import deepseek, llama  # type: ignore[import-not-found]

    deepseek.DeepseekV2Model.set_vocab = llama.LlamaModel.set_vocab = lambda self: self._set_vocab_none()
    sys.argv = ["convert_hf_to_gguf.py", str(folder), "--outfile", str(target), "--outtype", "bf16", *flags]
    runpy.run_path(str(tree / "convert_hf_to_gguf.py"), run_name="__main__")


@torch.no_grad()
def expected(model: Any, pixels: Any) -> dict[str, Any]:
    """Logits behind text, and the vectors of an image."""
    found = model.model.get_image_features(pixel_values=pixels[None], image_sizes=torch.tensor([SIDES]))
    return {"logits": model(input_ids=torch.tensor([IDS])).logits[0].numpy(), "image": found.pooler_output[0].numpy()}


def main() -> None:
    """Write a model and its encoder per family, and the numbers."""
    tree = Path(sys.argv[1]).resolve()
    FOLDER.mkdir(parents=True, exist_ok=True)
    pixels = torch.from_numpy(np.random.default_rng(12).standard_normal((3, *SIDES)).astype(np.float32))
    numbers = {"ids": np.array(IDS), "pixels": pixels.numpy()}
    for name, text in TEXTS.items():
        rope = text["rope_parameters"]
        # Told so that transformers leaves YaRN's magnitude out, as this family wants (model.md 2.5).
        neutral = rope | {"mscale_all_dim": 0.0, "attention_factor": 1.0} if name == "mistral4" else rope
        model = model_of(name, text | {"rope_parameters": neutral})
        numbers |= {f"{name}.{key}": value for key, value in expected(model, pixels).items()}
        with tempfile.TemporaryDirectory() as parent:
            folder = Path(parent) / f"tiny-{name}"  # the converter writes its name into the file
            save(model, text, folder)
            convert(tree, folder, FOLDER / f"{name}.gguf")
            if name == "mistral4":
                convert(tree, folder, FOLDER / "mmproj.gguf", "--mmproj")
    np.savez_compressed(FOLDER / "expected.npz", **numbers)


if __name__ == "__main__":
    main()
