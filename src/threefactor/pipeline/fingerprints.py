"""What a job's results follow: the code that it runs and the settings that it reads, one line each.

Snakemake runs a job again when one of its lines changes, and says which.  Comments and docstrings do not count, nor do
declarations (`threefactor.declarations.NAMES` and the fields of settings), whose values have lines of their
own.  Tracking, which only watches, has no lines.
"""

import ast
import functools
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import grimp

from threefactor.declarations import FILES, NAMES, PACKAGE
from threefactor.experiment import rules
from threefactor.experiment.spec import Spec
from threefactor.experiment.view import dump, flatten, members
from threefactor.pipeline import registry

JOB = "pipeline.job"
"""The module that runs the job of a stage."""

DRAW = "pipeline.draw"
"""The module that draws a figure."""

WATCHES = "threefactor.pipeline.tracking"
"""The package that has no part in results."""


def shared_lines(config: Any, spec: Spec) -> list[str]:
    """Describe what all jobs of a stage run and read."""
    keys = [key for key in spec.settings if "{" not in key]
    return [*code(*_modules(spec)), *settings_lines(config, keys)]


def lines(config: Any, spec: Spec, values: Mapping[str, str]) -> list[str]:
    """Describe all that one job runs and reads."""
    under = spec.effective(config, values)
    runs = [f"tasks.{name}" for name in spec.tasks(under, values)]
    learning_rules = list(dict.fromkeys(spec.rules(under, values)))
    runs += [f"learning_rules.{rules.file_of(rule)}" for rule in learning_rules]
    runs += spec.modules(under, values)
    return [
        *code(*_modules(spec), *dict.fromkeys(runs)),
        *settings_lines(under, declared_keys(under, spec, values)),
        *(_rule_line(rule) for rule in learning_rules),
    ]


def own_lines(config: Any, spec: Spec, values: Mapping[str, str]) -> list[str]:
    """Describe what one job runs and reads beside `shared_lines`."""
    known = set(shared_lines(config, spec))
    return [line for line in lines(config, spec, values) if line not in known]


def figure_lines(config: Any, name: str) -> list[str]:
    """Describe what a figure runs and reads."""
    figure = registry.figures()[name]
    module = f"stages.{figure.stage}.figures.{name}"
    task = [f"tasks.{config.task.name}"] if "task" in figure.settings else []
    labels = [f"{rule}: {tuple(rules.about(rule))!r}" for rule in rules.files()]
    return [*code(DRAW, module, *task), *settings_lines(config, figure.settings), *labels]


def declared_keys(config: Any, spec: Spec, values: Mapping[str, str]) -> tuple[str, ...]:
    """Fill in the keys that a stage declares, for one job and the settings that hold in it."""
    of_job = {"task": list(spec.tasks(config, values)), "rule": list(spec.rules(config, values))}
    found: list[str] = []
    for key in spec.settings:
        several = [name for name in of_job if f"{{{name}}}" in key]
        choices = of_job[several[0]] if several else [""]
        found += [key.format(**values, **dict.fromkeys(several, choice)) for choice in choices]
    return tuple(dict.fromkeys(found))


def settings_lines(config: Any, keys: Iterable[str]) -> list[str]:
    """Write the settings of these keys and groups, and the order of names that the experiment gave.

    Snakemake compares lines as a set, so that their own order does not count.
    """
    prefixes = tuple(keys)
    orders = [f"order of {key}: {names}" for key, names in _orders(config) if _within(key, prefixes)]
    return [*(f"{key} = {value!r}" for key, value in read(config, prefixes).items()), *orders]


def read(config: Any, keys: Iterable[str]) -> dict[str, Any]:
    """Return the settings of these keys and groups, by dotted key."""
    prefixes = tuple(keys)
    return {key: value for key, value in flatten(dump(config)).items() if _within(key, prefixes)}


def _orders(node: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield each group whose names the experiment gives, and these in their order."""
    if isinstance(node, Mapping):
        yield path, ", ".join(map(str, node))
    for name, value in members(node):
        yield from _orders(value, f"{path}.{name}" if path else name)


def _within(key: str, prefixes: tuple[str, ...]) -> bool:
    return any(key == prefix or key.startswith(f"{prefix}.") for prefix in prefixes)


def _modules(spec: Spec) -> list[str]:
    """Name the modules that every job of a stage runs."""
    return [JOB, f"stages.{spec.name}.spec", f"stages.{spec.name}.compute"]


def _rule_line(rule: str) -> str:
    """Write what a learning rule declares and a stage may go by."""
    found = rules.about(rule)
    return f"{rule}: {found.information}, mixes trial types: {found.mixes_trial_types}"


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
    """List the files of the modules, of all that they import, and of the packages around them."""
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
    if any(path.match(pattern) for pattern in FILES):
        tree.body = [node for node in tree.body if not _declares(node)]
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            is_block = isinstance(node, ast.ClassDef) and _is_block(node)
            node.body = [
                inner for inner in node.body if not _is_words(inner) and not (is_block and _is_field(inner))
            ]
    return hashlib.sha256(ast.dump(tree).encode()).hexdigest()[:8]


def _declares(node: ast.stmt) -> bool:
    """Tell an assignment of a declaration."""
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return any(isinstance(target, ast.Name) and target.id in NAMES for target in targets)


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
    graph = grimp.build_graph("threefactor", cache_dir=None, exclude_type_checking_imports=True)
    for module in {WATCHES} | graph.find_descendants(WATCHES):
        graph.remove_module(module)
    return graph


def _files(module: str) -> list[Path]:
    """Name the module's file and the `__init__.py` of each package on the way, which grimp leaves out."""
    path = PACKAGE.parent.joinpath(*module.split("."))
    packages = [path, *path.parents][: module.count(".") + 1]
    files = [path.with_suffix(".py"), *(package / "__init__.py" for package in packages)]
    return [*(file for file in files if file.exists()), *path.parent.glob("*.cu")]
