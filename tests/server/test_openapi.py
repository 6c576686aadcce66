"""The OpenAPI document is true: what schemathesis asks from it gets the answers that it describes, and never a 500."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from serving import serving

from marked import MarkedEngine, MarkedTokenizer
from quatre.server.service import ServerConfig

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
OPERATIONS = [
    ("GET", "/health"),
    ("GET", "/metrics"),
    ("GET", "/tokenizer_info"),
    ("GET", "/version"),
    ("GET", "/v1/batches"),
    ("GET", "/v1/batches/{batch_id}"),
    ("GET", "/v1/files"),
    ("GET", "/v1/files/{file_id}"),
    ("DELETE", "/v1/files/{file_id}"),
    ("GET", "/v1/files/{file_id}/content"),
    ("GET", "/v1/models"),
    ("GET", "/v1/models/{name}"),
    ("GET", "/v1/responses/{response_id}"),
    ("GET", "/v1/responses/{response_id}/input_items"),
    ("DELETE", "/v1/responses/{response_id}"),
    ("POST", "/detokenize"),
    ("POST", "/tokenize"),
    ("POST", "/v1/batches"),
    ("POST", "/v1/batches/{batch_id}/cancel"),
    ("POST", "/v1/chat/completions"),
    ("POST", "/v1/completions"),
    ("POST", "/v1/files"),
    ("POST", "/v1/fim/completions"),
    ("POST", "/v1/messages"),
    ("POST", "/v1/messages/count_tokens"),
    ("POST", "/v1/responses"),
]


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Of a server for which every model name is its own, so that requests are read to their end."""
    folder: Path = tmp_path_factory.mktemp("files")
    config = ServerConfig(served_model_name=("fake", "*"), files_dir=folder, playground=False)
    with serving(MarkedEngine("[THINK]so[/THINK]ok"), config, tokenizer=MarkedTokenizer()) as url:
        yield schemathesis.openapi.from_url(f"{url}/openapi.json")


def test_every_operation_is_tried(schema: Any) -> None:
    found = {(one.ok().method.upper(), one.ok().path) for one in schema.get_all_operations()}
    assert found == set(OPERATIONS)


@pytest.mark.filterwarnings("ignore::hypothesis.errors.NonInteractiveExampleWarning")
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_answers_are_as_described(schema: Any, method: str, path: str) -> None:
    examples = 12 if method == "POST" and "{" not in path else 3

    @given(schema[path][method].as_strategy())
    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    def asked(case: Any) -> None:
        case.validate_response(case.call(timeout=60), checks=CHECKS)

    asked()


USER = [{"role": "user", "content": "Hi"}]
ASKED: dict[str, dict[str, Any]] = {
    "/detokenize": {"tokens": [97]},
    "/tokenize": {"messages": USER},
    "/v1/chat/completions": {"model": "fake", "messages": USER},
    "/v1/completions": {"model": "fake", "prompt": "Hi"},
    "/v1/fim/completions": {"model": "fake", "prompt": "Hi"},
    "/v1/messages": {"model": "fake", "messages": USER, "max_tokens": 5},
    "/v1/messages/count_tokens": {"model": "fake", "messages": USER},
    "/v1/responses": {"model": "fake", "input": "Hi"},
}


@pytest.mark.filterwarnings("ignore::hypothesis.errors.NonInteractiveExampleWarning")
@pytest.mark.parametrize("path", ASKED)
def test_one_strange_field_in_a_sound_request(schema: Any, path: str) -> None:
    """Requests that are strange throughout are refused for their first fault; this one lets each field be met."""

    @given(schema[path]["POST"].as_strategy(), st.data())
    @settings(max_examples=20, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    def asked(case: Any, data: st.DataObject) -> None:
        body = case.body if isinstance(case.body, dict) else {}
        name = data.draw(st.sampled_from(sorted(body) or [""]))
        case.body = {**ASKED[path], **({name: body[name]} if name in body else {})}
        case.validate_response(case.call(timeout=60), checks=CHECKS)

    asked()


def test_the_document_says_which_values_of_unsupported_fields_pass(schema: Any) -> None:
    fields = schema.raw_schema["components"]["schemas"]["ChatCompletionRequest"]["properties"]
    assert fields["store"]["enum"] == [None, False]
