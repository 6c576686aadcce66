"""Request fields that both completion endpoints know, and the rule for all of them: act, or be refused by name.

A field of the OpenAI or vLLM API that cannot act here is declared with :func:`only` and its neutral values, so that a
client that spells out defaults passes and one that relies on the feature gets a 400 that names it. Fields that nobody
has heard of pass, with a line in the debug log.
"""

from __future__ import annotations

import dataclasses
import json
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Annotated, Any, Literal, TypeGuard

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from quatre.engine.request import MAX_BIASED_TOKENS, SamplingParams
from quatre.engine.structured import StructuredOutputsParams
from quatre.errors import RequestError

log = logging.getLogger(__name__)

SAMPLING_FIELDS = tuple(
    field.name
    for field in dataclasses.fields(SamplingParams)
    if field.name not in ("n", "seed", "max_tokens", "logprobs", "prompt_logprobs", "structured_outputs")
)
STRUCTURE_FIELDS = (
    "response_format",
    "structured_outputs",
    "guided_json",
    "guided_regex",
    "guided_choice",
    "guided_grammar",
)

LARGEST_COUNT = 2**31 - 1
MOST_STOP_STRINGS = 16
LONGEST_STOP_STRING = 1024
MOST_STOP_TOKENS = 128
MOST_BAD_WORDS = 128
MOST_ALLOWED_TOKENS = 262_144
LONGEST_LABEL = 512


class only:  # read as a word in the models
    """Marks a field that is understood but not supported: it may be absent, null or one of these values."""

    def __init__(self, *neutral: Any) -> None:
        self._neutral = neutral

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(self, _: CoreSchema, __: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"enum": [None, *self._neutral]}

    def _check(self, value: Any) -> Any:
        if value is None or any(_same(value, allowed) for allowed in self._neutral):
            return value
        ways = " or ".join(["leave it out", *(f"send {json.dumps(allowed)}" for allowed in self._neutral)])
        raise PydanticCustomError("unsupported_value", "not supported here; {ways}", {"ways": ways})


def _same(value: Any, other: Any) -> bool:
    return value == other and isinstance(value, bool) == isinstance(other, bool)


_PLACE = re.compile(r"messages\[(\d{1,9})\]")


def _as_list(stop: Any) -> Any:
    return [stop] if isinstance(stop, str) else stop


def is_text(value: Any) -> TypeGuard[str]:
    """Whether it is a string of whole characters: JSON can spell half of a surrogate pair, which is none."""
    if not isinstance(value, str):
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


@contextmanager
def naming(names: Mapping[str, str]) -> Iterator[None]:
    """Lets a RequestError from below speak of the field that the client sent, such as ``messages`` for ``prompt``."""
    try:
        yield
    except RequestError as error:
        name = names.get(error.param or "")
        if name is None:
            raise
        said = re.sub(rf"^{re.escape(error.param or '')}\b", name, str(error))
        raise RequestError(said, param=name, code=error.code) from error


def places_of(messages: Sequence[Any]) -> list[str]:
    """Where each of them is, if the client has written them as ``messages``."""
    return [f"messages[{place}]" for place in range(len(messages))]


@contextmanager
def placing(places: Sequence[str]) -> Iterator[None]:
    """Lets a RequestError about ``messages[n]`` from below speak of the place at which the client has written that."""
    try:
        yield
    except RequestError as error:
        found = _PLACE.match(str(error))
        if found is None or int(found[1]) >= len(places):
            raise
        said = places[int(found[1])] + str(error)[found.end() :]
        raise RequestError(said, param=error.param, code=error.code) from error


def _whole_characters(text: str) -> str:
    if not is_text(text):
        raise PydanticCustomError("invalid_type", "must be valid Unicode text")
    return text


def _by_token_id(bias: dict[str, float]) -> dict[int, float]:
    """JSON has no numbers for keys."""
    if not all(key.isascii() and key.isdigit() and len(key) < 10 for key in bias):
        raise PydanticCustomError("invalid_value", "must be an object whose keys are token ids")
    return {int(key): value for key, value in bias.items()}


Text = Annotated[str, AfterValidator(_whole_characters)]
Count = Annotated[int, Field(le=LARGEST_COUNT)]
Label = Annotated[Text, Field(max_length=LONGEST_LABEL)]
CacheSalt = Annotated[Label, Field(min_length=1)]
StopString = Annotated[Text, Field(max_length=LONGEST_STOP_STRING)]
StopStrings = Annotated[list[StopString], Field(max_length=MOST_STOP_STRINGS, fail_fast=True)]
StopTokens = Annotated[
    list[Annotated[int, Field(ge=0, le=LARGEST_COUNT)]], Field(max_length=MOST_STOP_TOKENS, fail_fast=True)
]


AllowedTokens = Annotated[
    list[Annotated[int, Field(ge=0, le=LARGEST_COUNT)]], Field(max_length=MOST_ALLOWED_TOKENS, fail_fast=True)
]
BadWords = Annotated[list[StopString], Field(max_length=MOST_BAD_WORDS, fail_fast=True)]
LogitBias = Annotated[dict[str, float], Field(max_length=MAX_BIASED_TOKENS), AfterValidator(_by_token_id)]


class Fields(BaseModel):
    """A JSON object whose types are taken at their word ("0.5" is not a number) and may hold unknown fields."""

    model_config = ConfigDict(strict=True, extra="allow")

    def model_post_init(self, _: Any, /) -> None:
        """Unknown fields are noted in the debug log."""
        if self.model_extra:
            log.debug("ignored unknown fields: %s", [name[:50] for name in islice(self.model_extra, 20)])


class StreamOptions(Fields):
    """How a stream ends: with ``include_usage`` one more chunk counts the tokens, and with vLLM's
    ``continuous_usage_stats`` too each chunk those so far. ``stream_tool_calls`` false: each call in one piece."""

    include_usage: bool | None = None
    continuous_usage_stats: bool | None = None
    stream_tool_calls: bool | None = None
    include_obfuscation: Annotated[Any, only(False)] = None


class ResponseFormat(Fields):
    """OpenAI's ``response_format``. ``json_schema`` has the schema under ``schema``; its ``strict`` is always kept."""

    type: Literal["text", "json_object", "json_schema"]
    json_schema: dict[str, Any] | None = None

    def structure(self) -> StructuredOutputsParams | None:
        """The form that it asks for; None for free text."""
        if self.type == "json_object":
            return StructuredOutputsParams(json_object=True)
        if self.type == "text":
            return None
        schema = (self.json_schema or {}).get("schema")
        if not isinstance(schema, dict | bool):
            raise RequestError("response_format.json_schema.schema must be a JSON schema", param="response_format")
        return StructuredOutputsParams(json=schema)


class CommonFields(Fields):
    """What every API that makes one answer after another knows. Ranges are checked by SamplingParams."""

    temperature: float | None = None
    top_p: float | None = None
    top_k: Count | None = None
    min_p: float | None = None
    repetition_penalty: float | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    logit_bias: LogitBias | None = None
    allowed_token_ids: AllowedTokens | None = None
    bad_words: BadWords | None = None
    seed: int | None = None
    random_seed: int | None = None  # Mistral's name for seed
    min_tokens: Count | None = None
    stop: Annotated[StopStrings | None, BeforeValidator(_as_list)] = None
    stop_token_ids: StopTokens | None = None
    include_stop_str_in_output: bool | None = None
    ignore_eos: bool | None = None

    # Labels that the caller puts on a request; they go to the request's log line.
    user: Label | None = None
    safety_identifier: Label | None = None
    prompt_cache_key: Label | None = None

    # When, and beside whom. ``timeout`` is in seconds.
    priority: Annotated[int | None, Field(ge=-LARGEST_COUNT, le=LARGEST_COUNT)] = None
    timeout: Annotated[float | None, Field(gt=0, le=LARGEST_COUNT)] = None
    cache_salt: CacheSalt | None = None

    # Known and not supported, with the values that change nothing.
    best_of: Annotated[Any, only(1)] = None
    use_beam_search: Annotated[Any, only(False)] = None
    length_penalty: Annotated[Any, only(1)] = None
    repetition_detection: Annotated[Any, only()] = None
    logits_processors: Annotated[Any, only([])] = None
    skip_special_tokens: Annotated[Any, only(True)] = None
    spaces_between_special_tokens: Annotated[Any, only(True)] = None
    truncate_prompt_tokens: Annotated[Any, only()] = None
    truncation_side: Annotated[Any, only()] = None
    request_id: Annotated[Any, only()] = None
    kv_transfer_params: Annotated[Any, only()] = None
    vllm_xargs: Annotated[Any, only({})] = None

    def labels(self) -> dict[str, str]:
        """The caller's own marks on this request, for the log."""
        marks = self.model_dump(include={"user", "safety_identifier", "prompt_cache_key"}, exclude_none=True)
        return {name: str(value) for name, value in marks.items()}

    def terms(self) -> dict[str, Any]:
        """How the engine is to treat the request among others."""
        return self.model_dump(include={"priority", "timeout", "cache_salt"}, exclude_none=True)

    def chosen(self) -> dict[str, Any]:
        """How to choose the tokens, in the words of SamplingParams; absent and null fields take its defaults."""
        if self.seed is not None and self.random_seed not in (None, self.seed):
            raise RequestError("seed and random_seed differ; send one of them", param="random_seed")
        asked: dict[str, Any] = {name: getattr(self, name) for name in SAMPLING_FIELDS}
        asked["seed"] = self.random_seed if self.seed is None else self.seed
        return {name: value for name, value in asked.items() if value is not None}


class CompletionFields(CommonFields):
    """What a completion may ask for, whatever its prompt looks like."""

    model: str
    stream: bool | None = None
    stream_options: StreamOptions | None = None

    n: Count | None = None
    max_tokens: Count | None = None
    prompt_logprobs: int | None = None
    return_token_ids: bool | None = None  # vLLM's: of the prompt and of the answer, beside the text

    # The form of the answer: OpenAI's name, vLLM's, and vLLM's older ones. At most one of them.
    response_format: ResponseFormat | None = None
    structured_outputs: dict[str, Any] | None = None
    guided_json: str | dict[str, Any] | bool | None = None
    guided_regex: str | None = None
    guided_choice: list[str] | None = None
    guided_grammar: str | None = None
    guided_whitespace_pattern: str | None = None

    # Known and not supported, with the values that change nothing.
    guided_decoding_backend: Annotated[Any, only("auto", "guidance")] = None
    thinking_token_budget: Annotated[Any, only()] = None
    top_prompt_logprobs: Annotated[Any, only(0)] = None
    return_tokens_as_token_ids: Annotated[Any, only(False)] = None

    @property
    def include_usage(self) -> bool:
        """Whether a stream ends with a chunk that counts the tokens."""
        return bool(self.stream_options and self.stream_options.include_usage)

    @property
    def continuous_usage(self) -> bool:
        """Whether each chunk counts the tokens so far."""
        return self.include_usage and bool(self.stream_options and self.stream_options.continuous_usage_stats)

    def check(self) -> None:
        """Fields that make no sense together are a RequestError."""
        if self.stream_options is not None and not self.stream:
            raise RequestError("stream_options needs stream to be true", param="stream_options")
        if self.prompt_logprobs is not None and self.stream:
            raise RequestError("prompt_logprobs cannot be streamed; set stream to false", param="prompt_logprobs")

    @property
    def structure_field(self) -> str | None:
        """The field that says which form the answer must have. RequestError if there are several."""
        given = [name for name in STRUCTURE_FIELDS if getattr(self, name) is not None]
        if self.response_format is not None and self.response_format.type == "text":
            given.remove("response_format")
        if len(given) > 1:
            raise RequestError(f"{' and '.join(given)} each ask for a form; send one of them", param=given[1])
        if self.guided_whitespace_pattern is not None and given != ["guided_json"]:
            raise RequestError(
                "guided_whitespace_pattern needs guided_json; in structured_outputs it is called whitespace_pattern",
                param="guided_whitespace_pattern",
            )
        return given[0] if given else None

    def structure(self) -> StructuredOutputsParams | None:
        """The form that the answer must have, by whichever field; None for free text."""
        name = self.structure_field
        if name is None:
            return None
        with naming({"structured_outputs": name}):
            if self.response_format is not None and name == "response_format":
                return self.response_format.structure()
            if name == "structured_outputs":
                return StructuredOutputsParams.of(self.structured_outputs)
            kind = {name.removeprefix("guided_"): getattr(self, name)}
            return StructuredOutputsParams(**kind, whitespace_pattern=self.guided_whitespace_pattern)

    def sampling(self, *, max_tokens: int | None, logprobs: int | None) -> SamplingParams:
        """How to choose the tokens."""
        more: dict[str, Any] = {"n": self.n, "max_tokens": max_tokens, "logprobs": logprobs}
        more["prompt_logprobs"] = self.prompt_logprobs
        given = {name: value for name, value in more.items() if value is not None}
        return SamplingParams(structured_outputs=self.structure(), **self.chosen(), **given)
