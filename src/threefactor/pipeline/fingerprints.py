"""What a job's results follow: the code that it runs and the settings that it reads, one line each.

Snakemake runs a job again when one of its lines changes, and says which.  Comments and docstrings do not count, nor do
declarations (`threefactor.declarations.NAMES` and the fields of settings), whose values have lines of their
own.  Tracking, which only watches, has no lines.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from threefactor.experiment import rules
from threefactor.experiment.spec import Spec
from threefactor.experiment.view import dump, flatten, members
from threefactor.pipeline import files, registry
from threefactor.pipeline.sources import code

JOB = ("cli.main", "pipeline.job")
"""The modules that run the job of a stage: the command, and what it calls by name."""

DRAW = ("cli.main", "cli.draw")
"""The modules that draw a figure."""


def shared_lines(config: Any, spec: Spec) -> list[str]:
    """Describe what all jobs of a stage run and read."""
    keys = [key for key in spec.settings if "{" not in key]
    if not spec.wildcards:
        config = spec.effective(config, {})
    elif spec.effective is not Spec._field_defaults["effective"]:
        keys = []  # each job has settings of its own
    return [*code(*_modules(spec)), *settings_lines(config, keys)]


def lines(config: Any, spec: Spec, values: Mapping[str, str]) -> list[str]:
    """Describe all that one job runs and reads."""
    under = spec.effective(config, values)
    return [
        *code(*_modules(spec), *_runs(spec, under, values)),
        *settings_lines(under, declared_keys(under, spec, values)),
        *(_rule_line(rule) for rule in dict.fromkeys(spec.rules(under, values))),
        *_input_orders(files.of_job(config, spec, values).inputs, config.results),
    ]


def expect(config: Any) -> None:
    """Read all code that an experiment runs, so that a file that is no Python is refused before anything is planned.

    Raises
    ------
    DeclarationError
        In one line, with the file.
    """
    for spec, values in registry.jobs(config):
        code(*_modules(spec), *_runs(spec, spec.effective(config, values), values))
    for name, figure in registry.figures().items():
        code(*DRAW, f"stages.{figure.stage}.figures.{name}")


def own_lines(config: Any, spec: Spec, values: Mapping[str, str]) -> list[str]:
    """Describe what one job runs and reads beside `shared_lines`."""
    known = set(shared_lines(config, spec))
    return [line for line in lines(config, spec, values) if line not in known]


def figure_lines(config: Any, name: str) -> list[str]:
    """Describe what a figure runs and reads."""
    figure = registry.figures()[name]
    module = f"stages.{figure.stage}.figures.{name}"
    task = [f"tasks.{config.task.name}"] if "task" in figure.settings else []
    labels = [f"{rule}: {tuple(rules.about(rule))!r}" for rule in _rules_in_use(config)]
    orders = _input_orders(files.of_figure(config, name).inputs, config.results)
    return [*code(*DRAW, module, *task), *settings_lines(config, figure.settings), *labels, *orders]


def digest(lines: Iterable[str]) -> str:
    """Hash lines."""
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


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


def _input_orders(inputs: Mapping[str, Sequence[str]], results: str) -> Iterator[str]:
    """Write the order of the files of each input that has several: stages take the first, or number them.

    Snakemake compares inputs as a set.
    """
    for name, paths in inputs.items():
        if len(paths) > 1:
            places = "\n".join(path.removeprefix(f"{results}/") for path in paths)
            yield f"order of input {name}: {hashlib.sha256(places.encode()).hexdigest()[:8]}"


def _rules_in_use(config: Any) -> list[str]:
    """List the learning rules with a file of their own that some job of the experiment runs."""
    runs = {
        rule
        for spec, values in registry.jobs(config)
        for rule in spec.rules(spec.effective(config, values), values)
    }
    return [rule for rule in rules.files() if rule in runs]


def _within(key: str, prefixes: tuple[str, ...]) -> bool:
    return any(key == prefix or key.startswith(f"{prefix}.") for prefix in prefixes)


def _modules(spec: Spec) -> list[str]:
    """Name the modules that every job of a stage runs."""
    return [*JOB, f"stages.{spec.name}.spec", f"stages.{spec.name}.compute"]


def _runs(spec: Spec, under: Any, values: Mapping[str, str]) -> list[str]:
    """Name the modules that one job runs beside these, by the settings that hold in it."""
    runs = [f"tasks.{name}" for name in spec.tasks(under, values)]
    runs += [f"learning_rules.{rules.file_of(rule)}" for rule in spec.rules(under, values)]
    return list(dict.fromkeys([*runs, *spec.modules(under, values)]))


def _rule_line(rule: str) -> str:
    """Write what a learning rule declares and a stage may go by."""
    found = rules.about(rule)
    return (
        f"{rule}: {found.information}, mixes trial types: {found.mixes_trial_types}, "
        f"explores {found.explores or 'perturbations'}, moves readout: {found.moves_readout}"
    )
