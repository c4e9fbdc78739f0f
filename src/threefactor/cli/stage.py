"""One subcommand a stage: the line that a rule of the pipeline runs, and that a person may type."""

import argparse
import importlib
import textwrap
from collections.abc import Sequence
from pathlib import Path

from threefactor.config import paths
from threefactor.pipeline.settings import load
from threefactor.experiment import rules as names
from threefactor.experiment.conditions import derive
from threefactor.experiment.settings.errors import ConfigError
from threefactor.experiment.rule_classes import first
from threefactor.pipeline.settings.model import Config
from threefactor.config.paths import Files

STAGE_HELP = {
    "metalearn": "learn the coefficients θ of a rule by tangents through learning",
    "prune": "find what each term of a learned rule is worth, and the path from dense to sparse",
    "families": "tell which learned rules are really different: scores, distances, span of their tangents",
    "recover": "hide rules in networks that learn by them, and find them again, with error bars",
    "validate": "hold tangents against reverse mode, complex step and differences",
    "ablate": "leave terms out of the meta-gradient, one at a time, and measure what is lost",
    "estimate": "measure bias, variance and cost of the estimators of the meta-gradient",
    "retrain": "train a batch of fresh networks to the criterion under one learning rule",
    "align": "compare expected updates with the gradient by BPTT along training",
    "analyse": "describe and compare the trained networks: representations, dynamics, distances",
    "transfer": "train fresh networks under one learning rule and other settings, a condition",
    "judge": "compare the learning rules under every condition, with tables and a figure",
    "found": "draw what meta-learning did and found: the outer loop, the rules, what finding them cost",
    "figures": "draw every figure and gather the headline numbers",
}
"""What each stage does, in the order of the chain."""


def add_stage(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", stage: str, words: str
) -> argparse.ArgumentParser:
    """Add the subcommand of one stage and return its parser."""
    parser = commands.add_parser(
        stage, help=words, description=f"{words}.".capitalize(), epilog=_files_help(stage),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("--config", type=Path, default=Path("config/config.yaml"), help="file of settings")
    for name in paths.WILDCARDS.get(stage, ()):
        parser.add_argument(f"--{name.replace('_', '-')}", required=True, help=WILDCARD_HELP[name])
    for option, words_of_help in (
        ("--input", "read NAME from other files; repeat the option for other names"),
        ("--output", "write NAME there; repeat the option for other names"),
    ):
        parser.add_argument(
            option, nargs="+", action="append", default=[], metavar=("NAME=PATH", "PATH"), help=words_of_help
        )
    parser.set_defaults(run=run, stage=stage)
    return parser


WILDCARD_HELP = {
    "learned_rule": "a key of metalearn.rules",
    "pruned_rule": "one of the first prune.learned_rules of metalearn.rules",
    "regime": "a key of estimate.regimes, for example strong",
    "learning_rule": "a member of retrain.rules, for example theta_33",
    "condition": "a key of transfer.conditions, for example regime_a",
    "batch": "number of the batch of networks, from 0",
}


def run(arguments: argparse.Namespace) -> int:
    """Run the job that the arguments describe."""
    stage = arguments.stage
    config = load.load(arguments.config)
    wildcards = {name: getattr(arguments, name) for name in paths.WILDCARDS.get(stage, ())}
    check(config, wildcards)
    usual = paths.files(config, stage, wildcards)
    replaced = {word: [path] for word, path in usual.outputs.items()}
    outputs = override(replaced, arguments.output, "--output")
    files = Files(override(usual.inputs, arguments.input, "--input"), _single(outputs))
    job = importlib.import_module("threefactor.pipeline.job")
    module = importlib.import_module(f"threefactor.stages.{stage}")
    job.run(module.compute, stage, config, wildcards, files)
    return 0


def check(config: Config, wildcards: dict[str, str]) -> None:
    """Refuse a job that the settings do not know."""
    learned, rule, batch = (wildcards.get(name) for name in ("learned_rule", "learning_rule", "batch"))
    if learned is not None and learned not in config.metalearn.rules:
        raise ConfigError(f"--learned-rule {learned}: allowed are {', '.join(config.metalearn.rules)}")
    pruned, known = wildcards.get("pruned_rule"), first(config, config.prune.learned_rules)
    if pruned is not None and pruned not in known:
        raise ConfigError(
            f"--pruned-rule {pruned}: allowed are {', '.join(known) or 'none'} (prune.learned_rules)"
        )
    regime = wildcards.get("regime")
    if regime is not None and regime not in config.estimate.regimes:
        raise ConfigError(f"--regime {regime}: allowed are {', '.join(config.estimate.regimes)}")
    if rule is not None and not names.exists(config, rule):
        raise ConfigError(f"--learning-rule {rule}: allowed are {names.allowed_rules(config)}")
    condition, block = wildcards.get("condition"), "retrain"
    if condition is not None:
        block = "transfer"
        if condition not in config.transfer.conditions:
            raise ConfigError(f"--condition {condition}: allowed are {', '.join(config.transfer.conditions)}")
        config = derive(config, condition)
    batches = getattr(config, block).batches
    if batch is not None and batch not in map(str, range(batches)):
        raise ConfigError(f"--batch {batch}: allowed are 0 to {batches - 1} ({block}.batches - 1)")


def override(
    usual: dict[str, list[str]], given: Sequence[Sequence[str]], option: str
) -> dict[str, list[str]]:
    """Replace files by those given as ``NAME=PATH PATH ...``."""
    found = dict(usual)
    for word, *more in given:
        name, sign, path = word.partition("=")
        if not sign or name not in usual:
            raise ConfigError(
                f"{option} {word}: wanted is NAME=PATH, NAME one of {', '.join(usual) or 'none'}"
            )
        found[name] = [path, *more] if path else more
    return found


def _single(outputs: dict[str, list[str]]) -> dict[str, str]:
    for name, found in outputs.items():
        if len(found) != 1:
            raise ConfigError(f"--output {name}={' '.join(found)}: wanted is one path")
    return {name: found[0] for name, found in outputs.items()}


def _files_help(stage: str) -> str:
    """List what the stage reads and writes under the default settings."""
    wildcards = {name: f"<{name}>" for name in paths.WILDCARDS.get(stage, ())}
    files = paths.files(Config(), stage, wildcards)
    reads = textwrap.fill(
        ", ".join(files.inputs) or "nothing", 100, initial_indent="  ", subsequent_indent="  "
    )
    writes = "\n".join(f"  {name}={path}" for name, path in files.outputs.items())
    return f"inputs, by name:\n{reads}\noutputs, unless --output says otherwise:\n{writes}"
