"""A conversation → the tokens that nano learns from, in the layout of Small 4's prompts (model.md 6.2).

``tests/nano/test_encode.py`` holds it against mistral-common, which writes the prompts when nano is served. It exists
beside it because training must know which tokens are the assistant's, and makes a hundred thousand conversations.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from mistral_common.tokens.tokenizers.tekken import Tekkenizer
from numpy.typing import NDArray
from PIL import Image

from quatre.chat.pictures import pixels
from recipes.nano.example import Example
from recipes.nano.vocabulary import CONTROL, MAX_IMAGE
from recipes.nano.words import Cutter, Words

ID = {name: place for place, name in CONTROL.items()}
UNIT = 28  # pixels of a side that become one token


@dataclass
class Encoded:
    """``learned[i]``: whether token i is to be predicted. ``images``: their pixels, and where their vectors stand."""

    ids: list[int] = field(default_factory=list)
    learned: list[bool] = field(default_factory=list)
    images: list[tuple[NDArray[np.float32], list[int]]] = field(default_factory=list)

    def add(self, ids: Sequence[int], learned: bool = False) -> None:
        self.ids += ids
        self.learned += [learned] * len(ids)


class Encoder:
    """Of one ``tekken.json``."""

    def __init__(self, path: Path) -> None:
        tekken = Tekkenizer.from_file(path)
        self.piece = tekken.id_to_byte_piece
        self.cutter = Cutter(path, lambda text: tuple(tekken.encode(text, bos=False, eos=False)), self.piece)

    def text(self, text: str) -> list[int]:
        """Its tokens."""
        return Words(self.cutter).read(text)

    def __call__(
        self, example: Example, drawn: Sequence[NDArray[np.uint8]] = (), *, as_served: bool = False
    ) -> Encoded:
        """``drawn`` are the pictures that the parts ``image:0``, ``image:1``, … stand for. ``as_served``: with earlier
        answers as a server reads them, not as they were written."""
        out, words = Encoded(), Words(self.cutter)
        out.add([ID["<s>"]])
        settled = False
        for i, message in enumerate(example.messages):
            role, content = message["role"], message.get("content")
            if role == "system":
                out.add([ID["[SYSTEM_PROMPT]"], *words.read(content), ID["[/SYSTEM_PROMPT]"]])
            elif role == "user":
                if not settled:
                    self._settings(out, words, example)
                    settled = True
                out.add([ID["[INST]"]])
                self._parts(out, words, content, drawn)
                out.add([ID["[/INST]"]])
            elif role == "tool":
                out.add([ID["[TOOL_RESULTS]"]])
                self._parts(out, words, content, drawn)
                out.add([ID["[/TOOL_RESULTS]"]])
            else:
                say = words.read if as_served or i in example.unlearned else words.say
                self._answer(out, message, say, i not in example.unlearned, example.given.get(i, frozenset()))
        return out

    def _settings(self, out: Encoded, words: Words, example: Example) -> None:
        if example.tools:
            listed = [{"type": "function", "function": _function(tool["function"])} for tool in example.tools]
            out.add([ID["[AVAILABLE_TOOLS]"], *words.read(_json(listed)), ID["[/AVAILABLE_TOOLS]"]])
        settings = _json({"reasoning_effort": example.effort})
        out.add([ID["[MODEL_SETTINGS]"], *words.read(settings), ID["[/MODEL_SETTINGS]"]])

    def _parts(self, out: Encoded, words: Words, content: Any, drawn: Sequence[NDArray[np.uint8]]) -> None:
        if isinstance(content, str):
            out.add(words.read(content))
            return
        parts = list(content)
        if len(parts) > 1 and parts[-1]["type"] != "text" and all(part["type"] == "text" for part in parts[:-1]):
            parts = [parts[-1], *parts[:-1]]  # mistral-common moves a last image to the front
        for part in parts:
            if part["type"] == "text":
                out.add(words.read(part["text"]))
            else:
                self._image(out, drawn[int(part["image_url"]["url"].removeprefix("image:"))])

    def _image(self, out: Encoded, drawn: NDArray[np.uint8]) -> None:
        columns, rows = grid(drawn.shape[1], drawn.shape[0])
        first = len(out.ids)
        ids = ([ID["[IMG]"]] * columns + [ID["[IMG_BREAK]"]]) * rows
        ids[-1] = ID["[IMG_END]"]
        out.add(ids)
        places = [first + i for i, token in enumerate(ids) if token == ID["[IMG]"]]
        out.images.append((pixels(Image.fromarray(drawn), columns * UNIT, rows * UNIT), places))

    def _answer(
        self,
        out: Encoded,
        message: Mapping[str, Any],
        say: Callable[[str], list[int]],
        learned: bool,
        given: frozenset[str],
    ) -> None:
        if message.get("reasoning_content"):
            thought = say(message["reasoning_content"])
            out.add([ID["[THINK]"], *thought, ID["[/THINK]"]], learned)
        content = (message.get("content") or "").rstrip(" ")
        ids = say(content)
        out.add(ids, learned)
        if given and learned and ids:
            out.learned[-len(ids) :] = self._not_given(content, ids, given)
        for call in message.get("tool_calls") or ():
            name, arguments = call["function"]["name"], _json(json.loads(call["function"]["arguments"]))
            out.add([ID["[TOOL_CALLS]"], *say(name), ID["[ARGS]"], *say(arguments)], learned)
        out.add([ID["</s>"]], learned)

    def _not_given(self, content: str, ids: Sequence[int], given: frozenset[str]) -> list[bool]:
        """For each token of an answer in JSON, whether none of it is a key that was given, with its quotation marks."""
        text, free = content.encode(), [True] * len(content.encode())
        for key in given:
            for found in re.finditer(re.escape(f"{json.dumps(key, ensure_ascii=False)}:".encode()), text):
                free[found.start() : found.end()] = [False] * len(found[0])
        ends = np.cumsum([len(self.piece(token)) for token in ids]).tolist()
        return [all(free[first:last]) for first, last in pairwise((0, *ends))]


def grid(width: int, height: int) -> tuple[int, int]:
    """Columns and rows of tokens of a picture (model.md 5)."""
    ratio = max(width, height) / MAX_IMAGE
    if ratio > 1:
        width, height = max(round(width / ratio), 1), max(round(height / ratio), 1)
    return (width - 1) // UNIT + 1, (height - 1) // UNIT + 1


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _function(function: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": function["name"],
        "description": function.get("description", ""),
        "parameters": function.get("parameters", {}),
    }
