"""How long nano is trained, and how fast."""

from __future__ import annotations

from dataclasses import dataclass

from recipes.nano.parameters import Rounding
from recipes.nano.shape import LAYERS

CYCLE = 5  # no divisor of 24, as every 24th batch has a long text


@dataclass(frozen=True)
class Course:
    """Steps in which rates warm up, hold, then fall linearly to nothing (Hu et al. 2024, WSD)."""

    begin: int
    end: int
    top: float = 1.0  # of the plan's rates
    warm: int = 60
    fall: float = 0.35  # of the steps
    rounded: float = 0.5  # of the fall, its end, in which weights are rounded
    far_from: float = 0.8  # of the steps; then some conversations are as long as they are ever meant to be
    far_every: int = 96  # steps; a multiple of 24, as only every 24th batch has a long text at all
    coded: int = 1  # of a cycle of steps that round, those that round to four bits: quantised weights then lose less
    share: float = 1.0  # of what it learned, in the mean with the weights that it began with
    layers: int = LAYERS  # a course may have more than the one before it (see :mod:`.deepen`)

    def factor(self, step: int) -> float:
        """What the rates are multiplied by."""
        left = (self.end - step) / (self.fall * (self.end - self.begin))
        return self.top * min((step - self.begin + 1) / self.warm, left, 1.0)

    def is_far(self, step: int) -> bool:
        """Whether the batch of this step may be many times as long."""
        late = step >= self.begin + self.far_from * (self.end - self.begin)
        return late and step % self.far_every == self.far_every - 1

    def rounding(self, step: int) -> Rounding:
        """What this step computes with."""
        if step < self.end - self.rounded * self.fall * (self.end - self.begin):
            return Rounding.NONE
        return Rounding.CODED if (step + 1) % CYCLE < self.coded else Rounding.STORED


COURSES = (
    Course(0, 3950, layers=4),
    Course(3950, 7300, top=0.8, fall=0.5, far_from=0.6, layers=4),
    # Rates that fall from the beginning keep what was learned.
    Course(7300, 10100, top=0.5, fall=1.0, far_from=0.6, layers=4),
    Course(10100, 15900, top=0.6, fall=1.0, far_from=0.6, far_every=192),
    Course(15900, 24500, top=0.6, fall=1.0, far_from=0.6, far_every=192),
    Course(24500, 28500, top=0.5, fall=1.0, far_from=0.6, far_every=384, share=0.75),
    Course(28500, 33300, top=0.35, fall=1.0, rounded=0.25, far_from=0.6, far_every=384, coded=2, share=0.75),
)


@dataclass(frozen=True)
class Plan:
    """Courses one after the other; what one has learned, the next goes on with."""

    seed: int = 4
    courses: tuple[Course, ...] = COURSES
    tokens: int = 6144  # of a batch
    rate: float = 4e-3  # of Muon, for hidden matrices and those of the image encoder
    rate_adam: float = 2e-3  # of AdamW, for the rest
    weight_decay: float = 0.05
    balance: float = 0.01
    echo_until: int = 600  # step; until then, repetitions within prompts are learned, too
    sees_from: int = 3200  # step before which the image encoder is trained, and pictures come in

    @property
    def steps(self) -> int:
        """Of all courses."""
        return self.courses[-1].end

    def course(self, step: int) -> Course:
        """That ``step`` belongs to."""
        return next(course for course in self.courses if step < course.end)
