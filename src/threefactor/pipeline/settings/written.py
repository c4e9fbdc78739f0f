"""YAML in which each key stands once, and a name that looks like a number or a date is the text that was written."""

import re
from collections.abc import Mapping
from types import UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

import yaml

from threefactor.experiment.settings.errors import SettingsError, inside

TAG = "tag:yaml.org,2002:"

OTHER_BASES = re.compile(r"[-+]?0[0-9_]+|.*:.*")
"""010, which YAML 1.1 reads as 8, and 1:40, which it reads as 100: here they stay text."""


class Written(NamedTuple):
    """A value that stands without quotes."""

    value: Any  # as YAML reads it
    text: str


class _Loader(yaml.SafeLoader):
    """YAML in which each key stands once; the standard loader takes the last one in silence."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Build a group of keys."""
        lines: dict[str, int] = {}
        for key, _ in node.value:
            name, line = str(key.value), key.start_mark.line + 1
            if name in lines:
                raise SettingsError(
                    f"key {name!r} in line {line}: must stand once, line {lines[name]} has it too"
                )
            lines[name] = line
        return super().construct_mapping(node, deep)


def _written(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> Written | str:
    """Read a plain value, and keep its text."""
    if node.tag in (f"{TAG}int", f"{TAG}float") and OTHER_BASES.fullmatch(node.value):
        return str(node.value)
    value = yaml.SafeLoader.yaml_constructors[node.tag](loader, node)
    return Written(value, node.value)


for _tag in ("int", "float", "bool", "null"):
    _Loader.add_constructor(f"{TAG}{_tag}", _written)
_Loader.add_constructor(f"{TAG}timestamp", lambda _, node: str(node.value))


def read(text: str, kind: Any) -> Any:
    """Read a text of YAML as a value of a type.

    Parameters
    ----------
    text : str
        The text.
    kind : type
        What tells names from numbers: a class of settings, or the type of one key.

    Raises
    ------
    SettingsError
        For a key that stands twice; with its line.
    yaml.YAMLError, ValueError
        For what is no YAML.
    """
    return resolve(yaml.load(text, _Loader), kind)  # a safe loader


def resolve(found: Any, kind: Any) -> Any:
    """Take the text of each value where the type is a text, and its value elsewhere."""
    if isinstance(found, Written):
        return found.text if is_text(kind) and found.value is not None else found.value
    if isinstance(found, Mapping):
        resolved = {_key(key, kind): inner for key, inner in found.items()}
        return {key: resolve(inner, inside(kind, key)) for key, inner in resolved.items()}
    if isinstance(found, list):
        return [resolve(inner, inside(kind, number)) for number, inner in enumerate(found)]
    return found


def is_text(kind: Any) -> bool:
    """Say whether a type takes nothing but texts."""
    if get_origin(kind) is Annotated:
        return is_text(get_args(kind)[0])
    if get_origin(kind) in (Union, UnionType):
        return all(map(is_text, get_args(kind)))
    if get_origin(kind) is Literal:
        return all(isinstance(choice, str) for choice in get_args(kind))
    return kind is str


def _key(key: Any, kind: Any) -> Any:
    """Return a key as its group of keys takes it: by name, unless the type says otherwise."""
    if not isinstance(key, Written):
        return key
    is_other = get_origin(kind) is dict and not is_text(get_args(kind)[0])
    return key.value if is_other else key.text
