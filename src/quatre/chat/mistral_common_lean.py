"""mistral-common without what its prompts do not need: importing it takes 0.2 s instead of 0.5 s.

It imports a client for downloads, a checker of JSON schemas, the languages of recordings, the hub and OpenCV before
anybody asks for them. Here they are absent, or come when they are first used, as the models of its requests do.
Imported for this effect before any part of mistral-common, by the one file that uses it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any

from quatre.chat.built_when_used import built_when_used

LATER = ("requests", "jsonschema", "jsonschema.exceptions", "cv2")
ABSENT = ("huggingface_hub", "soundfile")  # optional ones: mistral-common notices and does without
LANGUAGES = "pydantic_extra_types.language_code"


class _Later(ModuleType):
    """Stands for a module until something of it is used."""

    def __getattr__(self, name: str) -> Any:
        return getattr(import_module(self.__name__), name)


@contextmanager
def _lean() -> Iterator[None]:
    languages: Any = ModuleType(LANGUAGES)
    languages.LanguageAlpha2 = str  # only a field of recordings has this type
    stand_ins: dict[str, ModuleType | None] = {name: _Later(name) for name in LATER}
    stand_ins |= dict.fromkeys(ABSENT) | {LANGUAGES: languages}
    placed = {name: module for name, module in stand_ins.items() if name not in sys.modules}
    sys.modules.update(placed)  # type: ignore[arg-type]  # None is the import system's word for "there is none"
    try:
        yield
    finally:
        for name in placed:
            sys.modules.pop(name, None)


with built_when_used(), _lean():
    import mistral_common.protocol.instruct.normalize
    import mistral_common.protocol.instruct.validator
    import mistral_common.tokens.tokenizers.instruct
    import mistral_common.tokens.tokenizers.mistral  # noqa: F401
