"""Fingerprints of source files: all that some modules import, without words and declarations."""

import ast
import functools
import hashlib
from pathlib import Path

import grimp
from grimp.exceptions import SourceSyntaxError

from threefactor.declarations import PACKAGE, declaring
from threefactor.experiment.settings.errors import SettingsError

BESIDE = ("*.cu", "*.html")
"""Files beside a module that it reads: kernels of the GPU, and pages that it fills in."""

WATCHES = "threefactor.pipeline.tracking"
"""The package that has no part in results."""


def code(*modules: str) -> list[str]:
    """Name and fingerprint each source file that the modules import, directly or not.

    Parameters
    ----------
    *modules : str
        Names inside the package, for example ``"stages.retrain.compute"`` or ``"learning_rules.bptt"``.

    Returns
    -------
    list of str
        Sorted lines such as ``"learning_rules/bptt.py 3c63b62f"``.
    """
    return [f"{path.relative_to(PACKAGE)} {fingerprint(path)}" for path in sources(modules)]


@functools.cache
def sources(modules: tuple[str, ...]) -> list[Path]:
    """List the files of the modules, of all that they import, and of the packages around them.

    Raises
    ------
    SettingsError
        If a file of the package is no Python, in one line.
    """
    graph = _graph()
    names: set[str] = set()
    for module in modules:
        name = f"threefactor.{module}"
        names |= {name} | graph.find_upstream_modules(name)
    return sorted({file for name in names for file in _files(name)})


@functools.cache
def fingerprint(path: Path) -> str:
    """Hash a file, of Python its syntax tree without words and declarations."""
    if path.suffix != ".py":
        return hashlib.sha256(path.read_bytes()).hexdigest()[:8]
    tree = ast.parse(path.read_text(encoding="utf-8-sig"))
    names = declaring(path)
    tree.body = [node for node in tree.body if not _declares(node, names)]
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            is_block = isinstance(node, ast.ClassDef) and _is_block(node)
            node.body = [
                inner for inner in node.body if not _is_words(inner) and not (is_block and _is_field(inner))
            ]
    return hashlib.sha256(ast.dump(tree).encode()).hexdigest()[:8]


def _declares(node: ast.stmt, names: tuple[str, ...]) -> bool:
    """Tell an assignment of a declaration."""
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return any(isinstance(target, ast.Name) and target.id in names for target in targets)


def _is_block(node: ast.ClassDef) -> bool:
    """Tell a group of settings."""
    return any(isinstance(base, ast.Name) and base.id in ("Block", "Base") for base in node.bases)


def _is_field(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.AnnAssign)


def _is_words(statement: ast.stmt) -> bool:
    """Tell a docstring, of the block or of the assignment before it."""
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )


@functools.cache
def _graph() -> grimp.ImportGraph:
    """Build the import graph of the package once a process."""
    try:
        graph = grimp.build_graph("threefactor", cache_dir=None, exclude_type_checking_imports=True)
    except SourceSyntaxError as problem:
        raise SettingsError(
            f"{problem.filename}: must be Python: syntax error in line {problem.lineno}"
        ) from None
    for module in {WATCHES} | graph.find_descendants(WATCHES):
        graph.remove_module(module)
    return graph


def _files(module: str) -> list[Path]:
    """Name the module's file and the `__init__.py` of each package on the way, which grimp leaves out."""
    path = PACKAGE.parent.joinpath(*module.split("."))
    packages = [path, *path.parents][: module.count(".") + 1]
    files = [path.with_suffix(".py"), *(package / "__init__.py" for package in packages)]
    beside = [file for kind in BESIDE for file in path.parent.glob(kind)]
    return [*(file for file in files if file.exists()), *beside]
