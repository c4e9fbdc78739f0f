"""The reference of files, stages and learning rules: ``python -m threefactor.pipeline.reference``.

The page of output files is written from the specs of stages and from what ``stages/<stage>/tables.py`` declares of each
table and array, the table of stages in the page of commands from the specs, and the table of learning rules from what
their files declare.  A test writes them again and compares.
With a folder of results the command compares every file in it with the page, and fails where they differ.
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from threefactor.analysis.table import Array, Column, Table
from threefactor.declarations import PACKAGE
from threefactor.experiment import rules
from threefactor.experiment.spec import Spec
from threefactor.experiment.view import flatten
from threefactor.pipeline import files, registry
from threefactor.pipeline.declared import arrays_of, tables_of
from threefactor.pipeline.settings import load
from threefactor.pipeline.storage import arrays

COMMAND = "python -m threefactor.pipeline.reference"
"""Writes the pages."""

CHECKOUT = PACKAGE.parents[1]

BEGIN, END = "<!-- stages:begin -->", "<!-- stages:end -->"

READERS = {
    ".csv": lambda path: list(pd.read_csv(path, nrows=0).columns),
    ".safetensors": lambda path: list(arrays.load(path)),
    ".json": lambda path: list(flatten(json.loads(path.read_text(encoding="utf-8")))),
}
"""What reads the names in a file, by its suffix."""


def texts() -> dict[Path, str]:
    """Return the text of each page, by its place in a checkout."""
    found = {}
    for name, part in (("outputs", outputs()), ("commands", commands()), ("rules", learning_rules())):
        place = Path(f"docs/reference/{name}.md")
        head, _, rest = (CHECKOUT / place).read_text(encoding="utf-8").partition(BEGIN)
        found[place] = f"{head}{BEGIN}\n\n{part}\n{END}{rest.partition(END)[2]}"
    return found


def write() -> list[Path]:
    """Write the pages; return those that changed."""
    load.expect_stages()
    changed = []
    for place, text in texts().items():
        path = CHECKOUT / place
        if path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            changed.append(path)
    return changed


def commands() -> str:
    """Return the table of stages."""
    rows = ["| stage | what it does | one job for each |", "|---|---|---|"]
    for name, spec in registry.stages().items():
        options = ", ".join(f"`--{wildcard.replace('_', '-')}`" for wildcard in spec.wildcards)
        rows.append(f"| `{name}` | {spec.help} | {options or '–'} |")
    return "\n".join(rows) + "\n"


def learning_rules() -> str:
    """Return the table of learning rules, from what their files declare."""
    rows = [
        "| rule | in figures | has access to | local | explores | source | tuned |",
        "|---|---|---|---|---|---|---|",
    ]
    for name in [*rules.files(), rules.POLYNOMIAL]:
        one = rules.about(name)
        bounds = [f"`{key}` {low:g} to {high:g}" for key, (low, high) in rules.tuned_keys(name).items()]
        cells = (
            *(f"`{name}`", one.label or "its name", one.information, "yes" if one.is_local else "no"),
            *(one.explores or "–", one.source or "–", ", ".join(bounds) or "–"),
        )
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows) + "\n"


def outputs() -> str:
    """Return a section for each stage, with its files."""
    return "\n".join(text for name, spec in registry.stages().items() for text in _stage(name, spec))


def _stage(name: str, spec: Spec) -> Iterator[str]:
    """Yield the lines of a stage's section."""
    yield f"## {name}\n\n{registry.sentence(spec.help)}\n"
    tables, fields = tables_of(name), arrays_of(name)
    for output, pattern in spec.outputs.items():
        yield f"### `{pattern.replace('{', '<').replace('}', '>')}`\n"
        if output in tables:
            yield f"A row is {tables[output].row}.\n"
            yield _columns((*tables[output].columns, *tables[output].optional))
        elif output in fields:
            yield _fields(fields[output])
        else:
            yield "The same for people to read.\n"


def _columns(columns: tuple[Column, ...]) -> str:
    rows = [f"| `{one.name}` | {one.unit or '–'} | {_cell(one.meaning)} |" for one in columns]
    return "\n".join(["| column | unit | meaning |", "|---|---|---|", *rows]) + "\n"


def _fields(fields: tuple[Array, ...]) -> str:
    rows = [
        f"| `{one.name}` | {one.axes or '–'} | {one.unit or '–'} | {_cell(one.meaning)} |" for one in fields
    ]
    return "\n".join(["| array | axes | unit | meaning |", "|---|---|---|---|", *rows]) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


def differences(results: Path) -> Iterator[str]:
    """Yield a line for each column or array in a folder of results that no stage declares, and the other way round."""
    for name, spec in registry.stages().items():
        for output, pattern in spec.outputs.items():
            table = tables_of(name).get(output) or Table("", (), _as_columns(arrays_of(name).get(output, ())))
            for path in files.lying(results, pattern):
                if path.suffix in READERS:
                    yield from _differences(path, table)


def _as_columns(fields: tuple[Array, ...]) -> tuple[Column, ...]:
    return tuple(Column(one.name, one.unit, one.meaning) for one in fields)


def _differences(path: Path, table: Table) -> Iterator[str]:
    """Compare the names in a file with those declared; a name in angle brackets stands for any text, or is absent."""
    names = READERS[path.suffix](path)
    known = {
        one.name: re.compile(re.sub(r"<\w+>", r".+", re.escape(one.name)))
        for one in (*table.columns, *table.optional)
    }
    for name in names:
        if not any(pattern.fullmatch(name) for pattern in known.values()):
            yield f"{path}: {name} is not declared"
    if path.suffix == ".csv":
        for column in table.columns:
            if "<" not in column.name and column.name not in names:
                yield f"{path}: has no {column.name}"


if __name__ == "__main__":
    if len(sys.argv) > 1:
        found = list(differences(Path(sys.argv[1])))
        sys.exit("\n".join(found) if found else 0)
    for path in write():
        print(path.relative_to(CHECKOUT))
