"""The reference of all settings, as a page and as a JSON schema: ``python -m threefactor.pipeline.settings.reference``.

Both are written from the blocks that stages, tasks and learning rules declare.  A test writes them again and compares.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from threefactor.declarations import PACKAGE
from threefactor.pipeline.settings import load
from threefactor.pipeline.settings.schema import Schema, leaves, resolve, schema

COMMAND = "python -m threefactor.pipeline.settings.reference"
"""Writes the page and the schema."""

CHECKOUT = PACKAGE.parents[1]

UNIT = re.compile(r"no unit|in [a-zθ ]+|per .+|number( of [a-z ]+| n)?")
"""The part of a description, between commas, that is a unit."""

NAME = r"^[a-z][a-z0-9_]*$"
"""The pattern of a name, see `threefactor.experiment.settings.block.Name`."""

HEAD = f"""# Settings

Written by `{COMMAND}`; do not edit.

A settings file is YAML. What it leaves out has the default below. The default experiment,
`config/config.yaml`, writes out the defaults that experiments change most.
`python -m threefactor settings --config FILE` prints every key with the value that holds. Editors that read
`config/settings.schema.json` complete and check keys.

Keys on the command line: `snakemake --cores all --config seed=2 network.units=64`.
`python -m threefactor settings network` prints a block alone.

A key stands once. Where a text is wanted, `2026-11-29` or `no` is that text, with quotes or without. A power of ten is
written with a point and a sign, as `6.0e-3`.

"–" in the column *unit* is a number without a unit. `''` is an empty text. A *name* is made of a-z, 0-9 and _, and
begins with a letter. `<name>` stands for a name of your own.
"""

ROW = "| key | default | unit | must be | meaning |\n|---|---|---|---|---|\n"


def texts() -> dict[Path, str]:
    """Return the text of each file, by its place in a checkout."""
    whole = schema()
    return {
        Path("docs/reference/settings.md"): page(whole),
        Path("config/settings.schema.json"): json.dumps(whole, ensure_ascii=False, indent=1) + "\n",
    }


def write(folder: Path = CHECKOUT) -> list[Path]:
    """Write the page and the schema below a folder; return the files that changed."""
    load.expect_stages()
    changed = []
    for place, text in texts().items():
        path = folder / place
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            changed.append(path)
    return changed


def page(whole: Schema) -> str:
    """Return the page in Markdown: a section a block, a row a key."""
    plain = {name: one for name, one in whole["properties"].items() if "$ref" not in one}
    sections = [HEAD, _section("The whole", "", {"properties": plain}, whole)]
    for name, one in whole["properties"].items():
        if "$ref" in one:
            block = resolve(whole, one)
            sections.append(_section(f"`{name}`", f"{name}.", block, whole))
    return "\n".join(sections)


def unit(description: str) -> tuple[str, str]:
    """Split a description into its meaning and its unit; the unit is empty where there is none."""
    parts = description.split(", ")
    for position in reversed(range(1, len(parts))):
        if UNIT.fullmatch(parts[position]):
            found = parts.pop(position).removeprefix("in ")
            return ", ".join(parts), "–" if found == "no unit" else found
    return description, ""


def _section(title: str, above: str, block: Schema, whole: Schema) -> str:
    """Return the table of a block; each group of named blocks in it has a table of its own."""
    rows = [_row(key, one) for key, one in leaves(whole, block, above)]
    words = block.get("description", "")
    found = f"## {title}\n\n{words}\n\n" if words else f"## {title}\n\n"
    text = found + ROW + "\n".join(rows) + "\n"
    for key, one in leaves(whole, block, above):
        for named in one.get("patternProperties", {}).values():
            inner = resolve(whole, named)
            if "block" in inner:
                text += "\n" + _section(f"`{key}.<name>`", f"{key}.<name>.", inner, whole).replace(
                    "## ", "### ", 1
                )
    return text


def _row(key: str, one: Schema) -> str:
    """Return the row of a setting."""
    meaning, its_unit = unit(one.get("description", ""))
    default = f"`{_value(one['default'])}`" if "default" in one else "none: must be given"
    cells = (f"`{key}`", default, its_unit, _bounds(one), meaning.replace("<", "&lt;"))
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _value(value: Any) -> str:
    """Write a value as a settings file does, on one line; of a group of groups, only the names."""
    if isinstance(value, str):
        return value if value and not value.isdigit() else f"'{value}'"
    if isinstance(value, dict):
        if any(isinstance(inner, dict) for inner in value.values()):
            return "{" + ", ".join(f"{name}: …" for name in value) + "}"
        return "{" + ", ".join(f"{name}: {_value(inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    return json.dumps(value)


def _bounds(one: Schema) -> str:
    """Say what a value must be."""
    if "anyOf" in one:
        return " or ".join(_bounds(branch) for branch in one["anyOf"])
    if "const" in one:
        return f"`{_value(one['const'])}`"
    if "enum" in one:
        return ", ".join(f"`{_value(value)}`" for value in one["enum"])
    if one.get("pattern") == NAME:
        return "name"
    if one["type"] == "array":
        several = one["prefixItems"] if "prefixItems" in one else [one["items"]]
        return f"list of {', '.join(map(_bounds, several))}"
    return f"{_KINDS[one['type']]} {', '.join(_limits(one))}".rstrip()


_KINDS = {
    "integer": "whole number",
    "number": "number",
    "boolean": "`true` or `false`",
    "string": "text",
    "object": "group",
}


def _limits(one: Schema) -> Iterator[str]:
    """Yield the bounds of a number, and the pattern of a text."""
    for name, sign in (
        ("exclusiveMinimum", ">"),
        ("minimum", "≥"),
        ("exclusiveMaximum", "<"),
        ("maximum", "≤"),
    ):
        if name in one:
            yield f"{sign} {one[name]}"
    if "pattern" in one:
        yield f"like `{one['pattern']}`"


if __name__ == "__main__":
    for path in write():
        print(path.relative_to(CHECKOUT))
