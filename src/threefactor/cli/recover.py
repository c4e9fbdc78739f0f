"""Stage ``recover``, or one rule of your own: a ground-truth rule, or the rule of your own recording."""

import argparse
from pathlib import Path
from typing import Any

import pandas as pd
import torch

from threefactor import seeding
from threefactor.analysis.recovery import constants
from threefactor.analysis.recovery.coefficient_table import by_trials, table
from threefactor.analysis.recovery.measured_twice import recover_twice
from threefactor.analysis.recovery.recording import Recording, Terms, blocks
from threefactor.analysis.recovery.regression import CollinearError, recover
from threefactor.cli import recording_arrays, recording_file, recovered, stage, theta
from threefactor.cli.recovered import Recovered
from threefactor.contract import Rule
from threefactor.experiment import build_rule
from threefactor.experiment.settings.errors import SettingsError
from threefactor.experiment.view import View, dump, everything, value_at
from threefactor.pipeline.files import PICTURES
from threefactor.pipeline.settings import load
from threefactor.plotting import palette
from threefactor.plotting.recovery import Constant
from threefactor.stages.recover import ground_truth
from threefactor.stages.recover.ground_truth import GroundTruth
from threefactor.stages.recover.settings import OVERRIDES, RANDOM, RECOVERABLE, Recover

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

ONE_RULE = ("data", "theta", "save_data", *SETTINGS)
"""Options that ask for one rule; without them the stage runs."""

TRIALS = (5, 10, 20, 40, 80, 160, 320)
"""Numbers of trials at which the error is shown, up to all of them."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what to recover, and from what, to the arguments of the stage."""
    parser.description = (
        f"{parser.description} With any of the options of `one rule` it recovers that rule alone."
    )
    parser.epilog = (
        f"{parser.epilog}\narrays of --data FILE (.npz or .safetensors):\n{recording_arrays.describe()}"
    )
    options = parser.add_argument_group(
        "one rule",
        "Tables and drawing lie in recover/ in the results, or where --output DRAWING says.",
    )
    options.add_argument("--data", type=Path, metavar="FILE", help="recover the rule of this recording")
    options.add_argument(
        "--theta", nargs="+", metavar="KL[=VALUE]",
        help="without --data: the ground-truth rule, as `learn` takes it, or 'random' for all terms (default: 33)",
    )  # fmt: skip
    options.add_argument(
        "--save-data", type=Path, metavar="FILE", help="write the recording as --data takes it"
    )
    for name, takes in SETTINGS.items():
        words = f"{Recover.model_fields[name].description} (default: recover.{name})"
        options.add_argument(f"--{name.replace('_', '-')}", help=words, **takes)  # type: ignore[arg-type]


def run(arguments: argparse.Namespace) -> int:
    """Run the stage, or recover one rule: write tables and drawing, and print the table."""
    if all(getattr(arguments, name) is None for name in ONE_RULE):
        return stage.run(arguments)
    config = _config(arguments)
    if arguments.data is not None:
        name, title = arguments.data.stem, f"Recovered from {arguments.data.name}"
        output = _output(arguments, config, name)
        found = _of_recording(arguments.data, everything(config).changed(OVERRIDES))
    else:
        name, title, truth, settings = _ground_truth(arguments.theta or ["33"], config)
        output = _output(arguments, config, name)
        if arguments.save_data:
            _save(arguments.save_data, truth)
        found = _of_ground_truth(truth, settings)
    recovered.write(output, found, title, config.figures.dpi)  # before anything is printed, which may fail
    recovered.show(found)
    return 0


def _config(arguments: argparse.Namespace) -> Any:
    """Return the settings of the file with those that are given as options."""
    tree = dump(load.load(arguments.config))
    given = {name: getattr(arguments, name) for name in SETTINGS if getattr(arguments, name) is not None}
    alone = {"rules": [RANDOM] if arguments.theta == [RANDOM] else [], "learned_rules": 0}
    return load.parse(tree | {"recover": tree["recover"] | given | alone}, "options")


def _expect_recoverable(settings: View, place: str = "") -> None:
    """Refuse settings, those of a place or the experiment's, under which no rule can be recovered."""
    for key, value in RECOVERABLE.items():
        if (found := value_at(settings, key)) != value:
            raise SettingsError(f"{place}{key} = {found!r}: must be {value!r} for a rule to be recovered")


def _ground_truth(words: list[str], config: Any) -> tuple[str, str, GroundTruth, View]:
    """Train networks by the rule that is to be recovered; with its name, its title and its settings."""
    _expect_recoverable(everything(config))
    if words == [RANDOM]:
        settings = everything(config).changed(OVERRIDES)
        truth = ground_truth.random(settings)
        return RANDOM, f"Recovered: a random rule of {len(truth.terms)} terms", truth, settings
    asked, settings = theta.read(words), theta.settings(words, config)
    _expect_recoverable(settings, f"--theta {words[0]}: ")
    settings = settings.changed(OVERRIDES)
    fitted = ground_truth.fitted_terms(settings)
    if others := [term for term in asked.terms if term not in fitted]:
        k, l = others[0]
        raise SettingsError(f"--theta: term {k}{l} must be one of those of --degree and --terms")
    rule = build_rule.polynomial(settings, asked.terms, torch.tensor(asked.values, dtype=torch.float64))
    return asked.name, f"Recovered: {asked.title}", ground_truth.record(settings, rule), settings


def _of_ground_truth(truth: GroundTruth, settings: View) -> Recovered:
    """Recover a ground-truth rule, without noise and with it; its constants at the first noise."""
    rows, growth, seen = [], [], truth.recording
    for noise, recording, fit in ground_truth.noisy_changes(truth, settings):
        rows.append(ground_truth.rows(fit, noise, truth))
        kept = blocks(truth.rule, recording, truth.terms, fit.value)
        counts = [n for n in TRIALS if n < fit.trials] + [fit.trials]
        source = seeding.generator(settings.seed, "recover", "trials")
        table = by_trials(kept, truth.true, truth.exact.unit, counts, generator=source)
        growth.append(table.assign(data=noise.data))
        seen = recording if len(rows) <= 2 else seen
    rows += [ground_truth.rows(fit, noise, truth) for noise, fit in ground_truth.noisy_rates(truth, settings)]
    found = {name: _constant(truth.rule, seen, truth.terms, name) for name in constants.BOUNDS}
    return Recovered(pd.concat(rows, ignore_index=True), pd.concat(growth, ignore_index=True), found)


def _constant(rule: Rule, seen: Recording, terms: Terms, name: str) -> Constant:
    """Estimate one constant as if it were unknown."""
    start = constants.put(rule, name, sum(constants.BOUNDS[name]) / 2)
    found = constants.profile(constants.search(start, seen, terms, [name]), seen, terms, name)
    curve = found.curve.assign(best=found.best)
    return Constant(curve, found.low, found.high, constants.get(rule, name))


def _of_recording(path: Path, settings: View) -> Recovered:
    """Recover the rule of a user's file."""
    terms = ground_truth.fitted_terms(settings)
    read = recording_file.read(path, len(terms))
    try:
        rule = constants.search(read.rule, read.recording, terms, read.unknown) if read.unknown else read.rule
        profiles = {name: constants.profile(rule, read.recording, terms, name) for name in read.unknown}
        if read.again is None:
            fit = recover(rule, read.recording, terms)
        else:
            fit = recover_twice(rule, read.recording, read.again, terms)
    except CollinearError as problem:
        raise SettingsError(f"--data {path}: {_collinear(problem, terms)}") from None
    label = "θ" if read.is_scaled else "η θ (no learning_rate in the file)"
    rows = table(fit, terms).assign(data=label, true=float("nan"), unit=fit.unit.numpy())
    found = {name: Constant(p.curve.assign(best=p.best), p.low, p.high, None) for name, p in profiles.items()}
    return Recovered(rows.assign(**ground_truth.whole(fit)), pd.DataFrame(), found)


def _collinear(problem: CollinearError, terms: Terms) -> str:
    """Say which terms are collinear, and what to do."""
    names = [palette.term(f"{k}{l}") for k, l in (terms[place] for place in problem.places)]
    return (
        f"{', '.join(names) or 'all terms'} are collinear in this recording: must differ between synapses and trials; "
        "record more of them, or lower --degree"
    )


def _save(path: Path, truth: GroundTruth) -> None:
    """Write the recording of the ground-truth rule."""
    if path.suffix not in (".npz", ".safetensors"):
        raise SettingsError(f"--save-data {path}: must end in .npz or .safetensors")
    recording_file.save(path, truth.recording, truth.rule)


def _output(arguments: argparse.Namespace, config: Any, name: str) -> Path:
    """Return where the drawing lies."""
    if not arguments.output:
        return Path(config.results, "recover", name, "recovery.svg")
    if len(arguments.output) > 1 or len(arguments.output[0]) > 1:
        raise SettingsError("--output: must be one path, of the one drawing")
    path = Path(arguments.output[0][0].removeprefix("drawing="))
    if path.suffix not in PICTURES:
        raise SettingsError(f"--output {path}: must end in {', '.join(PICTURES)}")
    return path
