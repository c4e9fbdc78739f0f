"""What a file says of itself in literals at its top, read without running it.

A learning rule, a task or a figure is one file.  What others must know of it before anything runs (its settings, its
label, what it has access to, its inputs) stands there as constants, so that planning imports neither torch nor
matplotlib.
"""

import ast
import functools
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).parent
"""The folder of the package ``threefactor``."""


INFORMATION = ("reward", "perturbation", "error", "gradient")
"""What a learning rule can have access to, from least to most."""

MONOMIAL = re.compile(r"theta_([0-9])([0-9])(?:_(raw|normalised|standardised))?")
"""Name of the rule of one term: powers k of the rate and l of the deviation, and which deviation, if the name says it."""

START = "start_"
"""Marks the name of the rule that the meta-learning of another began with."""


class DeclarationError(ValueError):
    """A file declares what cannot be read; the message is one line that names the file."""


class ContractError(ValueError):
    """A learning rule or a task does not keep to `threefactor.contract`; the message is one line."""


NAMES = {
    "learning_rules/*.py": (
        *("LABEL", "INFORMATION", "LOCAL", "SOURCE", "MIXES_TRIAL_TYPES", "EXPLORES", "MOVES_READOUT"),
        *("SETTINGS", "TUNED"),
    ),
    "tasks/*.py": ("SETTINGS", "REQUIRES", "OUTPUTS"),
    "stages/*/figures/*.py": ("HEADING", "INPUTS", "READS"),
    "stages/*/spec.py": ("SPEC",),
}
"""Constants that declare, by the files in which they do; elsewhere those of the same names are code.

What they decide reaches a job as a value, so that they are no part of its code."""


def names_in(folder: str, definition: str) -> list[str]:
    """List the files of a folder of the package that define a function of this name, in alphabetical order."""
    files = sorted((PACKAGE / folder).glob("*.py"))
    return [file.stem for file in files if file.stem.isidentifier() and definition in functions(file)]


def functions(file: Path) -> frozenset[str]:
    """Name the functions and classes that a file defines."""
    return _parsed(file, file.stat().st_mtime_ns)[0]


def declaring(file: Path) -> tuple[str, ...]:
    """Name the constants that declare in a file; none in most."""
    return next((names for pattern, names in NAMES.items() if file.match(pattern)), ())


def declared(file: Path) -> Mapping[str, Any]:
    """Return the declarations of a file, by name.

    Raises
    ------
    DeclarationError
        If one of them is no literal.
    """
    return _parsed(file, file.stat().st_mtime_ns)[1]


def broken(folder: str, name: str) -> str:
    """Say why a file of a folder of the package is no Python, to be put at the end of a message; empty where it is."""
    file = PACKAGE / folder / f"{name}.py"
    found = declared(file).get("BROKEN", "") if file.is_file() else ""
    return f"; {file.relative_to(PACKAGE.parent)} cannot be read: {found}" if found else ""


@functools.cache
def _parsed(file: Path, changed_at: int) -> tuple[frozenset[str], dict[str, Any]]:
    """Parse a file once for each time at which it was changed."""
    try:
        body = ast.parse(file.read_text(encoding="utf-8-sig")).body
    except (SyntaxError, ValueError) as problem:
        return frozenset(), {"BROKEN": " ".join(str(problem).split())}
    defined = frozenset(node.name for node in body if isinstance(node, ast.ClassDef | ast.FunctionDef))
    return defined, {
        name: _literal(file, name, value)
        for name, value in _constants(body, declaring(file))
        if name != "SPEC"
    }


def _constants(body: list[ast.stmt], names: tuple[str, ...]) -> list[tuple[str, ast.expr]]:
    """List the assignments of declarations."""
    plain = [(node.targets[0], node.value) for node in body if isinstance(node, ast.Assign)]
    typed = [(node.target, node.value) for node in body if isinstance(node, ast.AnnAssign) and node.value]
    return [
        (left.id, value) for left, value in plain + typed if isinstance(left, ast.Name) and left.id in names
    ]


def _literal(file: Path, name: str, value: ast.expr) -> Any:
    """Evaluate a literal."""
    try:
        return ast.literal_eval(value)
    except ValueError:
        raise DeclarationError(
            f"{file}: {name} must be a literal: numbers, texts, lists and groups of them"
        ) from None
