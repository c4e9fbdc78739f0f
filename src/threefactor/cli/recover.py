"""Stage ``recover``, or one rule of your own: hidden in networks made here, or that of your own recording."""

import argparse
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import torch
from rich.console import Console
from rich.table import Table

from threefactor import seeding
from threefactor.analysis.recovery import constants
from threefactor.analysis.recovery.measured_twice import recover_twice
from threefactor.analysis.recovery.recording import Recording, Terms, blocks
from threefactor.analysis.recovery.regression import CollinearError, recover
from threefactor.analysis.recovery.table import by_trials, table
from threefactor.cli import recording_file, stage, theta
from threefactor.config.recover import RANDOM, Recover
from threefactor.contract import Rule
from threefactor.experiment import build as assemble
from threefactor.experiment.settings.errors import ConfigError
from threefactor.pipeline.settings import load
from threefactor.pipeline.settings.model import Config
from threefactor.pipeline.storage import outputs
from threefactor.plotting import palette, recovery
from threefactor.plotting.recovery import Constant
from threefactor.stages import hidden
from threefactor.stages.hidden import Hidden

SETTINGS: dict[str, dict[str, object]] = {
    "degree": {"type": int},
    "terms": {"choices": ["all", "odd"]},
    "networks": {"type": int},
    "trials": {"type": int},
    "units": {"type": int},
    "noise": {"type": float, "nargs": "*", "metavar": "SHARE"},
    "rate_noise": {"type": float, "nargs": "*", "metavar": "SD"},
}
"""Settings of block ``recover`` that are options, too."""

OWN = ("data", "theta", "save_data", *SETTINGS)
"""Options that ask for one rule; without them the stage runs."""


class Found(NamedTuple):
    """What was recovered."""

    rows: pd.DataFrame
    growth: pd.DataFrame
    constants: dict[str, Constant]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what to recover, and from what, to the arguments of the stage."""
    parser.description = (
        f"{parser.description} With any of the options of `one rule` it recovers that rule alone."
    )
    parser.epilog = (
        f"{parser.epilog}\narrays of --data FILE (.npz or .safetensors):\n{recording_file.describe()}"
    )
    own = parser.add_argument_group(
        "one rule",
        "Tables and drawing lie in recover/ in the results, or where --output DRAWING says.",
    )
    own.add_argument("--data", type=Path, metavar="FILE", help="recover the rule of this recording")
    own.add_argument(
        "--theta", nargs="+", metavar="KL[=VALUE]",
        help="without --data: the hidden rule, as `learn` takes it, or 'random' for all terms (default: 33)",
    )  # fmt: skip
    own.add_argument("--save-data", type=Path, metavar="FILE", help="write the recording as --data takes it")
    for name, kind in SETTINGS.items():
        words = f"{Recover.model_fields[name].description} (default: recover.{name})"
        own.add_argument(f"--{name.replace('_', '-')}", help=words, **kind)  # type: ignore[arg-type]


def run(arguments: argparse.Namespace) -> int:
    """Run the stage, or recover one rule: print the table, and write tables and drawing."""
    if all(getattr(arguments, name) is None for name in OWN):
        return stage.run(arguments)
    config = _settings(arguments)
    if arguments.data is not None:
        name, title = arguments.data.stem, f"Recovered from {arguments.data.name}"
        found = _recording(arguments.data, config)
    else:
        name, title, one = _hide(arguments.theta or ["33"], config)
        if arguments.save_data:
            _save(arguments.save_data, one)
        found = _hidden(one, config)
    _print(found)
    _write(_output(arguments, config, name), found, title, config.figures.dpi)
    return 0


def _settings(arguments: argparse.Namespace) -> Config:
    """Return the settings with those that are given as options."""
    read = load.load(arguments.config)
    given = {name: getattr(arguments, name) for name in SETTINGS if getattr(arguments, name) is not None}
    alone = {"rules": [RANDOM] if arguments.theta == [RANDOM] else [], "learned_rules": 0}
    changed = {"recover": read.recover.model_dump(mode="json") | given | alone}
    config = load.parse(load.dump(read) | changed, "options")
    if arguments.data is None:
        _expect_plain(config)
    return hidden.observable(config)


def _expect_plain(config: Config, place: str = "") -> None:
    """Refuse settings, those of a place or the experiment's, under which no rule can be hidden."""
    for block, own in hidden.PLAIN.items():
        for name, value in own.items():
            if (found := getattr(getattr(config, block), name)) != value:
                raise ConfigError(f"{place}{block}.{name} = {found!r}: allowed is {value!r}, to hide a rule")


def _hide(words: list[str], config: Config) -> tuple[str, str, Hidden]:
    """Let networks learn by the rule that is to be found; with its name and title."""
    if words == [RANDOM]:
        one = hidden.random(config)
        return RANDOM, f"Recovered: a random rule of {len(one.terms)} terms", one
    asked, config = theta.read(words), theta.settings(words, config)
    _expect_plain(config, f"--theta {words[0]}: ")
    if strange := [term for term in asked.terms if term not in hidden.looked_for(config)]:
        raise ConfigError(
            f"--theta: term {strange[0][0]}{strange[0][1]} is not looked for, allowed are those of --degree, --terms"
        )
    values = torch.tensor(asked.values, dtype=torch.float64)
    return (
        asked.name,
        f"Recovered: {asked.title}",
        hidden.hide(config, assemble.polynomial(config, asked.terms, values)),
    )


def _hidden(one: Hidden, config: Config) -> Found:
    """Recover what was hidden, without noise and with it; the constants at the first noise."""
    rows, growth, seen = [], [], one.recording
    for label, recording, fit in hidden.noisy(one, config):
        rows.append(hidden.rows(fit, label, one))
        kept = blocks(one.rule, recording, one.terms, fit.value)
        counts = [n for n in (5, 10, 20, 40, 80, 160, 320) if n < fit.trials] + [fit.trials]
        source = seeding.generator(config.seed, "recover", "trials")
        table = by_trials(kept, one.true, one.exact.unit, counts, generator=source)
        growth.append(table.assign(data=label))
        seen = recording if len(rows) <= 2 else seen
    rows += [hidden.rows(fit, label, one) for label, fit in hidden.measured(one, config)]
    found = {name: _constant(one.rule, seen, one.terms, name) for name in constants.BOUNDS}
    return Found(pd.concat(rows, ignore_index=True), pd.concat(growth, ignore_index=True), found)


def _constant(rule: Rule, seen: Recording, terms: Terms, name: str) -> Constant:
    """Search for one constant as if it were unknown."""
    start = constants.put(rule, name, sum(constants.BOUNDS[name]) / 2)
    told = constants.profile(constants.search(start, seen, terms, [name]), seen, terms, name)
    return Constant(told.curve.assign(best=told.best), told.low, told.high, constants.get(rule, name))


def _recording(path: Path, config: Config) -> Found:
    """Recover the rule of a user's file."""
    terms = hidden.looked_for(config)
    read = recording_file.read(path, len(terms))
    try:
        rule = constants.search(read.rule, read.recording, terms, read.unknown) if read.unknown else read.rule
        told = {name: constants.profile(rule, read.recording, terms, name) for name in read.unknown}
        if read.again is None:
            fit = recover(rule, read.recording, terms)
        else:
            fit = recover_twice(rule, read.recording, read.again, terms)
    except CollinearError as problem:
        mixed = (
            ", ".join(palette.term(f"{k}{l}") for k, l in (terms[p] for p in problem.places)) or "all terms"
        )
        raise ConfigError(
            f"--data {path}: {mixed} cannot be told apart in this recording; look at more synapses and "
            "trials, or lower --degree"
        ) from None
    label = "θ" if read.is_scaled else "η θ (no learning_rate in the file)"
    rows = table(fit, terms).assign(data=label, true=float("nan"), unit=fit.unit.numpy(), **hidden.whole(fit))
    found = {name: Constant(p.curve.assign(best=p.best), p.low, p.high, None) for name, p in told.items()}
    return Found(rows, pd.DataFrame(), found)


def _save(path: Path, one: Hidden) -> None:
    """Write the recording of the hidden rule."""
    if path.suffix not in (".npz", ".safetensors"):
        raise ConfigError(f"--save-data {path}: allowed are names that end in .npz or .safetensors")
    recording_file.save(path, one.recording, one.rule)


def _print(found: Found) -> None:
    """Print a table for each data, of the terms that are there or were found, and the constants."""
    console = Console()
    for label, rows in found.rows.groupby("data", sort=False):
        first = rows.iloc[0]
        error = f", relative error {first.relative_error:.2g}" if "relative_error" in rows else ""
        console.print(
            f"\n{label}: {first.trials} trials, {first.rows} changes, {first.clipped} held by the clip left out{error}",
            highlight=False,
        )
        shown = rows[rows.found | (rows.true.fillna(0) != 0)]
        grid = Table("term", "true", "recovered", "95 % interval", "p (Holm)", "found", box=None)
        for row in shown.to_dict("records"):
            true = "–" if row["true"] != row["true"] else f"{row['true']:.6g}"
            interval = f"[{row['low']:.6g}, {row['high']:.6g}]"
            found_it = "yes" if row["found"] else "no"
            name = palette.term(f"{row['k']}{row['l']}")
            grid.add_row(name, true, f"{row['recovered']:.8g}", interval, f"{row['p']:.2g}", found_it)
        console.print(grid)
        console.print(f"{len(rows) - len(shown)} other terms: none found", highlight=False)
    for name, told in found.constants.items():
        true = "" if told.true is None else f", true {told.true:g}"
        best = told.curve.best.iloc[0]
        console.print(f"{name}: {best:.6g} [{told.low:.6g}, {told.high:.6g}]{true}", highlight=False)


def _output(arguments: argparse.Namespace, config: Config, name: str) -> Path:
    """Return where the drawing lies."""
    if not arguments.output:
        return Path(config.results, "recover", name, "recovery.svg")
    if len(arguments.output) > 1 or len(arguments.output[0]) > 1:
        raise ConfigError("--output: of one rule there is one drawing, allowed is one path")
    return Path(arguments.output[0][0])


def _write(output: Path, found: Found, title: str, dpi: float) -> None:
    """Write the drawing, and tables beside it."""
    if output.suffix not in (".svg", ".pdf", ".png"):
        raise ConfigError(f"--output {output}: allowed are names that end in .svg, .pdf or .png")
    files: dict[Path, outputs.Output] = {
        output: recovery.page(found.rows, found.growth, found.constants, title, dpi),
        output.with_suffix(".csv"): found.rows,
    }
    if len(found.growth):
        files[output.with_suffix(".trials.csv")] = found.growth
    if found.constants:
        parts = [
            told.curve.assign(constant=name, low=told.low, high=told.high, true=told.true)
            for name, told in found.constants.items()
        ]
        files[output.with_suffix(".constants.csv")] = pd.concat(parts, ignore_index=True)
    outputs.save(files)
    print(f"written: {', '.join(map(str, files))}")
