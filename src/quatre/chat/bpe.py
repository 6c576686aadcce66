"""Byte-level BPE vocabularies through the ``tokenizers`` library, and prompts from a checkpoint's own chat template.

The two kinds of file that such vocabularies come in are read by :mod:`quatre.chat.gguf_bpe` and
:mod:`quatre.chat.hf_bpe`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from tokenizers import Tokenizer

from quatre.chat.fim import PREFIX, SUFFIX, check_fim
from quatre.chat.history import with_sound_calls
from quatre.chat.image_tokens import ImageTokens, image_tokens
from quatre.chat.markup import find_markup
from quatre.chat.messages import Turn, about, read_messages, without_images
from quatre.chat.pictures import Allowance, open_picture
from quatre.chat.surrogates import whole_characters
from quatre.chat.tokenizer import Message
from quatre.errors import RequestError
from quatre.model.pixtral import PixtralConfig

if TYPE_CHECKING:
    from PIL.Image import Image

    from quatre.chat.template import ChatTemplate
    from quatre.chat.traced import Traced

# Control tokens that end an answer, for files that name only one of those they have.
TURN_ENDS = frozenset(
    "<|im_end|> <|eot_id|> <|eom_id|> <|end|> <|return|> <end_of_turn> <|endoftext|> <|end_of_text|> </s>".split()
)


@dataclass(frozen=True, kw_only=True)
class Vocabulary:
    """What a file says of its tokens.

    ``tokenizer``: text → ids; never finds a control token in text. ``controls``: tokens that only the template writes,
    by spelling. ``hidden``: those of them, and others, that are no text when the model writes them. ``literal``: tokens
    that are spelled as they are, and not in the alphabet that stands for bytes.
    """

    tokenizer: Tokenizer
    size: int
    controls: Mapping[str, int]
    hidden: frozenset[int]
    literal: frozenset[int]
    bos_id: int | None  # None if texts do not begin with one
    end_ids: frozenset[int]


@dataclass(frozen=True, kw_only=True)
class Prompting:
    """How a checkpoint writes conversations. ``special``: words for the template (``bos_token``, …).

    ``where`` names the checkpoint in errors. ``begins``: a prompt gets the begin token if the template forgot it.
    """

    source: str | None
    where: str
    special: Mapping[str, str] = field(default_factory=dict)
    begins: bool = False


class BPETokenizer:
    """The tokenizer of one checkpoint. The template is compiled when the first conversation comes."""

    def __init__(self, vocabulary: Vocabulary, prompting: Prompting) -> None:
        controls = vocabulary.controls
        self.vocab_size = vocabulary.size
        self.bos_id = vocabulary.bos_id
        self.end_ids = vocabulary.end_ids | {controls[text] for text in TURN_ENDS & controls.keys()}
        self._vocabulary = vocabulary
        self._tokenizer = vocabulary.tokenizer
        self._prompting = prompting
        self.template = prompting.source
        self._images: ImageTokens | None = None
        self._spelled = {token: text for text, token in controls.items()}
        self.markup = find_markup(self._token_of, prompting.source or "")
        self.efforts = _efforts(prompting.source or "")

    def _token_of(self, spelling: str) -> int | None:
        token = self._vocabulary.controls.get(spelling)
        return self._tokenizer.token_to_id(spelling) if token is None else token

    def encode(self, text: str, *, bos: bool) -> list[int]:
        """See :class:`quatre.chat.tokenizer.Tokenizer`. ``bos`` does nothing for models that know no begin token."""
        ids: list[int] = self._tokenizer.encode(whole_characters(text), add_special_tokens=False).ids
        return [self.bos_id, *ids] if bos and self.bos_id is not None else ids

    def decode(self, ids: Sequence[int]) -> str:
        """See :class:`quatre.chat.tokenizer.Tokenizer`."""
        return b"".join(map(self.token_bytes, ids)).decode(errors="replace")

    def token_bytes(self, token: int) -> bytes:
        """See :class:`quatre.chat.tokenizer.Tokenizer`. Empty for ids outside the vocabulary, too."""
        if token in self._vocabulary.hidden or not 0 <= token < self.vocab_size:
            return b""
        spelling: str = self._spelled.get(token) or self._tokenizer.id_to_token(token) or ""
        if token not in self._vocabulary.literal and BYTE_OF.keys() >= set(spelling):
            return bytes(map(BYTE_OF.__getitem__, spelling))
        return spelling.encode()

    def vocabulary(self) -> list[bytes]:
        """See :class:`quatre.chat.tokenizer.Tokenizer`."""
        return [self.token_bytes(token) for token in range(self.vocab_size)]

    def token_name(self, token: int) -> str:
        """See :class:`quatre.chat.tokenizer.Tokenizer`."""
        if token in self._vocabulary.hidden:
            return self._spelled.get(token, f"<{token}>")
        return self.token_bytes(token).decode(errors="replace") or f"<{token}>"

    def chat_prompt(
        self,
        messages: Sequence[Message],
        *,
        tools: Sequence[Mapping[str, Any]] | None = None,
        reasoning_effort: str | None = None,
    ) -> list[int]:
        """See :class:`quatre.chat.tokenizer.Tokenizer`. A last assistant message with ``prefix`` is continued."""
        turns = with_sound_calls(read_messages(messages))
        if self._images is None:
            without_images(turns)
        pictures = _pictures(turns)
        text = self._template.render(turns, tools=tools, reasoning_effort=reasoning_effort)
        ids = [id for piece in self._pieces(text) for id in self._piece_ids(piece)]
        if self._prompting.begins and self.bos_id is not None and ids[:1] != [self.bos_id]:
            ids = [self.bos_id, *ids]
        return ids if self._images is None else self._images.prompt(ids, pictures)

    def see(self, encoder: PixtralConfig | None) -> None:
        """Take images from now on, if the vocabulary has tokens for them and there is an encoder."""
        self._images = image_tokens(self._vocabulary.controls, encoder)

    def fim_prompt(self, prompt: str, suffix: str) -> list[int]:
        """See :class:`quatre.chat.tokenizer.Tokenizer`."""
        controls = self._vocabulary.controls
        check_fim(controls.get)
        begin = [] if self.bos_id is None else [self.bos_id]
        after, before = (self.encode(text, bos=False) for text in (suffix, prompt))
        return [*begin, controls[SUFFIX], *after, controls[PREFIX], *before]

    # -- A rendered prompt -------------------------------------------------------------------------------------

    def _pieces(self, text: Traced) -> Iterator[str | int]:
        """The control tokens that the template wrote, and all text between them in one piece each."""
        at = 0
        for start, stop in text.own:
            for match in self._control_pattern.finditer(text, start, stop):
                if at < match.start():
                    yield text[at : match.start()]
                yield self._vocabulary.controls[match[0]]
                at = match.end()
        if at < len(text):
            yield text[at:]

    def _piece_ids(self, piece: str | int) -> list[int]:
        return [piece] if isinstance(piece, int) else self.encode(piece, bos=False)

    @cached_property
    def _control_pattern(self) -> re.Pattern[str]:
        longest_first = sorted(self._vocabulary.controls, key=len, reverse=True)
        return re.compile("|".join(map(re.escape, longest_first)) or "(?!)")

    @cached_property
    def _template(self) -> ChatTemplate:
        from quatre.chat.template import ChatTemplate  # with Jinja, which completions can do without

        if self._prompting.source is None:
            raise RequestError(
                f"{self._prompting.where} has no chat template, so it cannot answer conversations; "
                "use completions with a prompt as text",
                param="messages",
            )
        return ChatTemplate(self._prompting.source, self._prompting.where, self._prompting.special)


def _pictures(turns: Sequence[Turn]) -> list[Image]:
    pictures: list[Image] = []
    allowance = Allowance()
    for place, turn in enumerate(turns):
        with about(place):
            pictures += [open_picture(part.text, allowance) for part in turn.parts if part.kind == "image"]
    return pictures


def _efforts(template: str) -> tuple[str, ...] | None:
    """Mistral's templates refuse every word but two (model.md 6.2); what others do with them only they know."""
    if "reasoning_effort" not in template:
        return ()
    return ("none", "high") if "[MODEL_SETTINGS]" in template else None


def _byte_of() -> dict[str, int]:
    """The alphabet of byte-level BPE: printable bytes are themselves, the others follow from U+0100 on."""
    printable = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    rest = [byte for byte in range(256) if byte not in printable]
    return {chr(byte): byte for byte in printable} | {chr(256 + place): byte for place, byte in enumerate(rest)}


BYTE_OF = _byte_of()
