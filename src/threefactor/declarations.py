"""What a file says of itself in literals at its top, read without running it.

A learning rule, a task or a figure is one file.  What others must know of it before anything runs (its settings, its
label, what it has access to, its inputs) stands there as constants, so that planning imports neither torch nor
matplotlib.
"""

import ast
import functools
import importlib
import keyword
import re
import traceback
from collections.abc import Mapping
from importlib.util import decode_source
from pathlib import Path
from types import ModuleType
from typing import Any

PACKAGE = Path(__file__).parent
"""The folder of the package ``threefactor``."""


INFORMATION = ("reward", "perturbation", "error", "gradient")
"""What a learning rule can have access to, from least to most."""

MONOMIAL = re.compile(r"theta_([0-9])([0-9])(?:_(raw|normalised|standardised))?")
"""Name of the rule of one term: powers k of the rate and l of the deviation, and which deviation, if the name says it."""

START = "start_"
"""Marks the name of the rule that the meta-learning of another began with."""

TUNED_MARK = "tuned_"
"""Marks the name of a rule whose constants were tuned for the condition that it is run under."""


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
    """List the files of a folder of the package that define a function of this name, in alphabetical order.

    A file that is no Python defines none, see `broken`.
    """
    files = sorted((PACKAGE / folder).glob("*.py"))
    return [file.stem for file in files if is_named(file) and definition in functions(file)]


def is_named(path: Path) -> bool:
    """Tell whether Python can import a file or folder by its name: an editor's lock or a copy of a Mac's it cannot."""
    name = path.name.removesuffix(".py")
    return name.isidentifier() and not keyword.iskeyword(name) and path.exists()


def functions(file: Path) -> frozenset[str]:
    """Name the functions and classes that a file defines; none where it is no Python."""
    body = _statements(file, file.stat().st_mtime_ns)
    if isinstance(body, DeclarationError):
        return frozenset()
    return frozenset(node.name for node in body if isinstance(node, ast.ClassDef | ast.FunctionDef))


def declaring(file: Path) -> tuple[str, ...]:
    """Name the constants that declare in a file; none in most."""
    return next((names for pattern, names in NAMES.items() if file.match(pattern)), ())


def declared(file: Path) -> Mapping[str, Any]:
    """Return the declarations of a file, by name.

    Raises
    ------
    DeclarationError
        If the file is no Python, or one of them is no literal.
    """
    body = _statements(file, file.stat().st_mtime_ns)
    if isinstance(body, DeclarationError):
        raise body
    found = _constants(body, declaring(file))
    return {name: _literal(file, name, value) for name, value in found if name != "SPEC"}


def broken(folder: str, name: str) -> str:
    """Say why a file of a folder of the package cannot be read, to be put at the end of a message; empty where it can."""
    file = PACKAGE / folder / f"{name}.py"
    if not is_named(file):
        return ""
    try:
        declared(file)
    except DeclarationError as problem:
        return f"; {problem}"
    return ""


def parsed(file: Path) -> ast.Module:
    """Parse a file as Python reads it: in UTF-8, with or without its mark, or in the encoding of its first lines.

    Raises
    ------
    DeclarationError
        If it is no Python.
    """
    try:
        return ast.parse(decode_source(file.read_bytes()))
    except UnicodeDecodeError as problem:
        line = problem.object[: problem.start].count(b"\n") + 1
        words = f"line {line} is not in UTF-8, and no encoding is declared"
    except SyntaxError as problem:
        words = _words(problem)
    except OSError as problem:
        words = str(problem.strerror)
    except (ValueError, RecursionError) as problem:
        words = str(problem)
    raise DeclarationError(f"{file}: must be Python: {words}")


def imported(module: str) -> ModuleType:
    """Import a module of the package by its name inside.

    Raises
    ------
    DeclarationError
        If it, or what it imports, is no Python or cannot be run, as where a package is missing.
    """
    try:
        return importlib.import_module(f"{PACKAGE.name}.{module}")
    except DeclarationError:
        raise
    except SyntaxError as problem:
        raise DeclarationError(f"{problem.filename}: must be Python: {_words(problem)}") from None
    except Exception as problem:  # whatever a user's file raises
        words = " ".join(f"{type(problem).__name__}: {problem}".split())
        raise DeclarationError(f"{_place(problem, module)}: must be imported: {words}") from problem


def _place(problem: Exception, module: str) -> str:
    """Name the last file of the package that an import ran, and its line; of a module that is not there, the module."""
    own = [
        frame
        for frame in traceback.extract_tb(problem.__traceback__)
        if Path(frame.filename).is_relative_to(PACKAGE) and frame.filename != __file__
    ]
    return f"{own[-1].filename}, line {own[-1].lineno}" if own else f"{PACKAGE.name}.{module}"


def _words(problem: SyntaxError) -> str:
    return problem.msg + (f" in line {problem.lineno}" if problem.lineno else "")


@functools.cache
def _statements(file: Path, changed_at: int) -> list[ast.stmt] | DeclarationError:
    """Parse a file once for each time at which it was changed; return what is wrong where it is no Python."""
    try:
        return parsed(file).body
    except DeclarationError as problem:
        return problem


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
