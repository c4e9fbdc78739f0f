"""Train a few networks under any polynomial rule, and look: no pipeline, no record, about a minute."""

import argparse
import logging
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from rich.console import Console
from torch import Tensor

from threefactor.analysis.learning.learning_curve import trailing_mean
from threefactor.cli import theta
from threefactor.cli.theta import Theta
from threefactor.contract import Network, Rule
from threefactor.experiment import build as assemble
from threefactor.experiment.settings.errors import ConfigError
from threefactor.network.simulate import rate, simulate
from threefactor.pipeline.job import resolve
from threefactor.pipeline.progress import progress
from threefactor.pipeline.settings import load
from threefactor.pipeline.settings.model import Config
from threefactor.pipeline.storage import outputs
from threefactor.plotting import first_look
from threefactor.plotting.first_look import FirstLook
from threefactor.training.batch import select
from threefactor.training.environment import Environment, experience
from threefactor.training.learning_run import Criterion, LearningRun, advance, finished, start_run

CHUNK = 10  # trials between two movements of the bar
SMOOTHING = 50  # trials
SHOWN = 8  # units


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what to train, on what, and where to draw it."""
    parser.add_argument(
        "--theta",
        nargs="+",
        default=["33"],
        metavar="KL[=VALUE]",
        help="terms as powers of rate and deviation, '33' or '33=-1 15=-0.5' (deviation: old trace minus new state; "
        "without a value the sign that learns), or a table with columns k, l, theta",
    )
    parser.add_argument("--task", help="a task of src/threefactor/tasks (default: that of the settings)")
    parser.add_argument(
        "--networks", type=_positive, default=16, help="networks to train (default: %(default)s)"
    )
    parser.add_argument("--trials", type=_positive, help="trials at most (default: criterion.horizon)")
    parser.add_argument("--seed", type=int, help="seed (default: that of the settings)")
    parser.add_argument("--config", type=Path, default=Path("config/config.yaml"), help="file of settings")
    parser.add_argument(
        "--output",
        type=Path,
        help="drawing, .svg, .pdf or .png (default: learn/<rule>.<task>.seed<seed>.svg in the results)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Train, draw, and say where."""
    config, asked = _settings(arguments), theta.read(arguments.theta)
    config = theta.settings(arguments.theta, config)
    output = arguments.output or _usual_output(config, asked)
    if output.suffix not in (".svg", ".pdf", ".png"):
        raise ConfigError(f"--output {output}: allowed are names that end in .svg, .pdf or .png")
    torch.set_num_threads(1)
    run = _train(config, _rule(config, asked), arguments.networks)
    title = f"{asked.title} on {config.task.name}, seed {config.seed}"
    is_there = output.exists()
    outputs.save({output: first_look.page(_look(config, run, arguments.networks), title, config.figures.dpi)})
    reached = int(run.reached.sum())
    console = Console()
    console.print(
        f"{reached} of {arguments.networks} networks reached the criterion within {config.criterion.horizon} trials"
    )
    if diverged := int(run.diverged.sum()):
        console.print(f"{diverged} stopped early: their weight update was not finite")
    if reached:
        median = int(run.trials_to_criterion[run.reached].median())
        console.print(f"median of those that reached it: {median} trials")
    console.print(f"drawn{', over the one before' if is_there else ''}: {output}", soft_wrap=True)
    return 0


def _usual_output(config: Config, asked: Theta) -> Path:
    """Name the drawing after what it shows, so that another rule, task or seed does not overwrite it."""
    return Path(config.results, "learn", f"{asked.name}.{config.task.name}.seed{config.seed}.svg")


def _positive(text: str) -> int:
    """Read a whole number of at least 1."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text}: allowed are whole numbers from 1")
    return value


def _settings(arguments: argparse.Namespace) -> Config:
    """Return the settings with what the command line says otherwise."""
    tree = load.dump(load.load(arguments.config))
    if arguments.task is not None:
        tree["task"]["name"] = arguments.task  # type: ignore[index]
    if arguments.trials is not None:
        window = tree["criterion"]["window"]  # type: ignore[index]
        if arguments.trials < window:
            raise ConfigError(
                f"--trials {arguments.trials}: allowed are {window} and more, since the criterion looks back at "
                f"the last {window} (criterion.window)"
            )
        tree["criterion"]["horizon"] = arguments.trials  # type: ignore[index]
    if arguments.seed is not None:
        tree["seed"] = arguments.seed
    return load.parse(tree, "command line")


def _rule(config: Config, asked: Theta) -> Rule:
    """Return the rule that was asked for."""
    values = torch.tensor(asked.values, dtype=assemble.dtype(config), device=resolve(config.device))
    return assemble.polynomial(config, asked.terms, values)


def _train(config: Config, rule: Rule, count: int) -> LearningRun:
    """Train with a progress bar."""
    network = assemble.network(config, range(count), resolve(config.device), purpose="learn")
    environment, criterion = assemble.environment(config), assemble.criterion(config)
    source = assemble.noise(config, "learn")
    run = start_run(rule, network, environment, criterion, ())
    with progress(criterion.horizon, "trials of learning", 0, logging.getLogger("threefactor.learn")) as bar:
        while not finished(run, criterion):
            before = run.learner.trials
            run = advance(run, rule, network, environment, criterion, (), CHUNK, generator=source)
            bar.advance(run.learner.trials - before)
    return run


def _look(config: Config, run: LearningRun, count: int) -> FirstLook:
    """Gather what is drawn: the curves, and one noisy trial of each type of the first network that learned."""
    criterion, environment = assemble.criterion(config), assemble.environment(config)
    device = resolve(config.device)
    network = assemble.network(config, range(count), device, purpose="learn")
    shown = int(torch.where(run.reached, run.trials_to_criterion, criterion.horizon).argmin())
    trial_types = environment.task.trial_types
    trained = select(
        network._replace(weights=run.weights), torch.full((len(trial_types),), shown, device=device)
    )
    rates, output, rival, target, window = _trials(config, environment, trained)
    error = run.error.double().cpu().numpy()
    trials = np.arange(1, _last(run, criterion) + 1)
    reached = torch.where(run.reached, run.trials_to_criterion.double(), torch.nan)
    return FirstLook(
        curve=trailing_mean(error, trials, SMOOTHING),
        trials_to_criterion=reached.cpu().numpy(),
        time=_array(config.network.time_step_ms * torch.arange(1, environment.task.steps + 1)),
        trial_types=trial_types,
        output=_array(output),
        target=_array(target),
        window=_array(window),
        rates=_array(rates),
        rival=None if environment.task.outputs == 1 else _array(rival),
    )


def _trials(config: Config, environment: Environment, trained: Network) -> tuple[Tensor, ...]:
    """Run a trial of each type with noise; rates y t n, right output and largest other y t, target y, window t."""
    trial_types = torch.arange(len(environment.task.trial_types), device=trained.weights.device)
    sampled = experience(environment, trained, 0, generator=assemble.noise(config, "learn look")(0))
    source = assemble.noise(config, "learn look", "task")(0)
    trial = environment.task.draw(trial_types, generator=source, dtype=trained.weights.dtype)
    done = simulate(trained, trial.inputs, sampled.start, sampled.perturbation)
    free = (~trained.clamped).nonzero()[:SHOWN, 0]
    right = trial.target[:, -1].argmax(1)
    output = done.output[trial_types, :, right]
    rival = done.output.scatter(
        2, right[:, None, None].expand(-1, environment.task.steps, 1), -torch.inf
    ).amax(2)
    rates = rate(trained, done.state[:, 1:, free])
    return rates, output, rival, trial.target[trial_types, -1, right], trial.window[0]


def _last(run: LearningRun, criterion: Criterion) -> int:
    """Return the last trial that any network lived."""
    return int((~run.error.isnan()).sum(1).max().clamp(1, criterion.horizon))


def _array(values: Tensor) -> NDArray[np.float64]:
    return values.double().cpu().numpy()
