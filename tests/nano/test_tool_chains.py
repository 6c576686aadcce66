"""Requests that take two calls, one after the other."""

from __future__ import annotations

import itertools
import json
import random
from collections import Counter

import pytest

from recipes.nano.abilities import tool_chains, tools
from recipes.nano.abilities.tool_specs import BY_SPLIT, DOMAINS

COUNT = 400


def made(effort="none"):
    return [tools._two_calls(random.Random(seed), effort) for seed in range(COUNT)]


def calls_of(message):
    return [
        (one["function"]["name"], json.loads(one["function"]["arguments"])) for one in message.get("tool_calls", ())
    ]


@pytest.mark.parametrize("chain", tool_chains.CHAINS, ids=[chain.first.domain for chain in tool_chains.CHAINS])
def test_a_request_gives_all_but_what_the_first_call_finds(chain):
    slots = {one.slot for one in (*chain.first.parameters, *chain.second.parameters)}
    assert chain.field in dict(chain.first.results)
    assert chain.slot in {one.slot for one in chain.second.parameters}
    for template in chain.templates:
        text = "".join(piece for piece, _ in template)
        assert {slot for slot in slots if "{" + slot + "}" in text} == slots - {chain.slot}
    kinds = dict(chain.first.results)
    taken = next(one.kind for one in chain.second.parameters if one.slot == chain.slot)
    assert taken.split()[0] == kinds[chain.field].split()[0] or {taken, kinds[chain.field]} <= {"person", "company"}


def test_none_is_a_tool_of_the_tests():
    held_out = {
        (verb, noun)
        for domain in BY_SPLIT["test"]
        for spec in DOMAINS[domain]
        for verb, noun in itertools.product(spec.verbs, spec.nouns)
    }
    for chain in tool_chains.CHAINS:
        for spec in (chain.first, chain.second):
            assert not held_out & set(itertools.product(spec.verbs, spec.nouns))


def test_the_second_call_takes_what_the_first_returned():
    ends: Counter[str] = Counter()
    for example in made("high"):
        ends[example.kind] += 1
        for asked, first, result, then in zip(*(example.messages[i:] for i in range(4)), strict=False):
            if [m["role"] for m in (asked, first, result, then)] != ["user", "assistant", "tool", "assistant"]:
                continue
            returned = json.loads(result["content"])
            if "error" in returned:
                assert then["content"] == f"That did not work: {returned['error']}."
                ends["fails"] += 1
                continue
            ((_, arguments),) = calls_of(then)
            returned = returned[0] if isinstance(returned, list) else returned
            assert any(value in returned.values() for value in arguments.values())
            assert all(str(value) in asked["content"] for value in calls_of(first)[0][1].values())
            ends["chained"] += 1
    assert ends["chained"] > COUNT
    assert min(ends["fails"], ends["answer"], ends["second-step"]) > COUNT / 20
