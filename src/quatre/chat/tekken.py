"""Mistral's own vocabularies (``tekken.json``) and prompts, both from mistral-common. No template is run.

Imported only when a checkpoint has such a file: mistral-common takes a third of a second to import.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from hashlib import blake2s
from itertools import pairwise
from pathlib import Path
from typing import Any

import tiktoken
from pydantic import ValidationError

import quatre.chat.mistral_common_lean  # noqa: F401

# isort: split
from mistral_common.exceptions import (
    InvalidMessageStructureException,
    InvalidToolException,
    InvalidToolSchemaException,
    MistralCommonException,
)
from mistral_common.protocol.fim.request import FIMRequest
from mistral_common.protocol.instruct.chunk import ImageChunk, TextChunk, ThinkChunk
from mistral_common.protocol.instruct.messages import AssistantMessage, SystemMessage, ToolMessage, UserMessage
from mistral_common.protocol.instruct.normalize import get_normalizer
from mistral_common.protocol.instruct.request import ChatCompletionRequest
from mistral_common.protocol.instruct.tool_calls import FunctionCall, Tool, ToolCall
from mistral_common.protocol.instruct.validator import ValidationMode, get_validator
from mistral_common.tokens.tokenizers import instruct
from mistral_common.tokens.tokenizers.base import SpecialTokenPolicy, Tokenized, TokenizerVersion
from mistral_common.tokens.tokenizers.image import ImageConfig
from mistral_common.tokens.tokenizers.mistral import MistralTokenizer
from mistral_common.tokens.tokenizers.model_settings_builder import ModelSettingsBuilder
from mistral_common.tokens.tokenizers.tekken import Tekkenizer, TokenInfo

from quatre.chat.effort import NO_REASONING
from quatre.chat.fim import check_fim
from quatre.chat.history import with_sound_calls
from quatre.chat.markup import find_markup
from quatre.chat.messages import Call, Part, Turn, about, read_messages, without_images
from quatre.chat.pictures import Allowance, open_picture
from quatre.chat.prompt import Prompt
from quatre.chat.surrogates import whole_characters
from quatre.chat.tekken_file import BYTES, TekkenFile, read_tekken
from quatre.chat.tekken_images import PictureEncoder, picture_encoder
from quatre.chat.tokenizer import Message
from quatre.checkpoint.files import refuse_pointer
from quatre.errors import CheckpointError, RequestError

NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
"""Of a function, as mistral-common and OpenAI have it."""

OLD_CALL_ID = re.compile("[a-zA-Z0-9]{9}")  # the only form that vocabularies before v13 take

# What mistral-common raises for a bad file or a bad request, besides its own exceptions.
REFUSALS = (MistralCommonException, ValueError, TypeError, LookupError, AssertionError, AttributeError, RecursionError)


class TekkenTokenizer:
    """The tokenizer of one ``tekken.json``, v3 to v15. CheckpointError if the file is damaged or of another kind."""

    template: str | None = None

    def __init__(self, path: Path) -> None:
        try:
            self._tekken = _Tekken(read_tekken(path))
            self._pictures = picture_encoder(self._tekken)
            self._validator = get_validator(self._tekken.version, ValidationMode.test)  # a stricter one wants a model
            self._mistral = _with_prompts(self._tekken, self._validator, self._pictures)
            self.efforts = _efforts(self._tekken)
            self._thinks = self._tekken.version >= TokenizerVersion.v13 and self._tekken.is_special("[THINK]")
            self.bos_id: int | None = self._tekken.bos_id
            self.end_ids = frozenset({self._tekken.eos_id})
            self.markup = find_markup(self._control)
        except OSError as error:
            raise CheckpointError(f"{path} cannot be read: {error.strerror}") from error
        except REFUSALS as error:
            refuse_pointer(path)
            raise CheckpointError(f"{path} is not a sound tekken.json: {_sentence(error)}") from error
        self.vocab_size: int = self._tekken.n_words

    def _control(self, spelling: str) -> int | None:
        return self._tekken.get_special_token(spelling) if self._tekken.is_special(spelling) else None

    def encode(self, text: str, *, bos: bool) -> list[int]:
        """See :class:`quatre.chat.tokenizer.Tokenizer`."""
        return self._tekken.encode(text, bos=bos, eos=False)

    def decode(self, ids: Sequence[int]) -> str:
        """See :class:`quatre.chat.tokenizer.Tokenizer`."""
        return b"".join(map(self.token_bytes, ids)).decode(errors="replace")

    def token_bytes(self, token: int) -> bytes:
        """See :class:`quatre.chat.tokenizer.Tokenizer`. Empty for ids outside the vocabulary, too."""
        return self._tekken.piece(token) if 0 <= token < self.vocab_size else b""

    def vocabulary(self) -> list[bytes]:
        """See :class:`quatre.chat.tokenizer.Tokenizer`."""
        return self._tekken.vocabulary()

    def token_name(self, token: int) -> str:
        """See :class:`quatre.chat.tokenizer.Tokenizer`."""
        return self._tekken.id_to_piece(token) if 0 <= token < self.vocab_size else f"<{token}>"

    def chat_prompt(
        self,
        messages: Sequence[Message],
        *,
        tools: Sequence[Mapping[str, Any]] | None = None,
        reasoning_effort: str | None = None,
    ) -> Prompt:
        """See :class:`quatre.chat.tokenizer.Tokenizer`. A last assistant message with ``prefix`` is continued."""
        turns = with_sound_calls(read_messages(messages))
        if self._pictures is None:
            without_images(turns)
        _check_call_names(turns)
        if turns[-1].role == "assistant" and not turns[-1].prefix:
            raise RequestError(
                f"messages[{len(turns) - 1}], the last one, is the assistant's; add a user message, "
                "or give it prefix: true to have it continued",
                param="messages",
            )
        _check_speakers(turns)
        allowance = Allowance()
        request: ChatCompletionRequest[Any] = ChatCompletionRequest(
            messages=[self._message(place, turn, allowance) for place, turn in enumerate(turns)],
            tools=_tools(tools),
            reasoning_effort=self._effort(reasoning_effort),
        )
        try:
            encoded = self._mistral.encode_chat_completion(request)
            return Prompt(encoded.tokens) if self._pictures is None else self._pictures.prompt(*_parts(encoded))
        except (InvalidToolException, InvalidToolSchemaException) as error:
            raise RequestError(_sentence(error), param="tools") from error
        except InvalidMessageStructureException as error:
            raise RequestError(f"messages[{_misplaced(turns)}]: {_sentence(error)}", param="messages") from error
        except REFUSALS as error:
            place = self._at_fault(request.messages)
            where = "" if place is None else f"messages[{place}]: "
            raise RequestError(where + _sentence(error), param="messages") from error

    def _at_fault(self, messages: Sequence[Any]) -> int | None:
        """The first message that mistral-common would not take by itself, if it is one of them."""
        for place, message in enumerate(messages):
            try:
                self._validator._validate_message_list_content([message])
            except REFUSALS:
                return place
        return None

    def fim_prompt(self, prompt: str, suffix: str) -> list[int]:
        """See :class:`quatre.chat.tokenizer.Tokenizer`."""
        check_fim(self._control)
        request = FIMRequest(prompt=whole_characters(prompt), suffix=whole_characters(suffix))
        ids: list[int] = self._mistral.encode_fim(request).tokens
        return ids

    def _effort(self, asked: str | None) -> Any:
        """What to put into the settings block: nothing for vocabularies without one, which never reason."""
        if asked is None or (asked == NO_REASONING and not self.efforts):
            return None
        if asked not in self.efforts:
            known = " or ".join(self.efforts or (NO_REASONING,))
            raise RequestError(
                f"reasoning_effort must be {known} for this model, got {asked!r:.50}", param="reasoning_effort"
            )
        return asked

    # -- OpenAI's messages as mistral-common's -----------------------------------------------------------------

    def _message(
        self, place: int, turn: Turn, allowance: Allowance
    ) -> SystemMessage | UserMessage | AssistantMessage | ToolMessage:
        # A model without words for thinking gets none; the history may be another model's.
        with about(place):
            content = _content([part for part in turn.parts if part.kind != "thinking" or self._thinks], allowance)
        if turn.role == "user":
            return UserMessage(content=content)
        if turn.role == "tool":
            return ToolMessage(content=content, tool_call_id=self._call_id(turn.call_id))
        if turn.role == "assistant":
            calls = [self._call(call) for call in turn.calls]
            return AssistantMessage(content=content or None, tool_calls=calls or None, prefix=turn.prefix)
        return SystemMessage(content=content)

    def _call(self, call: Call) -> ToolCall:
        arguments = _readable(call.arguments) if isinstance(call.arguments, str) else dict(call.arguments)
        function = FunctionCall(name=call.name, arguments=arguments)  # type: ignore[arg-type]  # its validator dumps it
        return ToolCall(id=self._call_id(call.id) or "null", function=function)

    def _call_id(self, call_id: str | None) -> str | None:
        """Any id will do since v13; before, one of another form is replaced, always by the same nine characters."""
        if not call_id or self._tekken.version >= TokenizerVersion.v13 or OLD_CALL_ID.fullmatch(call_id):
            return call_id
        return blake2s(call_id.encode(errors="replace")).hexdigest()[:9]


def _readable(arguments: str) -> str:
    """Arguments that are no JSON are written as a text; so are those beyond what Python's parser takes."""
    try:
        json.loads(arguments)
    except json.JSONDecodeError:
        pass
    except (ValueError, RecursionError):  # numbers of thousands of digits, or thousands of brackets
        return json.dumps(arguments, ensure_ascii=False)
    return arguments


def _check_call_names(turns: Sequence[Turn]) -> None:
    for place, turn in enumerate(turns):
        for index, call in enumerate(turn.calls):
            if not NAME.fullmatch(call.name):
                raise _wrong_name(f"messages[{place}].tool_calls[{index}].function.name", call.name, "messages")


def _wrong_name(place: str, name: str, param: str) -> RequestError:
    return RequestError(
        f"{place} is {name!r:.80}; the names of this model's functions have 1 to 64 of the characters a-z, A-Z, 0-9, _ "
        "and -, so write _ for others",
        param=param,
    )


def _check_speakers(turns: Sequence[Turn]) -> None:
    """A result's name has said by now which call it belongs to; there is no place for another in these prompts."""
    for place, turn in enumerate(turns):
        if turn.name and turn.role != "tool":
            raise RequestError(
                f"messages[{place}] has the name {turn.name!r:.80}, and this model's prompts have no place for names "
                "of speakers; leave it out, or write it into the content",
                param="messages",
            )


def _misplaced(turns: Sequence[Turn]) -> int:
    """The first turn that cannot stand where it does (model.md 6.3); the last one, if all others can."""
    for place, (before, turn) in enumerate(pairwise(turns), start=1):
        if turn.role in ("system", "developer") and before.role in ("assistant", "tool"):
            return place
    return len(turns) - 1


def _content(parts: Sequence[Part], allowance: Allowance) -> Any:
    """The parts as chunks, which each version of the prompt joins in its own way; a single text as it is."""
    if all(part.kind == "text" for part in parts) and len(parts) < 2:
        return "".join(part.text for part in parts)
    return [_chunk(part, allowance) for part in parts]


def _chunk(part: Part, allowance: Allowance) -> TextChunk | ThinkChunk | ImageChunk:
    if part.kind == "image":
        return ImageChunk(image=open_picture(part.text, allowance))
    return TextChunk(text=part.text) if part.kind == "text" else ThinkChunk(thinking=part.text, closed=part.closed)


def _parts(encoded: Tokenized) -> tuple[list[int], list[Any]]:
    return encoded.tokens, encoded.images


def _tools(tools: Sequence[Mapping[str, Any]] | None) -> list[Tool] | None:
    if not tools:
        return None
    read = []
    for place, tool in enumerate(tools):
        if not isinstance(tool, Mapping) or not isinstance(tool.get("function"), Mapping):
            raise RequestError(f'tools[{place}] is not {{"type": "function", "function": …}}', param="tools")
        name = tool["function"].get("name")
        if isinstance(name, str) and not NAME.fullmatch(name):
            raise _wrong_name(f"tools[{place}].function.name", name, "tools")
        try:
            read.append(Tool.from_openai(dict(tool)))
        except REFUSALS as error:
            raise RequestError(f"tools[{place}]: {_sentence(error)}", param="tools") from error
    return read


# -- The file ----------------------------------------------------------------------------------------------------------


class _Tekken(Tekkenizer):
    """mistral-common's, with a vocabulary that is read already, and without a list of all 131,072 pieces as text.

    The base class knows the special tokens and the settings. It is told of the bytes only; what it would answer from
    its vocabulary is answered here.
    """

    def __init__(self, file: TekkenFile) -> None:
        head = file.head
        config, version = head["config"], _version(head["config"].get("version"))
        special = head.get("special_tokens")
        if special is None:
            if version > TokenizerVersion.v7:
                raise ValueError("Special tokens not found; files of version 11 and later have them")
            special = self.DEPRECATED_SPECIAL_TOKENS
        if head.get("multimodal") and version > TokenizerVersion.v11:
            raise ValueError(
                "its images are described as 'multimodal', which files of version 13 and later call 'image'"
            )
        image, settings = head.get("multimodal") or head.get("image"), head.get("model_settings_builder")
        count: int = config["default_num_special_tokens"]
        self._pieces = file.pieces
        super().__init__(
            vocab=[
                TokenInfo(rank=i, token_bytes=b64encode(byte).decode(), token_str=None) for i, byte in enumerate(BYTES)
            ],
            special_tokens=list(special),
            pattern=config["pattern"],
            vocab_size=count + len(BYTES),
            num_special_tokens=count,
            version=version,
            image_config=ImageConfig(**image) if image else None,
            model_settings_builder=ModelSettingsBuilder.model_validate(settings) if settings is not None else None,
        )
        ranks = dict(zip(file.pieces, range(len(file.pieces)), strict=True))
        self._bpe = tiktoken.Encoding("tekken", pat_str=config["pattern"], mergeable_ranks=ranks, special_tokens={})

    @property
    def n_words(self) -> int:
        return self.num_special_tokens + len(self._pieces)

    def vocabulary(self) -> list[bytes]:
        return [b""] * self.num_special_tokens + self._pieces

    def encode(self, s: str, bos: bool, eos: bool) -> list[int]:
        ids = [token + self.num_special_tokens for token in self._bpe.encode(s)]
        return [self.bos_id] * bos + ids + [self.eos_id] * eos

    def piece(self, token: int) -> bytes:
        """Nothing for special tokens."""
        return b"" if token < self.num_special_tokens else self._pieces[token - self.num_special_tokens]

    def id_to_piece(self, token_id: int) -> str:
        if token_id < self.num_special_tokens:
            return str(self._all_special_tokens[token_id]["token_str"])
        return self.piece(token_id).decode(errors="replace")

    def decode(self, tokens: list[int], special_token_policy: SpecialTokenPolicy = SpecialTokenPolicy.IGNORE) -> str:
        keep = special_token_policy == SpecialTokenPolicy.KEEP
        spelled = (
            self.id_to_piece(t).encode() if keep and t < self.num_special_tokens else self.piece(t) for t in tokens
        )
        return b"".join(spelled).decode(errors="replace")


def _version(word: Any) -> TokenizerVersion:
    if word not in TokenizerVersion.__members__:
        raise ValueError(f"Unknown version: {str(word)[:20]}; known are {', '.join(TokenizerVersion.__members__)}")
    return TokenizerVersion(word)


def _with_prompts(
    tekken: Tekkenizer, validator: Any, pictures: PictureEncoder | None
) -> MistralTokenizer[Any, Any, Any, Any, Any]:
    """The vocabulary with the prompt format of its version, without an encoder of sound."""
    version = tekken.version
    if version >= TokenizerVersion.v15 and tekken.model_settings_builder is None:
        raise ValueError("it is of version 15 or later, but has no model_settings_builder")
    prompts = getattr(instruct, f"InstructTokenizer{version.value.upper()}")
    return MistralTokenizer(
        prompts(tekken, image_encoder=pictures),
        validator=validator,
        request_normalizer=get_normalizer(version, tekken.model_settings_builder),
    )


def _efforts(tekken: Tekkenizer) -> tuple[str, ...]:
    builder = tekken.model_settings_builder
    if builder is None or builder.reasoning_effort is None:
        return ()
    return tuple(str(value) for value in builder.reasoning_effort.values)


def _sentence(error: BaseException) -> str:
    """The first thing that is wrong, on one line of bearable length."""
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_input=False)[0]
        text = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    elif isinstance(error, KeyError):
        text = f"it has no {error}"
    elif isinstance(error, RecursionError):
        text = "it is nested too deeply"
    else:
        text = str(error) or type(error).__name__
    return text.splitlines()[0][:300]
