"""Stage ``recover``, or one rule of your own: a ground-truth rule, or the rule of your own recording."""

import argparse
from pathlib import Path
from typing import Any, NamedTuple

import torch

from threefactor.cli import (
    config_option,
    recording_arrays,
    recording_file,
    recovered,
    recovering,
    stage,
    theta,
)
from threefactor.cli.recovered import Recovered
from threefactor.contract import Rule
from threefactor.experiment import build_rule
from threefactor.experiment.settings.errors import SettingsError
from threefactor.experiment.view import View, dump, everything, value_at
from threefactor.pipeline.files import PICTURES
from threefactor.pipeline.progress import progress
from threefactor.pipeline.settings import load
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
        found = recovering.of_recording(arguments.data, everything(config).changed(OVERRIDES))
    else:
        asked = _asked(arguments.theta or ["33"], config)
        title, output = asked.title, _output(arguments, config, asked.name)
        found = _of_ground_truth(asked, arguments.save_data)
    recovered.write(output, found, title, config.figures.dpi)  # before anything is printed, which may fail
    recovered.show(found)
    return 0


def _config(arguments: argparse.Namespace) -> Any:
    """Return the settings of the file with those that are given as options."""
    tree = dump(config_option.given(arguments))
    given = {name: getattr(arguments, name) for name in SETTINGS if getattr(arguments, name) is not None}
    alone = {"rules": [RANDOM] if arguments.theta == [RANDOM] else [], "learned_rules": 0}
    return load.parse(tree | {"recover": tree["recover"] | given | alone}, "options")


def _expect_recoverable(settings: View, place: str = "") -> None:
    """Refuse settings, those of a place or the experiment's, under which no rule can be recovered."""
    for key, value in RECOVERABLE.items():
        if (found := value_at(settings, key)) != value:
            raise SettingsError(f"{place}{key} = {found!r}: must be {value!r} for a rule to be recovered")


class Asked(NamedTuple):
    """A ground-truth rule, as the command line asks for it."""

    name: str
    title: str
    settings: View
    rule: Rule | None  # None for a random one


def _asked(words: list[str], config: Any) -> Asked:
    """Return the rule that is to be recovered, and the settings under which networks learn by it."""
    _expect_recoverable(everything(config))
    if words == [RANDOM]:
        settings = everything(config).changed(OVERRIDES)
        count = len(ground_truth.fitted_terms(settings))
        return Asked(RANDOM, f"Recovered: a random rule of {count} terms", settings, None)
    asked, settings = theta.read(words), theta.settings(words, config)
    _expect_recoverable(settings, f"--theta {words[0]}: ")
    settings = settings.changed(OVERRIDES)
    fitted = ground_truth.fitted_terms(settings)
    if others := [term for term in asked.terms if term not in fitted]:
        k, l = others[0]
        raise SettingsError(f"--theta: term {k}{l} must be one of those of --degree and --terms")
    rule = build_rule.polynomial(settings, asked.terms, torch.tensor(asked.values, dtype=torch.float64))
    return Asked(asked.name, f"Recovered: {asked.title}", settings, rule)


def _of_ground_truth(asked: Asked, save_data: Path | None) -> Recovered:
    """Train networks by the rule and recover it, with a bar."""
    settings, rule = asked.settings, asked.rule
    with progress(recovering.steps(settings), recovering.UNIT, 0, recovering.LOG) as bar:
        truth = ground_truth.random(settings) if rule is None else ground_truth.record(settings, rule)
        bar.advance()
        if save_data:
            _save(save_data, truth)
        return recovering.of_ground_truth(truth, settings, bar)


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
