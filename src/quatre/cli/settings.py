"""Options of ``quatre serve`` that stand in a YAML file or in the environment, as defaults of its flags.

The command line has the last word, then the environment, then the file. Values never appear in errors: some are keys.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from quatre.cli.foreign import MODEL_FLAGS, OTHER_NAMES, explain
from quatre.cli.options import JSON_LIST
from quatre.errors import ConfigError

PREFIX = "QUATRE_"
OTHERS = {"QUATRE_ISA"}
"""Variables that are read elsewhere."""

TRUE, FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off", "")
LARGEST_FILE = 1 << 20


def settings(command: Callable[..., None], arguments: Sequence[str], environment: Mapping[str, str]) -> dict[str, Any]:
    """Values by parameter of ``command``, whose flags ``arguments`` holds. ConfigError says which one is wrong."""
    kinds = {name: _kind(hint) for name, hint in get_type_hints(command).items() if name != "return"}
    path = _config_path(arguments) or environment.get(PREFIX + "CONFIG")
    found = _from_file(Path(path), kinds) if path else {}
    return found | _from_environment(environment, kinds)


def _kind(hint: Any) -> type:
    """What a parameter takes: bool, list, or str for all that is written as one word."""
    options = get_args(hint) if get_origin(hint) is UnionType else (hint,)
    return bool if bool in options else list if any(get_origin(one) is list for one in options) else str


def _config_path(arguments: Sequence[str]) -> str | None:
    path = None
    for place, argument in enumerate(arguments):
        flag, equals, value = argument.partition("=")
        if flag == "--config":
            path = value if equals else arguments[place + 1] if place + 1 < len(arguments) else None
    return path


# -- The file ----------------------------------------------------------------------------------------------------------


def _from_file(path: Path, kinds: Mapping[str, type]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in _read(path).items():
        flag = "--" + key.replace("_", "-")
        flag, given = OTHER_NAMES.get(flag, flag), flag
        if given != flag and flag.startswith("--no-"):  # the other way round
            flag, value = "--" + flag.removeprefix("--no-"), not value if isinstance(value, bool) else value
        if flag in MODEL_FLAGS:
            flag = "--model"
        elif explain(flag, off=value is None or value is False):
            continue
        name = flag[2:].replace("-", "_")
        if name not in kinds or name == "config":
            raise ConfigError(f"{path} has {key!r:.60}, which is no option of quatre serve{_nearest(flag[2:], kinds)}")
        if value is not None:
            found[name] = _of_yaml(value, kinds[name], f"{path}: {key}")
    return found


def _read(path: Path) -> dict[str, Any]:
    import yaml

    try:
        with path.open("rb") as file:
            text = file.read(LARGEST_FILE + 1)
        if len(text) > LARGEST_FILE:
            raise ConfigError(f"{path} is larger than {LARGEST_FILE >> 20} MiB, so it is no file of options")
        node, content = yaml.compose(text, yaml.SafeLoader), yaml.safe_load(text)
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from error
    except (yaml.YAMLError, RecursionError, ValueError, TypeError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f", line {mark.line + 1}" if mark else ""
        raise ConfigError(
            f"{path} is not YAML{place}: {getattr(error, 'problem', None) or 'it cannot be read'}"
        ) from None
    if not isinstance(content, dict | None) or not all(isinstance(key, str) for key in content or {}):
        raise ConfigError(f"{path} must have lines such as 'port: 8000'")
    keys = [key.value for key, _ in node.value] if node is not None else []
    for key in keys:
        if keys.count(key) > 1:  # YAML itself would take the last
            raise ConfigError(f"{path} has {key!r:.60} twice")
    return content or {}


def _of_yaml(value: Any, kind: type, where: str) -> Any:
    if kind is bool:
        if not isinstance(value, bool):
            raise ConfigError(f"{where} must be true or false")
        return value
    if kind is list:
        return [_word(one, where) for one in (value if isinstance(value, list) else [value])]
    return json.dumps(value) if isinstance(value, dict) else _word(value, where)


def _word(value: Any, where: str) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ConfigError(f"{where} must be a text or a number; in YAML, words such as yes and off need quotes")
    return str(value)


# -- The environment ---------------------------------------------------------------------------------------------------


def _from_environment(environment: Mapping[str, str], kinds: Mapping[str, type]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for variable, value in environment.items():
        if not variable.startswith(PREFIX) or variable in OTHERS:
            continue
        name = variable.removeprefix(PREFIX).lower()
        if name not in kinds:
            nearest = _nearest(name.replace("_", "-"), kinds, lambda flag: PREFIX + flag.upper().replace("-", "_"))
            print(f"quatre: {variable} is no option of quatre serve{nearest}", file=sys.stderr)
        elif name != "config":
            found[name] = _of_variable(value, kinds[name], variable)
    return found


def _of_variable(value: str, kind: type, variable: str) -> Any:
    if kind is bool:
        if value.lower() not in TRUE + FALSE:
            raise ConfigError(f"{variable} must be one of {', '.join((*TRUE, *FALSE[:-1]))}")
        return value.lower() in TRUE
    if kind is not list:
        return value
    return [value] if JSON_LIST.match(value) else value.split()  # a list in JSON may have spaces


def _nearest(flag: str, kinds: Mapping[str, type], spell: Callable[[str], str] = str) -> str:
    near = get_close_matches(flag, [name.replace("_", "-") for name in kinds], 1)
    return f"; did you mean {spell(near[0])}?" if near else ""
