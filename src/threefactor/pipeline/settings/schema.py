"""The JSON schema of the settings, by which an editor completes and checks a file of settings."""

from collections.abc import Iterator, Mapping
from typing import Any

from threefactor.experiment import conditions
from threefactor.pipeline.settings.model import config_class

Schema = dict[str, Any]


def schema() -> Schema:
    """Return the schema of a file of settings: all keys, with types, bounds, defaults and meanings."""
    found: Schema = _without_titles(config_class().model_json_schema(by_alias=True))
    of_condition = found["$defs"]["Transfer"]["properties"]["conditions"]["patternProperties"]
    changeable = {"type": "object", "additionalProperties": False, "properties": dict(_changeable(found))}
    for pattern in of_condition:
        of_condition[pattern] = changeable
    return {"title": "Settings of an experiment of threefactor", **found}


def resolve(whole: Schema, one: Schema) -> Schema:
    """Return the schema that a reference points to, with what stands beside the reference; others as they are."""
    if "$ref" not in one:
        return one
    return {**whole["$defs"][one["$ref"].rpartition("/")[2]], "block": one["$ref"].rpartition("/")[2]}


def leaves(whole: Schema, block: Schema, above: str = "") -> Iterator[tuple[str, Schema]]:
    """Yield the dotted key and the schema of every setting of a block and of the blocks in it."""
    for name, one in block["properties"].items():
        inner = resolve(whole, one)
        if "properties" in inner:
            yield from leaves(whole, inner, f"{above}{name}.")
        else:
            yield f"{above}{name}", one


def _changeable(whole: Schema) -> Iterator[tuple[str, Schema]]:
    """Yield the settings that a condition of `transfer` may change, each by its dotted key."""
    for key, one in leaves(whole, whole):
        if key.partition(".")[0] in conditions.CHANGEABLE or key in conditions.WHO:
            yield key, one


def _without_titles(node: Any) -> Any:
    """Leave out titles, which say no more than the keys."""
    if isinstance(node, Mapping):
        return {
            name: {key: _without_titles(one) for key, one in inner.items()}
            if name in ("properties", "$defs")
            else _without_titles(inner)
            for name, inner in node.items()
            if name != "title"
        }
    return [_without_titles(one) for one in node] if isinstance(node, list) else node
