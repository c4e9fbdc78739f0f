"""Which stages and figures there are: the folders of `threefactor.stages`, found without running what they compute."""

import ast
import functools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from threefactor.declarations import PACKAGE, DeclarationError, broken, declared, imported, is_named, parsed
from threefactor.experiment.settings.errors import SettingsError
from threefactor.experiment.spec import Spec

HEADINGS = (
    "Meta-learning plasticity rules",
    "Discovering three-factor rules",
    "Network and plasticity dynamics",
    "Subspace-sensitivities provide accurate gradient information",
    "Different plasticity rules result in different representations and learning dynamics",
)
"""The headings of the poster, in its order; each figure stands under one."""


class FigureSpec(NamedTuple):
    """A figure: a file of a stage's folder ``figures``, with its caption beside it."""

    name: str
    stage: str
    heading: str  # one of `HEADINGS`
    order: int  # place among the figures of the heading
    inputs: Mapping[str, str]  # pattern below the results, by name
    settings: tuple[str, ...]  # keys and groups of settings that it reads
    caption: Path  # Jinja template in reStructuredText
    help: str  # what it shows, the first line of its file


@functools.cache
def stages() -> dict[str, Spec]:
    """Return the specs of all stages by name, each after the stages whose files it reads; without `broken_stages`."""
    specs = {name: spec for name, spec in _specs().items() if isinstance(spec, Spec)}
    ordered: dict[str, Spec] = {}
    for name in specs:
        _add(name, specs, ordered, ())
    return ordered


def stage(name: str) -> Spec:
    """Return the spec of a stage.

    Raises
    ------
    DeclarationError
        If its file is broken, in one line.
    """
    if problem := broken_stages().get(name):
        raise DeclarationError(problem)
    return stages()[name]


def broken_stages() -> dict[str, str]:
    """Say why stages cannot be run whose ``spec.py`` is broken, by name."""
    return {name: spec for name, spec in _specs().items() if isinstance(spec, str)}


@functools.cache
def _specs() -> dict[str, Spec | str]:
    """Import the spec of every stage; of one that is broken, keep what is wrong."""
    found: dict[str, Spec | str] = {}
    for folder in sorted(path.parent for path in (PACKAGE / "stages").glob("*/spec.py")):
        if is_named(folder):
            try:
                found[folder.name] = _spec(folder.name)
            except (SettingsError, DeclarationError) as problem:
                found[folder.name] = str(problem)
    return found


def _spec(name: str) -> Spec:
    """Import the spec of a stage."""
    if not (PACKAGE / "stages" / name / "__init__.py").exists():
        raise SettingsError(f"stages/{name}/__init__.py: is missing: must be there, empty")
    spec = getattr(imported(f"stages.{name}.spec"), "SPEC", None)
    if not isinstance(spec, Spec):
        raise SettingsError(
            f"stages/{name}/spec.py: SPEC = {spec!r}: must be a Spec (threefactor.experiment.spec)"
        )
    if spec.name != name:
        raise SettingsError(
            f"stages/{name}/spec.py: name = {spec.name!r}: must be that of its folder, {name!r}"
        )
    return spec


def _add(name: str, specs: Mapping[str, Spec], ordered: dict[str, Spec], above: tuple[str, ...]) -> None:
    """Add a stage after those that it reads from."""
    if name in ordered:
        return
    if name in above:
        raise SettingsError(
            f"stages {' -> '.join([*above, name])}: must not read from each other in a circle"
        )
    for one in specs[name].inputs.values():
        if maker := _maker(one.pattern, specs):
            _add(maker, specs, ordered, (*above, name))
    ordered[name] = specs[name]


def _maker(pattern: str, specs: Mapping[str, Spec]) -> str | None:
    """Name the stage among some whose output has this pattern."""
    return next((name for name, spec in specs.items() if pattern in spec.outputs.values()), None)


def maker(pattern: str) -> str:
    """Name the stage or figure that makes the files of a pattern.

    Raises
    ------
    SettingsError
        If none does, or the stage that does is broken.
    """
    if found := _maker(pattern, stages()):
        return found
    for name in figures():
        if pattern in outputs_of_figure(name).values():
            return name
    for problem in broken_stages().values():
        raise SettingsError(problem)
    raise SettingsError(f"{pattern}: no stage makes such a file; its pattern must be an output of one")


@functools.cache
def figures() -> dict[str, FigureSpec]:
    """Return all figures by name, in the order of the poster, without files that cannot be read."""
    found = [_figure(file) for file in _figure_files() if not _problem(file) and "HEADING" in declared(file)]
    found.sort(key=lambda one: (HEADINGS.index(one.heading), one.order, one.name))
    return {one.name: one for one in found}


def _figure_files() -> list[Path]:
    files = sorted((PACKAGE / "stages").glob("*/figures/*.py"))
    return [
        file for file in files if is_named(file.parents[1]) and is_named(file) and file.stem != "__init__"
    ]


def _problem(file: Path) -> str:
    """Say why the file of a figure cannot be read; empty where it can."""
    return broken(str(file.parent.relative_to(PACKAGE)), file.stem)


def broken_figures() -> dict[str, str]:
    """Say why figures cannot be drawn whose files cannot be read, by name; to be put at the end of a message."""
    return {file.stem: problem for file in _figure_files() if (problem := _problem(file))}


def _figure(file: Path) -> FigureSpec:
    """Read what the file of a figure declares."""
    says: Mapping[str, Any] = declared(file)
    number, order = divmod(round(10 * says["HEADING"]), 10)
    if not 1 <= number <= len(HEADINGS):
        raise SettingsError(
            f"{file}: HEADING = {says['HEADING']}: must be 1.0 to {len(HEADINGS)}.9, heading and place"
        )
    words = (ast.get_docstring(parsed(file)) or file.stem).splitlines()[0].strip()
    return FigureSpec(
        name=file.stem,
        stage=file.parents[1].name,
        heading=HEADINGS[number - 1],
        order=order,
        inputs=says.get("INPUTS", {}),
        settings=tuple(says.get("READS", ())),
        caption=file.with_suffix(".rst"),
        help=words,
    )


def outputs_of_figure(name: str) -> dict[str, str]:
    """Name the files of a figure, below the results."""
    return {"figure": f"figures/{name}.svg", "findings": f"findings/{name}.json"}


def sentence(words: str) -> str:
    """Write a line of help as a sentence."""
    return f"{words[0].upper()}{words[1:].rstrip('.')}."


def jobs(settings: Any) -> Iterator[tuple[Spec, Mapping[str, str]]]:
    """Yield all jobs of an experiment: stage, and values of its wildcards."""
    for spec in stages().values():
        for values in spec.jobs(settings):
            yield spec, values
