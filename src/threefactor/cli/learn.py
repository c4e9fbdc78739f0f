"""Train a few networks under any polynomial rule and draw how they learn, without the pipeline, in about a minute."""

import argparse
import logging
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from threefactor.analysis.learning.learning_curve import trailing_mean
from threefactor.cli import theta
from threefactor.cli.config_option import add_config, given
from threefactor.cli.console import console
from threefactor.cli.theta import Theta
from threefactor.contract import Network, Rule
from threefactor.experiment import build, build_rule
from threefactor.experiment.device import resolve_device
from threefactor.experiment.settings.errors import SettingsError
from threefactor.experiment.view import View, dump
from threefactor.network.simulate import rate, simulate
from threefactor.pipeline.progress import progress
from threefactor.pipeline.settings import load
from threefactor.pipeline.settings.model import Base
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
    add_config(parser)
    parser.add_argument(
        "--output",
        type=Path,
        help="drawing, .svg, .pdf or .png (default: learn/<rule>.<task>.seed<seed>.svg in the results)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Train, draw, and say where."""
    config, asked = _config(arguments), theta.read(arguments.theta)
    settings = theta.settings(arguments.theta, config)
    output = arguments.output or _usual_output(settings, asked)
    if output.suffix not in (".svg", ".pdf", ".png"):
        raise SettingsError(f"--output {output}: must end in .svg, .pdf or .png")
    torch.set_num_threads(1)
    trained = _train(settings, _rule(settings, asked), arguments.networks)
    title = f"{asked.title} on {settings.task.name}, seed {settings.seed}"
    is_there = output.exists()
    look = _look(settings, trained, arguments.networks)
    outputs.save({output: first_look.page(look, title, settings.figures.dpi)})
    _report(trained, settings.criterion.horizon)
    console().print(f"drawn{', over the one before' if is_there else ''}: {output}", soft_wrap=True)
    return 0


def _report(trained: LearningRun, horizon: int) -> None:
    """Print how many networks learned, and how fast."""
    terminal, reached = console(), int(trained.reached.sum())
    terminal.print(
        f"{reached} of {len(trained.reached)} networks reached the criterion within {horizon} trials"
    )
    if diverged := int(trained.diverged.sum()):
        terminal.print(f"{diverged} stopped early: their weight update was not finite")
    if reached:
        median = int(trained.trials_to_criterion[trained.reached].median())
        terminal.print(f"median of those that reached it: {median} trials")


def _usual_output(settings: View, asked: Theta) -> Path:
    """Name the drawing after what it shows, so that another rule, task or seed does not overwrite it."""
    name = f"{asked.name}.{settings.task.name}.seed{settings.seed}.svg"
    return Path(settings.results, "learn", name)


def _positive(text: str) -> int:
    """Read a whole number of at least 1."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text}: must be a whole number of at least 1")
    return value


def _config(arguments: argparse.Namespace) -> Base:
    """Return the settings of the file with those that are given as options."""
    tree = dump(given(arguments))
    if arguments.task is not None:
        tree["task"]["name"] = arguments.task
    if arguments.trials is not None:
        window = tree["criterion"]["window"]
        if arguments.trials < window:
            raise SettingsError(f"--trials {arguments.trials}: must be at least {window} (criterion.window)")
        tree["criterion"]["horizon"] = arguments.trials
    if arguments.seed is not None:
        tree["seed"] = arguments.seed
    return load.parse(tree, "options")


def _rule(settings: View, asked: Theta) -> Rule:
    """Return the rule that was asked for."""
    device = resolve_device(settings.device)
    values = torch.tensor(asked.values, dtype=build.dtype(settings), device=device)
    return build_rule.polynomial(settings, asked.terms, values)


def _networks(settings: View, count: int) -> Network:
    """Draw so many networks."""
    return build.network(settings, range(count), resolve_device(settings.device), purpose="learn")


def _train(settings: View, rule: Rule, count: int) -> LearningRun:
    """Train with a progress bar."""
    network, source = _networks(settings, count), build.noise(settings, "learn")
    environment, criterion = build.environment(settings), build.criterion(settings)
    run = start_run(rule, network, environment, criterion)
    with progress(criterion.horizon, "trials of learning", 0, logging.getLogger("threefactor.learn")) as bar:
        while not finished(run, criterion):
            before = run.learner.trials
            run = advance(run, rule, network, environment, criterion, CHUNK, generator=source)
            bar.advance(run.learner.trials - before)
    return run


def _look(settings: View, run: LearningRun, count: int) -> FirstLook:
    """Gather what is drawn: the curves, and one noisy trial of each type of the first network that learned."""
    criterion, environment = build.criterion(settings), build.environment(settings)
    network = _networks(settings, count)._replace(weights=run.weights)
    shown = torch.where(run.reached, run.trials_to_criterion, criterion.horizon).argmin()
    trial_types = environment.task.trial_types
    trained = select(network, shown.to(network.weights.device).expand(len(trial_types)))
    rates, output, other, target, window = _trials(settings, environment, trained)
    error = run.error.double().cpu().numpy()
    trials = np.arange(1, _last(run, criterion) + 1)
    reached = torch.where(run.reached, run.trials_to_criterion.double(), torch.nan)
    return FirstLook(
        curve=trailing_mean(error, trials, SMOOTHING),
        trials_to_criterion=reached.cpu().numpy(),
        time=_array(settings.network.time_step_ms * torch.arange(1, environment.task.steps + 1)),
        trial_types=trial_types,
        output=_array(output),
        target=_array(target),
        window=_array(window),
        rates=_array(rates),
        largest_other=None if environment.task.outputs == 1 else _array(other),
    )


def _trials(settings: View, environment: Environment, trained: Network) -> tuple[Tensor, ...]:
    """Run a trial of each type with noise; rates y t n, right output and largest other y t, target y, window t."""
    trial_types = torch.arange(len(environment.task.trial_types), device=trained.weights.device)
    sampled = experience(environment, trained, 0, generator=build.noise(settings, "learn look")(0))
    source = build.noise(settings, "learn look", "task")(0)
    trial = environment.task.draw(trial_types, generator=source, dtype=trained.weights.dtype)
    done = simulate(trained, trial.inputs, sampled.start, sampled.perturbation)
    free = (~trained.clamped).nonzero()[:SHOWN, 0]
    right = trial.target[:, -1].argmax(1)
    output = done.output[trial_types, :, right]
    is_right = right[:, None, None].expand(-1, environment.task.steps, 1)
    other = done.output.scatter(2, is_right, -torch.inf).amax(2)
    rates = rate(trained, done.state[:, 1:, free])
    return rates, output, other, trial.target[trial_types, -1, right], trial.window[0]


def _last(run: LearningRun, criterion: Criterion) -> int:
    """Return the last trial of any network."""
    return int((~run.error.isnan()).sum(1).max().clamp(1, criterion.horizon))


def _array(values: Tensor) -> NDArray[np.float64]:
    return values.double().cpu().numpy()
