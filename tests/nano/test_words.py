"""Words that are said again are cut as they were."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recipes.nano import vocabulary
from recipes.nano.encode import Encoder
from recipes.nano.mixture import MODULES
from recipes.nano.vocabulary import SPECIALS
from recipes.nano.words import Words


@pytest.fixture(scope="module")
def encode(tmp_path_factory: pytest.TempPathFactory) -> Encoder:
    return Encoder(vocabulary.write(tmp_path_factory.mktemp("tokenizer")))


def pieces(encode: Encoder, ids: list[int]) -> list[str]:
    return [encode.piece(token).decode(errors="replace") for token in ids]


def test_behind_another_sign_a_word_keeps_its_cuts(encode: Encoder) -> None:
    usual = Words(encode.cutter)
    assert pieces(encode, usual.read("in ancient")) == ["in", " an", "c", "ient"]
    assert pieces(encode, Words(encode.cutter).say('"ancient"')) == ['"', "anc", "ient", '"']
    assert pieces(encode, usual.say('"ancient"')) == ['"', "an", "c", "ient", '"']


def test_behind_the_same_sign_it_is_cut_as_usual_and_the_latest_counts(encode: Encoder) -> None:
    words = Words(encode.cutter)
    words.read("in ancient")
    assert pieces(encode, words.say(" ancient ancient")) == [" an", "c", "ient"] * 2
    words.read("\nancient")
    assert pieces(encode, words.say('("ancient_ancient')) == ['("', "anc", "ient", "_", "anc", "ient"]


TEXT = st.text(st.sampled_from([*"aeioustnßéÜ中の \n\"'_-.12"]), max_size=60)


@given(st.lists(TEXT, min_size=1, max_size=4))
def test_texts_stay_what_they_are(encode: Encoder, texts: list[str]) -> None:
    words, tekken = Words(encode.cutter), encode.cutter.cut
    for text in texts[:-1]:
        assert words.read(text) == list(tekken(text))
    said = words.say(texts[-1])
    assert b"".join(map(encode.piece, said)) == texts[-1].encode()
    assert Words(encode.cutter).read(texts[-1]) == list(tekken(texts[-1]))


@pytest.mark.parametrize("ability", ["tools", "extraction", "copying"])
def test_answers_learned_are_those_served_but_for_the_cuts(encode: Encoder, ability: str) -> None:
    rng, changed = random.Random(5), 0
    for _ in range(40):
        example = MODULES[ability].example(rng, "train", "high")
        texts = []
        for encoded in (encode(example), encode(example, as_served=True)):
            marked = zip(encoded.ids, encoded.learned, strict=True)
            texts.append([encode.piece(token) for token, learned in marked if learned and token >= SPECIALS])
        assert b"".join(texts[0]) == b"".join(texts[1])
        changed += texts[0] != texts[1]
    assert 3 < changed < 40
