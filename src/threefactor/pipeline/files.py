"""The files of a job: patterns of specs and figures, filled in."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from threefactor.experiment.spec import Input, Spec
from threefactor.pipeline import registry
from threefactor.pipeline.patterns import wildcards_in
from threefactor.pipeline.tracking.journal import SUFFIX

PICTURES = (".svg", ".pdf", ".png")
TEXTS = (".txt", ".html", ".md")
"""Endings that can stand for each other: a drawing, or a text, is written as its file is named."""


class Files(NamedTuple):
    """What a job reads and writes, by name."""

    inputs: dict[str, list[str]]
    outputs: dict[str, str]


def of_job(settings: Any, spec: Spec, values: Mapping[str, str]) -> Files:
    """Name the files of a stage's job."""
    inputs = {name: expand(settings, one, values) for name, one in spec.inputs.items()}
    return Files(inputs, {name: place(settings, pattern, values) for name, pattern in spec.outputs.items()})


def of_figure(settings: Any, name: str) -> Files:
    """Name the files of a figure's job."""
    patterns = registry.figures()[name].inputs
    inputs = {key: expand(settings, Input(pattern), {}) for key, pattern in patterns.items()}
    outputs = registry.outputs_of_figure(name)
    return Files(inputs, {key: place(settings, pattern, {}) for key, pattern in outputs.items()})


def expand(settings: Any, one: Input, values: Mapping[str, str]) -> list[str]:
    """List the files of an input for a job with these values of its wildcards."""
    if one.values is not None:
        filled: Iterable[Mapping[str, str]] = one.values(settings, values)
    elif set(wildcards_in(one.pattern)) <= set(values):
        filled = [{}]
    else:
        filled = registry.stage(registry.maker(one.pattern)).jobs(settings)
    wanted = wildcards_in(one.pattern)
    paths = [place(settings, one.pattern, {**other, **values}) for other in filled]
    return list(dict.fromkeys(paths)) if wanted else paths[:1]


def place(settings: Any, pattern: str, values: Mapping[str, str]) -> str:
    """Fill a pattern in, below the folder of results."""
    return f"{settings.results}/{pattern.format(**values)}"


def of_stage(settings: Any, name: str) -> list[str]:
    """List every file that the jobs of a stage write."""
    spec = registry.stage(name)
    return [
        path for values in spec.jobs(settings) for path in of_job(settings, spec, values).outputs.values()
    ]


def all_outputs(settings: Any) -> list[str]:
    """List every file of an experiment."""
    found = [
        path
        for spec, values in registry.jobs(settings)
        for path in (place(settings, pattern, values) for pattern in spec.outputs.values())
    ]
    drawn = [path for name in registry.figures() for path in of_figure(settings, name).outputs.values()]
    return found + drawn


def journals(settings: Any) -> list[Path]:
    """List where each job of an experiment notes what is to be tracked: beside its first output."""
    return [
        Path(place(settings, next(iter(spec.outputs.values())), values) + SUFFIX)
        for spec, values in registry.jobs(settings)
    ]


def lying(results: Path, pattern: str) -> list[Path]:
    """List the files of a pattern that lie in a folder of results; wildcards have no dot."""
    regex = re.compile(re.sub(r"\\\{\w+\\\}", r"[^/.]+", re.escape(pattern)))
    found = sorted(results.glob(re.sub(r"\{\w+\}", "*", pattern)))
    return [path for path in found if regex.fullmatch(path.relative_to(results).as_posix())]


def endings_like(path: str) -> tuple[str, ...]:
    """List the endings that a file in the place of this one can have."""
    suffix = Path(path).suffix
    return next((several for several in (PICTURES, TEXTS) if suffix in several), (suffix,))
