"""Up-projections of latent attention in every format that has panels, stored either way round."""

from __future__ import annotations

import numpy as np
import pytest
from attention_cases import ISAS, LatentCase, relative_error

from quatre.formats.affine4 import Q4_1
from quatre.formats.base import Format
from quatre.formats.codebook4 import Q4_0
from quatre.formats.floats import BF16, F16, F32
from quatre.formats.kquants import Q4_K, Q6_K
from quatre.formats.q8 import Q8_0
from quatre.formats.registry import BY_NAME
from quatre.ops.native_backend import NativeOps
from random_blocks import set_scales


def with_random_codes(name: str) -> Format:
    """A format that we only read, with an encoder that makes up codes."""

    def encode(values):
        rng = np.random.default_rng(3)
        blocks = rng.integers(0, 256, (values.size // fmt.group, fmt.group_bytes), np.uint8)
        set_scales(fmt, blocks, rng.uniform(1e-4, 1e-3, (len(blocks), 2)))
        return blocks

    fmt = BY_NAME[name]
    return Format(fmt.name, fmt.group, fmt.group_bytes, fmt.decode, encode)


READ_ONLY = "iq4_nl q2_k q5_k iq1_s iq1_m iq2_xxs iq2_xs iq2_s iq3_xxs iq3_s".split()
FORMATS = [F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q4_K, Q6_K, *map(with_random_codes, READ_ONLY)]


@pytest.mark.parametrize("isa", ISAS)
@pytest.mark.parametrize("weights", FORMATS, ids=lambda fmt: fmt.name)
@pytest.mark.parametrize("transposed", [False, True])
def test_every_format(isa, weights, transposed):
    nope = 256 if transposed else 35  # rows of the file must be whole groups
    sizes = {"heads": 2, "nope": nope, "rope": 4, "v": 21, "latent": 256}
    case = LatentCase(NativeOps(2, isa, "f32"), [20], weights=weights, transposed=transposed, **sizes)
    case.store()
    expected = np.stack([case.expected(0, p) for p in range(20)])
    assert np.linalg.norm(expected) > 0.1
    for absorbed in (False, True):
        assert relative_error(case.attend({0: (0, 20)}, absorbed), expected) < 3e-6


@pytest.mark.parametrize("isa", ISAS)
def test_both_ways_round_give_the_same_bits(isa):
    """The layout in the file is not part of a result."""
    ops = NativeOps(1, isa, "bf16")
    plain, turned = LatentCase(ops, [40]), LatentCase(ops, [40], transposed=True)
    for case in (plain, turned):
        case.store()
    for absorbed in (False, True):
        np.testing.assert_array_equal(plain.attend({0: (0, 40)}, absorbed), turned.attend({0: (0, 40)}, absorbed))


@pytest.mark.parametrize("isa", ISAS)
@pytest.mark.parametrize("weights", FORMATS, ids=lambda fmt: fmt.name)
@pytest.mark.parametrize("transposed", [False, True])
def test_few_tokens_and_many_give_the_same_bits(isa, weights, transposed):
    """Few are multiplied with the panels as they are, many with numbers that were unpacked before."""
    sizes = {"heads": 3, "nope": 256 if transposed else 35, "rope": 4, "v": 101, "latent": 256}
    case = LatentCase(NativeOps(2, isa, "f32"), [40], weights=weights, transposed=transposed, **sizes)
    case.store()
    together = case.attend({0: (0, 40)}, absorbed=True)
    for first, count in ((0, 1), (7, 2), (20, 3), (39, 1)):
        few = case.attend({0: (first, count)}, absorbed=True)
        np.testing.assert_array_equal(few, together[first : first + count])
