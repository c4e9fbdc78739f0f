"""The networks of the best learning rule, or of another, as a model in the registry of MLflow."""

import argparse
import tempfile
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from threefactor.analysis.solutions.best_rule import restricted_means
from threefactor.cli.config_option import add_config, given
from threefactor.contract import Trial
from threefactor.experiment import build, retrained_batches, rules
from threefactor.experiment.settings.errors import SettingsError
from threefactor.experiment.view import everything
from threefactor.network.rate_network import Answers, RateNetwork
from threefactor.pipeline import files, inputs, registry, solution_file
from threefactor.pipeline.export.files import write_module
from threefactor.pipeline.export.module import module
from threefactor.pipeline.identity import describe
from threefactor.pipeline.progress import waiting
from threefactor.pipeline.solution_file import OUTPUT, STAGE
from threefactor.pipeline.tracking.model_registry import ALIAS, Model, register
from threefactor.tasks.reward import correct, mean_error

LEVELS = "compare_learning/levels.csv"
"""Where it stands which rule is best, below the results."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what is registered, and its name."""
    parser.add_argument(
        "--rule",
        help="learning rule that trained the networks (default: of the rules that have access to the reward alone, that "
        f"with the smallest restricted mean of trials, averaged over the levels of {LEVELS})",
    )
    parser.add_argument(
        "--level",
        type=float,
        help="the networks that crossed this level of the noise-free error, when they first did (default: all "
        "networks, at the end of learning)",
    )
    parser.add_argument("--name", help="name of the model (default: threefactor-TASK)")
    add_config(parser)


def run(arguments: argparse.Namespace) -> int:
    """Register the networks; print what was chosen, and how it is loaded."""
    config = given(arguments)
    store, name = config.tracking, arguments.name or f"threefactor-{config.task.name}"
    if not store.uri:
        raise SettingsError("tracking.uri = '': must be the address of a store, to register a model there")
    rule = arguments.rule or _best(config)
    networks = _networks(config, rule, arguments.level)
    with tempfile.TemporaryDirectory() as folder:
        data, source = write_module(networks, Path(folder, "networks.pt"))
        with waiting("the store takes the model"):
            version = register(store.uri, store.experiment, _model(config, name, networks, data, source))
    print(f"registered: {name}, version {version}, alias {ALIAS}: {len(networks.numbers)} networks of {rule}")
    print(f'mlflow.pyfunc.load_model("models:/{name}@{ALIAS}") loads it')
    return 0


def _best(config: Any) -> str:
    """Return the best rule of those that have access to the reward alone, and say why."""
    path = Path(files.place(config, LEVELS, {}))
    if not path.is_file():
        raise FileNotFoundError(
            f"{path}: must be there to find the best rule; run the pipeline, or give --rule"
        )
    levels = inputs.table(path, "compare_learning", "levels")
    known = [name for name in levels.learning_rule.unique() if rules.exists(config, name)]
    means = restricted_means(levels, [name for name in known if rules.about(name).information == "reward"])
    if means.empty:
        raise SettingsError(f"{path}: must have a rule that has access to the reward alone; give --rule")
    print(f"best of {len(means)} rules: {means.index[0]}, restricted mean {means.iloc[0]:.0f} trials")
    return str(means.index[0])


def _networks(config: Any, rule: str, level: float | None) -> RateNetwork:
    """Read the networks of all batches of a rule."""
    pattern = registry.stage(STAGE).outputs[OUTPUT]
    batches = [
        {"learning_rule": rule, "batch": str(batch)} for batch in range(retrained_batches.count(config))
    ]
    paths = [files.place(config, pattern, values) for values in batches]
    return module([solution_file.read(path, everything(config)) for path in paths], level)


def _model(config: Any, name: str, networks: RateNetwork, data: Path, source: Path) -> Model:
    """Describe the networks, with noise-free trials, one of each type, as an example."""
    task = build.task(config)
    trial_types = torch.arange(len(task.trial_types))
    trials = task.draw(trial_types, generator=None, dtype=networks.weights.dtype)
    answers = Answers(networks).predict(trials.inputs.numpy())
    about = {key: value for key, value in networks.about.items() if key != "settings"}
    tags = {"stage": "register", **describe(config), "learning_rule": about["learning_rule"]}
    return Model(
        name,
        data,
        source,
        inputs=trials.inputs.numpy(),
        outputs=answers,
        tags={f"threefactor.{key}": value for key, value in tags.items()},
        parameters={**about, "networks": len(networks.numbers)},
        metrics=_performance(trials, torch.from_numpy(answers)),
    )


def _performance(trials: Trial, answers: Tensor) -> dict[str, float]:
    """Return error and share of right answers in these trials, means over the networks (y b t o)."""
    of_each = answers.unbind(1)
    error = torch.stack([mean_error(trials, output) for output in of_each])
    right = torch.stack([correct(trials, output) for output in of_each])
    return {"noise_free_error": error.mean().item(), "noise_free_accuracy": right.double().mean().item()}
