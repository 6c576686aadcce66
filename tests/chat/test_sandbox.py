"""Hostile templates: they reach nothing, and they stop after about a second on any machine."""

from __future__ import annotations

from typing import Any

import pytest
from template_examples import PLAIN, TEMPLATES, turn

from quatre.chat.messages import read_messages
from quatre.chat.template import ChatTemplate
from quatre.errors import CheckpointError, RequestError
from quickly import quickly

# Ways out of templates that were published for Jinja and for programs that render chat templates with it.
ESCAPES = r"""
{{ ''.__class__ }}
{{ ''.__class__.__mro__[1].__subclasses__() }}
{{ ''['__class__']['__base__']['__subclasses__']() }}
{{ ().__class__.__bases__[0].__subclasses__() }}
{{ [].__class__ }}{{ {}.__class__ }}
{{ messages.__class__ }}{{ messages[0].__init__ }}
{{ messages[0]['__class__'] }}
{{ messages[0].content['__class__'] }}
{{ (1).__class__ }}{{ (1.5).__class__ }}{{ true.__class__ }}{{ none.__class__ }}
{{ self.__init__.__globals__.__builtins__.__import__('os').popen('id').read() }}
{{ self._TemplateReference__context }}
{{ self.x() }}{% block x %}{% endblock %}
{{ cycler.__init__.__globals__.os.popen('id').read() }}
{{ joiner.__init__.__globals__ }}{{ namespace.__init__.__globals__ }}
{{ lipsum.__globals__['os'].popen('id').read() }}
{{ range.__class__ }}{{ range.__self__ }}{{ dict.__base__ }}{{ dict.fromkeys }}
{{ raise_exception.__globals__ }}{{ strftime_now.__globals__ }}
{{ namespace(a=1).__class__ }}{{ namespace(a=1)._Namespace__attrs }}
{% set ns = namespace() %}{% set ns.__class__ = 1 %}{{ ns.__class__ }}
{% for x in [1] %}{{ loop.__class__ }}{{ loop._iterable }}{{ loop._recurse }}{% endfor %}
{% macro f() %}{% endmacro %}{{ f.__class__ }}{{ f._func }}{{ f._environment }}
{% macro f() %}{{ caller.__globals__ }}{% endmacro %}{% call f() %}{% endcall %}
{{ missing.__class__ }}{{ missing.__init__.__globals__ }}
{{ ''.join.__self__ }}{{ ''.join.__func__ }}{{ ''.upper.__call__() }}
{{ '{0.__class__}'.format(1) }}
{{ '{0.__class__}'.format_map({'0': 1}) }}
{{ ''['format'](1) }}{{ ('' | attr('format'))('x') }}
{{ '' | attr('__class__') }}{{ [''] | map(attribute='__class__') | list }}
{{ [''] | map('attr', '__class__') | list }}
{{ [messages] | map(attribute='__class__.__base__') | first }}
{{ [''] | selectattr('__class__') | list }}{{ [''] | sort(attribute='__class__') }}
{{ [''] | sum(attribute='__class__') }}{{ [''] | join(attribute='__class__') }}
{{ [''] | max(attribute='__class__') }}{{ [''] | unique(attribute='__class__') | list }}
{{ messages.append(1) }}{{ messages[0].update({}) }}{{ messages[0].pop('role') }}{{ messages.clear() }}
{{ messages | map('append') | list }}
{{ (messages | map(attribute='role')).gi_frame.f_globals }}
{{ messages[0].items().__class__ }}{{ messages[0].get.__self__.__class__ }}
{{ config }}{{ request }}{{ get_flashed_messages }}{{ context }}{{ environment }}{{ resolve }}{{ url_for.__globals__ }}
{{ own }}{{ constants }}{{ messages[0].role.own }}{{ 'x'.own }}{{ 'x'.clip(0, 1) }}
{% debug %}
{% include '/etc/passwd' %}
{% import 'os' as os %}
{% extends '/etc/passwd' %}
{{ messages | pprint }}{{ messages | xmlattr }}
{{ '' | string | safe | escape }}
{{ __builtins__ }}{{ __import__('os') }}
{{ open('/etc/passwd') }}
{{ eval('1') }}
{{ getattr('', 'upper') }}
{% set loop = 1 %}{{ loop.__class__ }}
{% for __class__ in [1] %}{{ ''[__class__] }}{% endfor %}
{% set x = '__cla' + 'ss__' %}{{ ''[x] }}{{ messages[x] }}
{{ messages[0][['__class__'] | first] }}
""".strip().splitlines()

# What no harmless rendering of the above contains.
TRACES = ("class", "function", "method", "object at", "module", "uid=", "root:", "frozenset", "builtin", "Sandbox")


def outcome(source: str, messages: list[dict[str, Any]]) -> tuple[str, str]:
    """What the template wrote, or the sentence that it ended with."""
    try:
        return ChatTemplate(source, "model.gguf", {}).render(read_messages(messages)), ""
    except (CheckpointError, RequestError) as error:
        return "", str(error)


@pytest.mark.parametrize("source", ESCAPES)
def test_no_way_out(source: str) -> None:
    messages = [turn("user", "Hi")]
    text, refusal = outcome(source, messages)
    assert not [trace for trace in TRACES if trace in text]
    assert "\n" not in refusal
    assert messages == [turn("user", "Hi")]


BOMBS = r"""
{% for x in range(10**9) %}{% endfor %}
{% for x in range(99999) %}{% for y in range(99999) %}{% endfor %}{% endfor %}
{% for x in range(99999) %}{% for y in range(99999) %}{{ x }}{% endfor %}{% endfor %}
{% for x in range(99999) %}{% for y in range(99999) if y < 0 %}{% endfor %}{% endfor %}
{% for x in range(99999) %}{% for y in range(99999) %}{% if x == y %}{% endif %}{% endfor %}{% endfor %}
{% for x in range(99999) %}{% for y in range(99999) | map('string') %}{{ y }}{% endfor %}{% endfor %}
{% for x in range(99999) %}{% set y = range(99999) | list %}{% endfor %}
{% for x in [1, 2] recursive %}{% if loop.depth < 60 %}{{ loop([1, 2]) }}{% endif %}{% endfor %}
{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}
{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}
{% macro f(n) %}{% if n %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(60) }}
{% macro f(n) %}{{ f(n - 1, varargs, varargs) if n else varargs }}{% endmacro %}{{ f(60) }}
{% macro f(n) %}{{ f(n - 1, a=kwargs, b=kwargs) if n else kwargs }}{% endmacro %}{{ f(60) }}
{{ 'a' * 10**9 }}
{{ ('a' * 99999) * 99999 }}
{{ 10**9 * 'a' }}
{{ [1] * 10**9 }}
{{ 10**10**9 }}
{% set ns = namespace(x=3) %}{% for i in range(100) %}{% set ns.x = ns.x * ns.x %}{% endfor %}
{% set ns = namespace(x=3) %}{% for i in range(100) %}{% set ns.x = ns.x ** 2 %}{% endfor %}
{% set ns = namespace(x='a') %}{% for i in range(60) %}{% set ns.x = ns.x + ns.x %}{% endfor %}
{% set ns = namespace(x='a') %}{% for i in range(60) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}
{% set ns = namespace(x='a') %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] | join %}{% endfor %}
{% set ns = namespace(x='a') %}{% for i in range(60) %}{% set ns.x = ns.x | tojson | tojson %}{% endfor %}
{% set ns = namespace(x='a') %}{% for i in range(60) %}{% set ns.x = ns.x.replace('a', 'aa') %}{% endfor %}
{% set ns = namespace(x='a') %}{% for i in range(60) %}{% set ns.x %}{{ ns.x }}{{ ns.x }}{% endset %}{% endfor %}
{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = ns.x + ns.x %}{% endfor %}
{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x }}
{% set ns = namespace(x=1) %}{% for i in range(60) %}{% set ns.x = (ns.x, ns.x) %}{% endfor %}{{ {ns.x: 1} }}
{% set ns = namespace(x=1) %}{% for i in range(60) %}{% set ns.x = {'a': ns.x, 'b': ns.x} %}{% endfor %}{{ ns.x }}
{% set ns = namespace(x=1) %}{% for i in range(60) %}{% set ns.x = dict(a=ns.x, b=ns.x) %}{% endfor %}{{ ns.x }}
{% set ns = namespace(x=1) %}{% for i in range(60) %}{% set ns.x = {ns.x: ns.x}.items() | first %}{% endfor %}{{ ns.x }}
{% set ns = namespace(x=1) %}{% for i in range(60) %}{% set ns.x = namespace(a=ns.x, b=ns.x) %}{% endfor %}{{ ns.x }}
{{ 'a' | replace('', 'b' * 99999) | replace('b', 'c' * 99999) }}
{{ ('a' * 99999).replace('a', 'b' * 99999) }}
{{ ('a\n' * 99999) | indent(10**9) }}
{{ ('a\n' * 99999) | indent('b' * 99999) }}
{{ [[1]] | tojson(indent=10**9) }}
{{ ([1] * 9999) | tojson(separators=('a' * 9999, 'b')) }}
{{ range(99999) | join('a' * 99999) }}
{{ ('a' * 99999).join(range(99999) | map('string')) }}
{{ strftime_now('%c' * 99999) }}
{{ range(10**12) | list }}
{{ range(10**12) | sum }}
{{ range(10**12) | last }}
{% set x = 'a' * 4000000 %}{% for i in range(99999) %}{% if 'b' in x %}{% endif %}{% endfor %}
{% set x = 'a' * 4000000 %}{% for i in range(99999) %}{% set y = x[1:] %}{% endfor %}
{% set x = 'a' * 4000000 %}{% for i in range(99999) %}{% set y = x.strip() %}{% endfor %}
{% set x = 'a' * 4000000 %}{% for i in range(99999) %}{% set y = x.count('b') %}{% endfor %}
{% set x = 'a' * 4000000 %}{% for i in range(99999) %}{% set y = x.split('a') %}{% endfor %}
{% set x = 'a' * 4000000 %}{% for i in range(99999) %}{% set y = x | list %}{% endfor %}
{% set x = 'a' * 4000000 %}{% for i in range(99999) %}{% set y = x | upper %}{% endfor %}
{% set x = 'a' * 4000000 %}{% for i in range(99999) %}{% for y in x %}{% endfor %}{% endfor %}
{% set x = [1] * 400000 %}{% for i in range(99999) %}{% set y = x | sort %}{% endfor %}
{% set x = [1] * 400000 %}{% for i in range(99999) %}{% if 2 in x %}{% endif %}{% endfor %}
{% set x = [1] * 400000 %}{% for i in range(99999) %}{% set y = x.count(2) %}{% endfor %}
{% set x = [1] * 400000 %}{% for i in range(99999) %}{% set y = x is eq x %}{% endfor %}
{% set x = [1] * 400000 %}{% for i in range(99999) %}{% set y = x[:] %}{% endfor %}
{% set x = [1] * 400000 %}{% for i in range(99999) %}{% set y = x | map('string') | first %}{% endfor %}
{% for i in range(99999) %}{% for j in range(99999) %}{{ messages | tojson }}{% endfor %}{% endfor %}
{% set ns = namespace(x=1) %}{% for i in range(99999) %}{% set ns.x = [ns.x, ns.x] | sum %}{% endfor %}
""".strip().splitlines()


@pytest.mark.parametrize("source", BOMBS)
def test_stopped_in_time(source: str) -> None:
    """Most of them take milliseconds."""
    turns = read_messages(PLAIN)

    def run() -> None:
        with pytest.raises(CheckpointError, match=r"it does more work than|nested too deeply|templates may not do"):
            ChatTemplate(source, "model.gguf", {}).render(turns)

    quickly(5, run)


# Keys are hashed in C, all of them and to the bottom; 200,000 levels of tuples overflow the stack of the process.
WIDE = "{% set ns = namespace(x=(1,)) %}{% for i in range(15) %}{% set ns.x = (ns.x, ns.x) %}{% endfor %}"
DEEP = (
    "{% set ns = namespace(x=()) %}"
    "{% for i in range(2) %}{% for j in range(99999) %}{% set ns.x = (ns.x,) %}{% endfor %}{% endfor %}"
)
KEYS = ["{ns.x: 1}", "messages[0][ns.x]", "messages[0].get(ns.x)", "ns.x in messages[0]", "[ns.x] | unique | list"]
# 700,000 places, each of which is compared with up to 300,000 characters.
TEXTS = "{% set x = 'a' * 700000 %}{% set y = 'a' * 150000 + 'b' + 'a' * 150000 %}{% set z = 'b' * 300000 + 'a' %}"
SEARCHES = ["x.rfind(y)", "x.rsplit(y)", "x.rsplit(sep=y)", "x.rpartition(y)", "y in x", "x.strip(z)", "x | trim(z)"]


@pytest.mark.parametrize(
    "source",
    [f"{WIDE}{{% for i in range(99999) %}}{{% set y = {key} %}}{{% endfor %}}" for key in KEYS]
    + [f"{DEEP}{{{{ {key} }}}}" for key in KEYS]
    + [f"{TEXTS}{{{{ {search} }}}}" for search in SEARCHES],
)
def test_a_long_conversation_buys_no_work_that_is_not_linear(source: str) -> None:
    turns = read_messages([turn("user", "hello" * 60_000)])

    def run() -> None:
        with pytest.raises(CheckpointError, match="it does more work than"):
            ChatTemplate(source, "model.gguf", {}).render(turns)

    quickly(10, run)


def test_templates_of_too_many_parts() -> None:
    with pytest.raises(CheckpointError, match="having 20003 parts, more than 16384"):
        ChatTemplate(f"{{{{ {' ~ '.join(['a'] * 20_000)} }}}}", "model.gguf", {})


PADDING = r"""
{{ 'a' | center(10**9) }}
{{ 'a'.center(10**9) }}
{{ 'a'.ljust(10**9) }}
{{ 'a'.rjust(10**9) }}
{{ 'a'.zfill(10**9) }}
{{ '\t'.expandtabs(10**9) }}
{{ '%1000000000d' % 1 }}
{{ '%1000000000d' | format(1) }}
{{ '{:>1000000000}'.format(1) }}
{{ '{a:>1000000000}'.format_map({'a': 1}) }}
{{ 'a'.translate({97: 'b' * 9999}) }}
{{ 'a' | wordwrap(1) }}
{{ [1] | batch(10**9, 0) | list }}
{{ [1] | slice(10**9) | list }}
{{ 1.5 | round(10**9, 'ceil') }}
{{ 'a' | urlize }}
{{ 'a' | striptags }}
{{ [1, 2] | random }}
{{ lipsum(10**6) }}
""".strip().splitlines()


@pytest.mark.parametrize("source", PADDING)
def test_what_makes_much_of_little_is_not_there(source: str) -> None:
    with pytest.raises((CheckpointError, RequestError), match=r"No filter|may not do|is undefined"):
        ChatTemplate(source, "model.gguf", {}).render(read_messages(PLAIN))


def test_sums_are_of_numbers() -> None:
    """Of 40,000 lists, each would be copied 20,000 times on average."""
    assert outcome("{{ [1, 2.5, 3] | sum }}{{ [{'a': 4}] | sum(attribute='a', start=1) }}", PLAIN) == ("6.55", "")
    with pytest.raises(RequestError, match="a sum of values that are no numbers"):
        ChatTemplate("{{ ([[1]] * 40000) | sum(start=[]) }}", "model.gguf", {}).render(read_messages(PLAIN))


NUMBERS = [
    "{{ 2.0 ** 10000 }}",
    "{{ 'a' | int(base=1) + ('9' * 5000) | int }}",
    "{{ (-1) ** 0.5 }}",
    "{{ 1e308 * 10 }}",
]


@pytest.mark.parametrize("source", NUMBERS)
def test_numbers_of_any_size_end_somehow(source: str) -> None:
    text, refusal = outcome(source, PLAIN)
    assert 0 < len(text + refusal) < 400


@pytest.mark.parametrize("source", TEMPLATES.values(), ids=TEMPLATES)
def test_long_conversations_are_no_bombs(source: str) -> None:
    """A thousand messages, and a message of two million characters: the allowance grows with what is given."""
    messages: list[dict[str, Any]] = [turn("user" if i % 2 == 0 else "assistant", "word " * 200) for i in range(1001)]
    text = ChatTemplate(source, "model.gguf", {"bos_token": ""}).render(read_messages(messages))
    assert text.count("word") == 200 * 1001
    long = [turn("user", "a </think> b\n" * 160_000), turn("assistant", "a </think> b\n" * 80_000), turn("user", "c")]
    text = ChatTemplate(source, "model.gguf", {"bos_token": ""}).render(read_messages(long))
    assert len(text) > 2_000_000
