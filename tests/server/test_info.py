"""Models, health and version."""

from __future__ import annotations

import anthropic
import httpx
import openai
from serving import serving

from fakes import FakeEngine
from marked import MarkedEngine, MarkedTokenizer
from quatre import __version__
from quatre.server.service import ServerConfig


def test_models(client: openai.OpenAI) -> None:
    (model,) = client.models.list()
    assert (model.id, model.object, model.owned_by) == ("fake", "model", "quatre")
    assert model.model_extra["max_model_len"] == 512
    assert client.models.retrieve("fake").created == model.created


def test_cards_say_what_a_model_can() -> None:
    """Mistral's own client takes no card without ``type`` and ``capabilities``."""
    engine = MarkedEngine()
    with serving(engine, tokenizer=MarkedTokenizer()) as url:
        (card,) = httpx.get(f"{url}/v1/models").json()["data"]
        engine.sees = True
        (seeing,) = httpx.get(f"{url}/v1/models").json()["data"]
    assert (card["type"], card["max_context_length"]) == ("base", 4096)
    able = {"completion_chat": True, "completion_fim": True, "function_calling": True, "reasoning": True}
    assert card["capabilities"] == able | {"vision": False}
    assert seeing["capabilities"] == able | {"vision": True}


def test_anthropics_clients_have_cards_of_their_own() -> None:
    config = ServerConfig(served_model_name=("claude-a", "claude-b", "claude-*"))
    with serving(FakeEngine(), config) as url:
        client = anthropic.Anthropic(base_url=url, api_key="none", max_retries=0)
        first, second = client.models.list()
        found = client.models.retrieve("claude-any")
    assert (first.id, first.type, first.display_name, first.max_input_tokens) == ("claude-a", "model", "claude-a", 512)
    assert first.created_at == second.created_at == found.created_at
    assert (second.id, found.id) == ("claude-b", "claude-any")


def test_the_tokenizer() -> None:
    """lm-eval's remote tokenizer asks for it."""
    with serving(FakeEngine()) as url:
        told = httpx.get(f"{url}/tokenizer_info").json()
    marks = {"bos_token": "<begin>", "bos_token_id": 256, "eos_token": "<end>", "eos_token_id": 257}
    sizes = {"vocab_size": 259, "model_max_length": 512}
    assert told == {"tokenizer_class": "ByteTokenizer", "chat_template": None, **marks, **sizes}


def test_served_names_replace_the_files_own() -> None:
    config = ServerConfig(served_model_name=("small", "mistralai/Mistral-Small"))
    with serving(FakeEngine(), config) as url, openai.OpenAI(base_url=f"{url}/v1", api_key="none") as client:
        assert [model.id for model in client.models.list()] == ["small", "mistralai/Mistral-Small"]
        assert client.models.retrieve("mistralai/Mistral-Small").id == "mistralai/Mistral-Small"
        answer = client.completions.create(model="mistralai/Mistral-Small", prompt="x")
        assert answer.model == "mistralai/Mistral-Small"
        assert httpx.post(f"{url}/v1/completions", json={"model": "fake", "prompt": "x"}).status_code == 404


def test_health_follows_the_engine() -> None:
    engine = FakeEngine()
    with serving(engine) as url:
        assert httpx.get(f"{url}/health").status_code == 200
        engine.alive = False
        answer = httpx.get(f"{url}/health")
        assert answer.status_code == 503
        assert answer.json()["error"]["code"] == "engine_dead"


def test_version_and_schema(http: httpx.Client) -> None:
    assert http.get("/version").json() == {"version": __version__}
    schema = http.get("/openapi.json").json()
    assert {"/v1/chat/completions", "/v1/completions", "/v1/models", "/health"} <= set(schema["paths"])
    assert "temperature" in schema["components"]["schemas"]["ChatCompletionRequest"]["properties"]


def test_probes_may_ask_for_heads_only(http: httpx.Client) -> None:
    for path in ("/health", "/version", "/metrics"):
        answer = http.head(path)
        assert (answer.status_code, answer.content) == (200, b"")
