"""One server for all tests of a file that only ask it something; it says "Hello, world", unless the file has an
``engine`` of its own.
"""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import openai
import pytest
from serving import serving

from fakes import PATIENCE_S, FakeEngine
from marked import MarkedEngine, MarkedTokenizer


@pytest.fixture(scope="module")
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture(scope="module")
def url(engine: FakeEngine) -> Iterator[str]:
    with serving(engine, tokenizer=MarkedTokenizer() if isinstance(engine, MarkedEngine) else None) as url:
        yield url


@pytest.fixture(scope="module")
def http(url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=url, timeout=PATIENCE_S) as client:
        yield client


@pytest.fixture(scope="module")
def client(url: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0, timeout=PATIENCE_S) as client:
        yield client
