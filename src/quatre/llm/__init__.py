"""A loaded model that answers: tokens become text here, once, for the Python API and the server alike."""

from quatre.llm.async_llm import AsyncLLM
from quatre.llm.llm import LLM
from quatre.llm.outputs import CompletionOutput, Logprob, RequestOutput, Usage
from quatre.llm.running import TextDeltas

__all__ = ["LLM", "AsyncLLM", "CompletionOutput", "Logprob", "RequestOutput", "TextDeltas", "Usage"]
