"""Fingerprints of source files: all that some modules import, without words and declarations."""

import ast
import functools
import hashlib
from collections.abc import Iterator
from pathlib import Path

from threefactor.declarations import PACKAGE, declaring, parsed

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

    Files that none of them imports are not read: what is wrong in them is no matter of these modules.

    Raises
    ------
    DeclarationError
        If one of the files is no Python, in one line.
    """
    names: set[str] = set()
    waiting = {f"threefactor.{module}" for module in modules}
    while waiting:
        names |= waiting
        waiting = {inner for name in waiting for inner in imports(name)} - names
    return sorted({file for name in names for file in _files(name)})


@functools.cache
def imports(module: str) -> frozenset[str]:
    """Name the modules of the package that a module imports, at its top or later, for more than its types."""
    path = _path(module)
    found: set[str] = set()
    for node in _read(path)[0] if path else ():
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        else:
            start = _start(node, module)
            inner = {f"{start}.{name.name}" for name in node.names}
            found |= {name if _path(name) else start for name in inner}
    return frozenset(name for name in found if _path(name) and not f"{name}.".startswith(f"{WATCHES}."))


def _start(node: ast.ImportFrom, module: str) -> str:
    """Return the whole name of the module that names are imported from."""
    if not node.level:
        return str(node.module)
    parts = [*module.split("."), *(["__init__"] if _is_package(module) else [])]
    return ".".join([*parts[: -node.level], *([node.module] if node.module else [])])


def _is_package(module: str) -> bool:
    return PACKAGE.parent.joinpath(*module.split("."), "__init__.py").is_file()


@functools.cache
def _path(module: str) -> Path | None:
    """Return the file of a module of the package; None where there is none, as for what a module defines."""
    first, *parts = module.split(".")
    if first != PACKAGE.name:
        return None
    place = PACKAGE.joinpath(*parts)
    files = (place / "__init__.py", place.parent / f"{place.name}.py")
    return next((file for file in files if file.is_file()), None)


def _importing(node: ast.AST) -> Iterator[ast.Import | ast.ImportFrom]:
    """Yield the statements that import, without those for type checkers."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        yield node
    inner = ast.iter_child_nodes(node)
    if isinstance(node, ast.If) and ast.unparse(node.test).split(".")[-1] == "TYPE_CHECKING":
        inner = iter(node.orelse)
    for child in inner:
        yield from _importing(child)


def fingerprint(path: Path) -> str:
    """Hash a file, of Python its syntax tree without words and declarations."""
    return _read(path)[1] if path.suffix == ".py" else hashlib.sha256(path.read_bytes()).hexdigest()[:8]


@functools.cache
def _read(path: Path) -> tuple[list[ast.Import | ast.ImportFrom], str]:
    """Return the statements of a file that import, and its fingerprint."""
    tree = parsed(path)
    importing = list(_importing(tree))
    names = declaring(path)
    tree.body = [node for node in tree.body if not _declares(node, names)]
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            is_block = isinstance(node, ast.ClassDef) and _is_block(node)
            node.body = [
                inner for inner in node.body if not _is_words(inner) and not (is_block and _is_field(inner))
            ]
    return importing, hashlib.sha256(ast.dump(tree).encode()).hexdigest()[:8]


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


def _files(module: str) -> list[Path]:
    """Name the module's file and the `__init__.py` of each package on the way."""
    path = PACKAGE.parent.joinpath(*module.split("."))
    packages = [path, *path.parents][: module.count(".") + 1]
    files = [path.with_suffix(".py"), *(package / "__init__.py" for package in packages)]
    beside = [file for kind in BESIDE for file in path.parent.glob(kind)]
    return [*(file for file in files if file.exists()), *beside]
