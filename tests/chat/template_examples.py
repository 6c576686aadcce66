"""Chat templates that do what those of real checkpoints do, each in its own manner, and conversations for them."""

from __future__ import annotations

from typing import Any

CHATML = (
    "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + "
    "'\\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)

# Begin token, trimmed contents, a set block that is joined later.
HEADERS = """
{%- for message in messages %}
    {%- set content = '<|im_start|>' + message['role'] + '\\n\\n' + message['content'] | trim + '<|im_end|>' %}
    {%- if loop.first %}
        {%- set content = bos_token + content %}
    {%- endif %}
    {{- content }}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n\\n' }}
{%- endif %}
"""

# Control tokens put together from pieces, and roles that must take turns.
COMPOSED = """
{%- if messages[0].role == 'system' -%}
    {%- set system, rest = messages[0].content, messages[1:] -%}
{%- else -%}
    {%- set system, rest = none, messages -%}
{%- endif -%}
{%- for message in rest -%}
    {%- if (message.role == 'user') != (loop.index0 % 2 == 0) -%}
        {{- raise_exception('Roles must alternate, but message ' ~ loop.index ~ ' is of the ' ~ message.role) -}}
    {%- endif -%}
    {{- '<|' ~ 'im_start' ~ '|>' ~ message.role ~ ('\\n' + system + '\\n' if loop.first and system else '\\n') -}}
    {{- message.content.strip() -}}{{- '<|im_' }}{{ 'end|>\\n' -}}
{%- endfor -%}
{%- if add_generation_prompt -%}<|im_start|>assistant\n{%- endif -%}
"""

# Tools, calls, results, thinking; macros, namespaces, loop controls, slices, filters of lists.
AGENT = """
{%- macro entry(role, text, calls=[]) -%}
<|im_start|>{{ role }}
{{ text | trim }}
{%- for call in calls %}
    {%- set call = call.function if call.function is defined else call %}
{{ '\\n' }}<tool_call>
{"name": {{ call.name | tojson }}, "arguments": {{
        call.arguments if call.arguments is string else call.arguments | tojson }}}
</tool_call>
{%- endfor %}<|im_end|>
{% endmacro -%}
{%- set last = namespace(user=-1, seen=[]) -%}
{%- for message in messages[::-1] -%}
    {%- if message.role == 'user' -%}{%- set last.user = messages|length - 1 - loop.index0 -%}{%- break -%}{%- endif -%}
{%- endfor -%}
{%- if tools %}
<|im_start|>system
{% if messages[0].role == 'system' %}{{ messages[0].content }}

{% endif %}# Tools
{% for tool in tools %}
{{ tool | tojson(indent=2) }}
{% endfor %}
{{- tools | map(attribute='function.name') | sort | join(', ') | upper }}<|im_end|>
{% endif -%}
{%- for message in messages if not (tools and message.role == 'system') -%}
    {%- if message.role == 'assistant' -%}
        {%- set thinking = '' -%}
        {%- if message.reasoning_content is defined and loop.index0 >= last.user -%}
            {%- set thinking = '<think>\\n' ~ message.reasoning_content.strip('\\n') ~ '\\n</think>\\n\\n' -%}
        {%- endif -%}
        {%- set answer = message.content.split('</think>')[-1].lstrip('\\n') -%}
        {{- entry('assistant', thinking ~ answer, message.tool_calls or []) -}}
    {%- elif message.role == 'tool' -%}
        {{- entry('user', '<tool_response>\\n' + message.content + '\\n</tool_response>') -}}
        {%- set last.seen = last.seen + [message.tool_call_id | default('none')] -%}
    {%- else -%}
        {{- entry(message['role'], message.get('content', '')) -}}
    {%- endif -%}
{%- endfor -%}
{%- if last.seen and last.seen | select('ne', 'none') | list | length > 3 -%}many{%- endif -%}
{%- if add_generation_prompt -%}<|im_start|>assistant
{% endif -%}
"""

TEMPLATES = {"chatml": CHATML, "headers": HEADERS, "composed": COMPOSED, "agent": AGENT}

WEATHER: dict[str, Any] = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Weather in a city, as <b>HTML</b> & 'text' in Köln",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


def turn(role: str, content: Any, **more: Any) -> dict[str, Any]:
    return {"role": role, "content": content, **more}


PLAIN = [turn("user", "Hi")]
DIALOGUE = [
    turn("system", " Be brief. "),
    turn("user", "What is 2+2?\n"),
    turn("assistant", "4"),
    turn("user", "Thanks  "),
]
CONVERSATIONS = {"plain": PLAIN, "dialogue": DIALOGUE}
TOOL_USE = [
    *DIALOGUE,
    turn(
        "assistant",
        "Checking.",
        reasoning_content="Where?\n",
        tool_calls=[
            {"id": "a", "type": "function", "function": {"name": "get_weather", "arguments": {"city": "Köln"}}},
            {"id": "b", "type": "function", "function": {"name": "get_weather", "arguments": {}}},
        ],
    ),
    turn("tool", "18C", tool_call_id="a"),
    turn("tool", "8C", tool_call_id="b"),
]
