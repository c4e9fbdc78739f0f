"""The source files that a stage runs, each with a fingerprint of its code."""

import ast
import functools
import hashlib
from pathlib import Path

import grimp

ROOT = Path(__file__).parents[1]
"""The folder of the package."""

RECORD_ONLY = ("threefactor.config", "threefactor.pipeline.tracking")
"""What these decide reaches a stage as a setting, or only records it: they are in no stage's closure."""


def code(*modules: str) -> list[str]:
    """Name and fingerprint each source file that the modules import, directly or not.

    Parameters
    ----------
    *modules : str
        Names inside the package, for example ``"stages.retrain"`` or ``"learning_rules.bptt"``.

    Returns
    -------
    list of str
        Sorted lines such as ``"learning_rules/bptt.py 3c63b62f"``.  Comments and docstrings do not count.
    """
    return [f"{path.relative_to(ROOT)} {fingerprint(path)}" for path in sources(modules)]


@functools.cache
def sources(modules: tuple[str, ...]) -> list[Path]:
    """List the files of the modules, of all that they import, and of the packages around them."""
    graph = _graph()
    names: set[str] = set()
    for module in modules:
        name = f"threefactor.{module}"
        names |= {name} | graph.find_upstream_modules(name)
    return sorted({file for name in names for file in _files(name)})


@functools.cache
def fingerprint(path: Path) -> str:
    """Hash a file, of Python its syntax tree without comments and docstrings: words change nothing."""
    if path.suffix != ".py":
        return hashlib.sha256(path.read_bytes()).hexdigest()[:8]
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            node.body = [statement for statement in node.body if not _is_words(statement)]
    return hashlib.sha256(ast.dump(tree).encode()).hexdigest()[:8]


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
    graph = grimp.build_graph("threefactor", cache_dir=None, exclude_type_checking_imports=True)
    for name in RECORD_ONLY:
        for module in {name} | graph.find_descendants(name):
            graph.remove_module(module)
    return graph


def _files(module: str) -> list[Path]:
    """Name the module's file and the `__init__.py` of each package on the way, which grimp leaves out."""
    path = ROOT.parent.joinpath(*module.split("."))
    packages = [path, *path.parents][: module.count(".") + 1]
    files = [path.with_suffix(".py"), *(package / "__init__.py" for package in packages)]
    return [*(file for file in files if file.exists()), *path.parent.glob("*.cu")]
