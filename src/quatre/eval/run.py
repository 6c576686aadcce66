"""``quatre eval``: all cases at all efforts, many at once; the numbers, and the files asked for."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from time import perf_counter
from typing import Any

import httpx
from rich.console import Console

from quatre import __version__
from quatre.bench.load import first_model, open_client
from quatre.errors import ConfigError
from quatre.eval import cases as registry
from quatre.eval.answer import ask, body
from quatre.eval.cases import Case
from quatre.eval.judge import has_form, problem
from quatre.eval.plot import plot
from quatre.eval.report import lines_of, markdown, table
from quatre.eval.score import Outcome, Variant, scores
from quatre.llm.progress import progress_bar


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """Options of a run. ``abilities``: names or files of cases; empty for all. ``limit``: cases of each."""

    url: str
    model: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    abilities: tuple[str, ...] = ()
    efforts: tuple[str, ...] = ("none", "high")
    limit: int | None = None
    concurrency: int = 32
    max_tokens: int = 2048
    by_kind: bool = False
    markdown: bool = False
    out: Path | None = None
    plot: Path | None = None

    def __post_init__(self) -> None:
        if not self.efforts or "" in self.efforts:
            raise ConfigError("name the reasoning efforts to try, such as none,high")
        if self.plot is not None and self.plot.suffix != ".svg":
            raise ConfigError(f"plots are SVG files; give a name that ends in .svg, got {self.plot}")

    def cases(self) -> list[Case]:
        """What is asked. ConfigError if that is nothing."""
        found = [case for name in self.abilities or registry.names() for case in registry.load(name, self.limit)]
        if not found:
            raise ConfigError("there are no cases to ask")
        return found


def evaluate(options: Evaluation, console: Console) -> dict[str, Any]:
    """Ask, print the table, write the files; the results. ConfigError if the server cannot be used."""
    cases = options.cases()
    began = perf_counter()
    model, outcomes = asyncio.run(_run(options, cases))
    lines = lines_of(scores(outcomes))
    kinds = scores(outcomes, by_kind=True)
    results = {
        "date": datetime.now().astimezone().isoformat(timespec="seconds"),
        "quatre": __version__,
        "model": model,
        "efforts": options.efforts,
        "temperature": 0,
        "max_tokens": options.max_tokens,
        "concurrency": options.concurrency,
        "duration": perf_counter() - began,
        "failed": sum(outcome.answer.error is not None for outcome in outcomes),
        "scores": [asdict(score) for score in (*scores(outcomes), *kinds)],
        "answers": [_record(outcome) for outcome in outcomes],
    }
    for shown in (lines, lines_of(kinds) if options.by_kind else []):
        if shown and options.markdown:
            console.print(markdown(shown), markup=False, highlight=False, soft_wrap=True)
        elif shown:
            console.print(table(f"{model}: right answers in %, with 95 % intervals", shown, console))
    for message in dict.fromkeys(outcome.answer.error for outcome in outcomes if outcome.answer.error is not None):
        console.print(message, style="red", markup=False)
    _save(options, results, plot(f"{model}: right answers, with 95 % intervals", lines), console)
    return results


async def _run(options: Evaluation, cases: Sequence[Case]) -> tuple[str, list[Outcome]]:
    base = options.url.rstrip("/").removesuffix("/v1")
    async with open_client() as client:
        model = options.model or await first_model(client, base, dict(options.headers))
        places = asyncio.Semaphore(options.concurrency)
        asked = [trial for case in cases for trial in _trials(case, options.efforts)]
        with progress_bar("answers", len(asked)) as advance:

            async def one(case: Case, variant: Variant, effort: str) -> Outcome:
                async with places:
                    outcome = await _outcome(
                        client, f"{base}/v1/chat/completions", model, options, case, variant, effort
                    )
                advance(outcome.answer.completion_tokens)
                return outcome

            return model, await asyncio.gather(*(one(*trial) for trial in asked))


def _trials(case: Case, efforts: Sequence[str]) -> list[tuple[Case, Variant, str]]:
    variants: list[Variant] = [] if case.only_constrained else ["free"]
    if case.may_be_constrained:
        variants.append("constrained")
    return [(case, variant, effort) for variant in variants for effort in efforts]


async def _outcome(
    client: httpx.AsyncClient, url: str, model: str, options: Evaluation, case: Case, variant: Variant, effort: str
) -> Outcome:
    request = body(case, model, effort, options.max_tokens, constrained=variant == "constrained")
    answer = await ask(client, url, request, options.headers)
    return Outcome(
        case=case,
        variant=variant,
        effort=effort,
        answer=answer,
        wrong=problem(case.expect, answer),
        valid=has_form(case, answer),
    )


def _record(outcome: Outcome) -> dict[str, Any]:
    """An answer in the file of results: in full if it is wrong."""
    case, answer = outcome.case, outcome.answer
    kept = {
        "id": case.id,
        "ability": case.ability,
        "kind": case.kind,
        "variant": outcome.variant,
        "effort": outcome.effort,
        "right": outcome.wrong is None,
        "valid": outcome.valid,
        "reasoning_tokens": answer.reasoning_tokens,
        "content_tokens": answer.completion_tokens - answer.reasoning_tokens,
        "seconds": round(answer.seconds, 4),
    }
    if outcome.wrong is None:
        return kept
    given = {"content": answer.content, "reasoning": answer.reasoning, "calls": answer.calls}
    return {
        **kept,
        "wrong": outcome.wrong,
        "expect": case.expect,
        "finish_reason": answer.finish_reason,
        "answer": given,
    }


def _save(options: Evaluation, results: Mapping[str, Any], chart: str, console: Console) -> None:
    texts = {options.out: json.dumps(results, ensure_ascii=False, indent=1) + "\n", options.plot: chart}
    for path, text in texts.items():
        if path is None:
            continue
        try:
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise ConfigError(f"cannot write {path}: {error.strerror}") from error
        console.print(f"Saved {path}", markup=False, highlight=False)
