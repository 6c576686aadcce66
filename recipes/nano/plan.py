"""How long nano is trained, and how fast."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    """Warm up, hold, then fall linearly to nothing (Hu et al. 2024, WSD); in the fall, weights are FP8 as stored."""

    seed: int = 4
    steps: int = 3950
    tokens: int = 6144  # of a batch
    rate: float = 4e-3  # of Muon, for hidden matrices
    rate_adam: float = 2e-3  # of AdamW, for the rest
    rate_eye: float = 3e-4  # of AdamW, for the image encoder, which has been trained before (see :mod:`.eye`)
    weight_decay: float = 0.05
    balance: float = 0.01
    warm: int = 60
    fall: float = 0.35  # of the steps
    echo_until: int = 600  # step; until then, repetitions within prompts are learned, too
    sees_from: int = 3200  # step before which the image encoder is trained, and pictures come in
    far_from: float = 0.8  # of the steps; then some conversations are as long as they are ever meant to be

    def factor(self, step: int) -> float:
        """What the rates are multiplied by."""
        left = (self.steps - step) / (self.fall * self.steps)
        return min((step + 1) / self.warm, left, 1.0)

    def is_far(self, step: int) -> bool:
        """Whether batches of this step may be many times as long."""
        return step >= self.steps * self.far_from

    def is_float8(self, step: int) -> bool:
        """Whether this step computes with rounded weights."""
        return step >= self.steps * (1 - self.fall / 2)
