"""A short run learns, and a run that was stopped ends with the same weights as one that was not."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from quatre.formats.codebook4 import NON_LINEAR
from recipes.nano import parameters, vocabulary
from recipes.nano.crew import Crew
from recipes.nano.encode import Encoder
from recipes.nano.export import export
from recipes.nano.mixture import Pack, make
from recipes.nano.muon import orthogonal
from recipes.nano.parameters import Rounding
from recipes.nano.plan import Course, Plan
from recipes.nano.shape import PARAMS
from recipes.nano.train import BEGUN, Trainer, train

pytestmark = pytest.mark.torch
PLAN = Plan(courses=(Course(0, 100, warm=2),))


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """As in training: several would add gradients in any order."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def packs(tmp_path_factory: pytest.TempPathFactory) -> list[Pack]:
    encode = Encoder(vocabulary.write(tmp_path_factory.mktemp("tokenizer")))
    return [make(encode, random.Random(n), PLAN, n, 1024) for n in range(6)]


def test_the_loss_falls(packs: list[Pack]) -> None:
    trainer = Trainer(PLAN, Crew(0, 1))
    losses = [trainer.step(n, packs[n % 2])["loss"] for n in range(10)]
    assert losses[0] > 8  # no better than a guess among 4,096
    assert losses[-1] < 5.5


def test_a_stopped_run_goes_on_as_if_it_had_not_been(packs: list[Pack]) -> None:
    whole = Trainer(PLAN, Crew(0, 1))
    for n in range(4):
        whole.step(n, packs[n])
    first, second = Trainer(PLAN, Crew(0, 1)), Trainer(PLAN, Crew(0, 1))
    for n in range(2):
        first.step(n, packs[n])
    second.restore({name: tensor.clone() for name, tensor in first.tensors().items()})
    for n in range(2, 4):
        second.step(n, packs[n])
    for name, tensor in whole.tensors().items():
        torch.testing.assert_close(second.tensors()[name], tensor, rtol=0, atol=0, msg=name)


def test_batches_are_functions_of_their_number(tmp_path: Path) -> None:
    encode = Encoder(vocabulary.write(tmp_path))
    one, same = (make(encode, random.Random("4/0/7"), PLAN, 7, 1024) for _ in range(2))
    other = make(encode, random.Random("4/0/8"), PLAN, 8, 1024)
    assert one.ids.tolist() == same.ids.tolist()
    assert one.ids.tolist() != other.ids.tolist()


def test_targets_are_the_next_tokens_of_the_same_conversation(packs: list[Pack]) -> None:
    for pack in packs:
        assert (pack.ids[pack.wanted + 1] == pack.targets).all()
        assert not set((pack.wanted + 1).tolist()) & set(pack.starts.tolist())
        assert pack.starts[-1] == len(pack.ids) == len(pack.positions)
        assert (pack.positions[pack.starts[:-1]] >= 0).all()


def test_far_positions_grow_along_each_conversation(packs: list[Pack]) -> None:
    for pack in packs:
        for first, end in zip(pack.starts, pack.starts[1:], strict=False):
            places = pack.positions[first:end]
            assert (places[1:] > places[:-1]).all()
            assert places[-1] < 32768


def test_rates_rise_hold_and_fall() -> None:
    course = Course(0, 1000, warm=10, fall=0.3)
    assert course.factor(0) == 0.1
    assert course.factor(10) == course.factor(699) == 1
    assert 0 < course.factor(999) < 0.01
    assert course.rounding(849) is course.rounding(0) is Rounding.NONE
    assert [course.rounding(n) for n in range(850, 855)] == [Rounding.STORED] * 4 + [Rounding.CODED]
    assert course.rounding(848) is Rounding.NONE
    late = replace(course, rounded=0.25, coded=2)
    assert late.rounding(924) is Rounding.NONE
    assert [late.rounding(n) for n in range(926, 931)] == [Rounding.STORED] * 3 + [Rounding.CODED] * 2


def test_four_bits_are_the_nearest_numbers_of_the_code_book() -> None:
    name = "layers.0.experts.w1"
    table = [row for row in parameters.rows(PARAMS) if row.name == name]
    weight = torch.randn(table[0].shape, generator=torch.Generator().manual_seed(3))
    weight[0, 0, :32] = 0
    stored, coded = (
        parameters.rounded({name: weight}, table, rounding)[name].unflatten(-1, (-1, 32))
        for rounding in (Rounding.STORED, Rounding.CODED)
    )
    book = torch.from_numpy(NON_LINEAR)
    scale = stored.gather(-1, stored.abs().argmax(-1, keepdim=True)) / book[0]
    nearest = (book * scale[..., None] - stored[..., None]).abs().amin(-1)
    assert torch.allclose((coded - stored).abs(), nearest, atol=1e-6)
    assert (coded != stored).float().mean() > 0.5
    assert (coded[0, 0, 0] == 0).all()


def test_a_second_course_warms_up_again() -> None:
    first, second = Course(0, 100), Course(100, 300, top=0.5, warm=20, fall=0.5)
    plan = Plan(courses=(first, second))
    assert plan.steps == 300
    assert plan.course(99) is first
    assert plan.course(100) is second
    assert second.factor(100) == 0.5 / 20
    assert second.factor(150) == 0.5
    assert 0 < second.factor(299) < 0.01
    assert second.rounding(249) is Rounding.NONE
    assert second.rounding(250) is Rounding.STORED


def test_a_run_goes_on_from_an_exported_checkpoint(tmp_path: Path) -> None:
    trained = Trainer(PLAN, Crew(0, 1))
    vocabulary.write(tmp_path)
    save_file({name: weight.detach() for name, weight in trained.weights.items()}, tmp_path / "weights.safetensors")
    export(tmp_path, tmp_path / "exported")
    again = parameters.read(tmp_path / "exported")
    assert set(again) == set(trained.weights)
    for name, weight in trained.weights.items():  # but for the rounding to eight bits
        torch.testing.assert_close(
            again[name], weight.detach(), rtol=0.07, atol=0.02 * float(weight.detach().abs().max())
        )


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("first-course")
    vocabulary.write(out)
    fresh = parameters.fresh(PARAMS, 3)
    save_file({name: weight.detach() for name, weight in fresh.items()}, out / "weights.safetensors")
    export(out, out / "exported")
    return out / "exported"


def test_the_last_course_begins_with_a_checkpoint_of_the_ones_before(exported: Path, tmp_path: Path) -> None:
    vocabulary.write(tmp_path)
    unmoved = Course(2, 4, top=0.0)
    train(Plan(courses=(Course(0, 2), unmoved), tokens=600), tmp_path, Crew(0, 1), after=exported)
    lines = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == [4]
    assert 600 < lines[0]["tokens"] < 2400  # of two steps, not of four
    weights = load_file(tmp_path / "weights.safetensors")
    for name, weight in parameters.read(exported).items():
        torch.testing.assert_close(weights[name], weight, rtol=0, atol=0, msg=name)


def test_a_course_ends_in_the_mean_with_its_beginning(exported: Path, tmp_path: Path) -> None:
    vocabulary.write(tmp_path)
    train(Plan(courses=(Course(0, 2), Course(2, 4, share=0.75)), tokens=600), tmp_path, Crew(0, 1), after=exported)
    learned, mean = load_file(tmp_path / "checkpoint-000004-0.safetensors"), load_file(tmp_path / "weights.safetensors")
    for name, before in parameters.read(exported).items():
        torch.testing.assert_close(mean[name], before + 0.75 * (learned[f"weight/{name}"] - before), msg=name)
    moved = learned["weight/layers.0.attention.wo"] - mean["layers.0.attention.wo"]
    assert moved.abs().max() > 0


def test_the_next_course_begins_with_the_mean(tmp_path: Path) -> None:
    vocabulary.write(tmp_path)
    courses = (Course(0, 2), Course(2, 4, share=0.25), Course(4, 5))
    train(Plan(courses=courses[:2], tokens=600), tmp_path, Crew(0, 1))
    mean = load_file(tmp_path / "weights.safetensors")
    train(Plan(courses=courses, tokens=600), tmp_path, Crew(0, 1))  # goes on from the last checkpoint
    begun = load_file(tmp_path / BEGUN.format(4))
    assert begun.keys() == mean.keys()
    for name, weight in mean.items():
        torch.testing.assert_close(begun[name], weight, msg=name)
    learned = load_file(tmp_path / "checkpoint-000005-0.safetensors")
    assert (learned["weight/layers.0.attention.wo"] - mean["layers.0.attention.wo"]).abs().max() > 0


def test_a_first_course_is_not_thrown_away_for_a_checkpoint(exported: Path, tmp_path: Path) -> None:
    vocabulary.write(tmp_path)
    train(Plan(courses=(Course(0, 2),), tokens=600), tmp_path, Crew(0, 1))
    with pytest.raises(SystemExit, match="go on with it without --after"):
        train(Plan(courses=(Course(0, 3), Course(3, 4)), tokens=600), tmp_path, Crew(0, 1), after=exported)


def test_orthogonal_makes_singular_values_alike() -> None:
    stack = torch.randn(3, 24, 40, generator=torch.Generator().manual_seed(0))
    values = torch.linalg.svdvals(orthogonal(stack))
    assert values.min() > 0.5
    assert values.max() < 1.3
