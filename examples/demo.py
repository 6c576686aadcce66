"""Two minutes with nano, the model that comes with Quatre, over the HTTP API: what ``make demo`` runs.

    python examples/demo.py

Starts ``quatre serve`` on a free port, asks what any OpenAI client could ask, and stops the server.
"""

from __future__ import annotations

import base64
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any

import httpx
from PIL import Image, ImageDraw
from serving import DemoError, check, events, server

DIM, BOLD, NORMAL = ("\x1b[2m", "\x1b[1m", "\x1b[0m") if sys.stdout.isatty() else ("", "", "")
USERS = 32

WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Get the current weather in a city",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
        },
    },
}
PERSON = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer"}, "city": {"type": "string"}},
    "required": ["name", "age", "city"],
    "additionalProperties": False,
}


def user(content: Any) -> dict[str, Any]:
    """What a user says."""
    return {"role": "user", "content": content}


class Chat:
    """A client of ``/v1/chat/completions``."""

    def __init__(self, url: str, model: str) -> None:
        self.http = httpx.Client(base_url=f"{url}/v1", timeout=120, trust_env=False)
        self.fixed = {"model": model, "temperature": 0, "max_tokens": 400}

    def ask(self, *messages: dict[str, Any], **more: Any) -> dict[str, Any]:
        """The whole answer."""
        body = {**self.fixed, "messages": messages, **more}
        return check(self.http.post("/chat/completions", json=body)).json()

    def stream(self, question: str, effort: str) -> None:
        """Print reasoning and answer as they come."""
        body = {**self.fixed, "messages": [user(question)], "reasoning_effort": effort, "stream": True}
        shown = ""
        with self.http.stream("POST", "/chat/completions", json=body) as answer:
            for chunk in events(answer):
                delta = chunk["choices"][0]["delta"] if chunk["choices"] else {}
                for part, style in (("reasoning_content", DIM), ("content", NORMAL)):
                    if text := delta.get(part):
                        if part != shown:
                            print("\n" if shown else "", "  ", style, sep="", end="")
                        print(text.replace("\n", "\n  "), end="", flush=True)
                        shown = part
        print("\n")


def heading(text: str) -> None:
    """What comes next."""
    print(f"{BOLD}── {text} {'─' * (76 - len(text))}{NORMAL}")


def one_model_two_efforts(chat: Chat) -> None:
    """The same question, answered at once and after some thinking."""
    question = "What is 48213 + 97879?"
    for effort in ("none", "high"):
        heading(f'reasoning_effort: "{effort}"')
        print(f"> {question}")
        chat.stream(question, effort)
    print(f"  (48213 + 97879 is {48213 + 97879})\n")


def tool_call(chat: Chat) -> None:
    """The model decides to call a function, gets its result, and answers with it."""
    heading("a tool")
    question = user("What is the weather in Lisbon?")
    print(f"> {question['content']}")
    called = chat.ask(question, tools=[WEATHER])["choices"][0]["message"]
    if not called.get("tool_calls"):
        raise DemoError(f"the model called nothing, but said {called['content']!r:.100}")
    results = []
    for call in called["tool_calls"]:
        print(f"  the model calls {call['function']['name']}({call['function']['arguments']})")
        result = json.dumps({"temperature": 21, "sky": "sunny"})  # here your function runs
        print(f"  the tool returns {result}")
        results.append({"role": "tool", "tool_call_id": call["id"], "content": result})
    print(f"  {chat.ask(question, called, *results, tools=[WEATHER])['choices'][0]['message']['content']}\n")


def json_of_a_schema(chat: Chat) -> None:
    """Text in, JSON of a schema out."""
    heading("JSON of a schema")
    question = "Extract name, age and city as JSON.\n\nClara Schmidt is 34 years old and lives in Hamburg."
    print("> " + question.replace("\n\n", " "))
    form = {"type": "json_schema", "json_schema": {"name": "person", "strict": True, "schema": PERSON}}
    print(f"  {chat.ask(user(question), response_format=form)['choices'][0]['message']['content']}\n")


def picture(chat: Chat) -> None:
    """A picture that is drawn here, sent as a data URL."""
    heading("an image")
    image = Image.new("RGB", (112, 112), "white")
    ImageDraw.Draw(image).ellipse((20, 20, 92, 92), fill=(255, 0, 0))
    data = BytesIO()
    image.save(data, "PNG")
    url = "data:image/png;base64," + base64.b64encode(data.getvalue()).decode()
    print("> [a picture of 112 x 112 pixels] What is in this picture?")
    parts = [{"type": "image_url", "image_url": {"url": url}}, {"type": "text", "text": "What is in this picture?"}]
    print(f"  {chat.ask(user(parts))['choices'][0]['message']['content']}\n")


def many_users(chat: Chat) -> None:
    """All ask at the same time; they share the steps of one engine."""
    heading(f"{USERS} users at once")
    sums = [(1234 + 877 * place, 9876 - 211 * place) for place in range(USERS)]

    def one(numbers: tuple[int, int]) -> tuple[bool, int]:
        answer = chat.ask(user(f"What is {numbers[0]} + {numbers[1]}?"), reasoning_effort="high")
        right = answer["choices"][0]["message"]["content"].strip() == str(sum(numbers))
        return right, answer["usage"]["completion_tokens"]

    began = time.perf_counter()
    with ThreadPoolExecutor(USERS) as users:
        answers = list(users.map(one, sums))
    seconds = time.perf_counter() - began
    right, tokens = sum(right for right, _ in answers), sum(tokens for _, tokens in answers)
    print(f"  {right} of {USERS} sums are right; {tokens} tokens in {seconds:.1f} s: {tokens / seconds:.0f} tokens/s\n")


def main() -> None:
    """The tour."""
    began = time.perf_counter()
    with server() as (url, name):
        print(f"quatre serve: {name} is ready after {time.perf_counter() - began:.1f} s at {url}\n")
        chat = Chat(url, name)
        with chat.http:
            for stop in (one_model_two_efforts, tool_call, json_of_a_schema, picture, many_users):
                stop(chat)
    heading("what next")
    print("""  quatre serve                  and open http://127.0.0.1:8000/ to play with it
  quatre chat                   talk with it here
  quatre eval                   all it can do, measured
  quatre serve mistralai/Mistral-Small-4-119B-2603-NVFP4
                                the model that nano stands in for""")


if __name__ == "__main__":
    try:
        main()
    except DemoError as error:
        sys.exit(f"demo: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
