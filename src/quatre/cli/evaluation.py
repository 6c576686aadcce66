"""``quatre eval``: how well a model answers."""

from __future__ import annotations

import os
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from quatre.cli import options
from quatre.errors import ConfigError


def evaluation(
    model: options.OptionalModel = None,
    url: Annotated[
        str | None,
        typer.Option(help="An OpenAI-compatible server, with or without /v1.", show_default="one is started on MODEL"),
    ] = None,
    model_name: Annotated[
        str | None, typer.Option("--model", help="Name to ask for.", show_default="the first one served")
    ] = None,
    ability: Annotated[
        list[str] | None,
        typer.Option(help="Ability, or .jsonl file of cases; may be given several times.", show_default="all"),
    ] = None,
    effort: Annotated[str, typer.Option(help="Reasoning efforts to compare, with commas between.")] = "none,high",
    limit: Annotated[
        int | None, typer.Option(min=1, help="Cases of each ability, of all kinds alike.", show_default="all")
    ] = None,
    concurrency: Annotated[int, typer.Option(min=1, help="Requests at once.")] = 32,
    max_tokens: Annotated[int, typer.Option(min=1, help="Most tokens of an answer, with its reasoning.")] = 2048,
    by_kind: Annotated[bool, typer.Option("--by-kind", help="Also a line for each kind of case.")] = False,
    md: Annotated[bool, typer.Option("--md", help="Print Markdown.")] = False,
    out: Annotated[
        Path | None, typer.Option(help="JSON file for scores, tokens and wrong answers.", show_default="none")
    ] = None,
    plot: Annotated[Path | None, typer.Option(help="SVG file for the chart.", show_default="none")] = None,
) -> None:
    """Ask cases with known answers, at several reasoning efforts. Exit status 1 if a request fails."""
    from rich.console import Console

    from quatre.eval.child import serving
    from quatre.eval.run import Evaluation, evaluate

    if url is not None and model is not None:
        raise ConfigError(f"give a MODEL to start or the --url of a server, not both; --model {model} names one there")
    server = nullcontext(url) if url is not None else serving(str(options.model_or_nano(model, "eval")))
    key = os.environ.get("OPENAI_API_KEY")
    with server as address:
        run = Evaluation(
            url=address,
            model=model_name,
            headers={"authorization": f"Bearer {key}"} if key else {},
            abilities=tuple(ability or ()),
            efforts=tuple(word.strip() for word in effort.split(",")),
            limit=limit,
            concurrency=concurrency,
            max_tokens=max_tokens,
            by_kind=by_kind,
            markdown=md,
            out=out,
            plot=plot,
        )
        results = evaluate(run, Console())
    if results["failed"]:
        sys.exit(1)
