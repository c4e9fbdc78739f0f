"""What a notebook or a script needs, in one place: ``import threefactor as tf``.

Settings stand for an experiment, as its file does; everything else is made from them, or from values of the core:

>>> import threefactor as tf
>>> settings = tf.load_settings({"network": {"units": 64}, "criterion": {"horizon": 150}})
>>> network = tf.draw_networks(settings, 4)
>>> rule = tf.make_rule(settings, "theta_33")
>>> run = tf.train(settings, rule, network)
>>> tuple(run.error.shape)
(4, 150)
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from matplotlib.figure import Figure
from torch import Tensor

from threefactor.analysis.group import moments
from threefactor.analysis.learning import coefficients
from threefactor.analysis.representation.responses import noise_free
from threefactor.analysis.solutions.compared import of_networks, together
from threefactor.analysis.solutions.distances import DISTANCES
from threefactor.contract import Experience, Network, Rule, Trajectory
from threefactor.experiment import build, build_rule, rule_checks
from threefactor.experiment.device import resolve_device
from threefactor.experiment.learned import Learned, rule_under
from threefactor.experiment.settings.errors import SettingsError
from threefactor.experiment.view import View, everything
from threefactor.metalearning import search as outer_loop
from threefactor.metalearning.problem import Problem, Sample
from threefactor.metalearning.trial_record import Carried, carry, run_trials
from threefactor.network.rate_network import RateNetwork
from threefactor.network.simulate import simulate as simulate_trial
from threefactor.pipeline import solution_file
from threefactor.pipeline.export import files as export_files
from threefactor.pipeline.export.dataset import dataset
from threefactor.pipeline.export.labelled import content
from threefactor.pipeline.inputs import table
from threefactor.pipeline.settings import load
from threefactor.pipeline.solution_file import Solution
from threefactor.plotting import coefficients as panels
from threefactor.plotting import style
from threefactor.seeding import generator
from threefactor.training.batch import convert
from threefactor.training.environment import Environment, Task, experience
from threefactor.training.learning_run import Criterion, LearningRun
from threefactor.training.learning_run import train as train_networks
from threefactor.training.trial import start_learning

if TYPE_CHECKING:
    import xarray

__all__ = [
    "Experience",
    "LearningRun",
    "Network",
    "Problem",
    "Rule",
    "Sample",
    "Solution",
    "Task",
    "Trajectory",
    "compare",
    "draw_networks",
    "draw_trials",
    "export_solution",
    "generator",
    "load_dataset",
    "load_rule",
    "load_settings",
    "load_solution",
    "make_criterion",
    "make_environment",
    "make_rule",
    "make_task",
    "outer_loop",
    "plot_rule",
    "propagate_tangents",
    "simulate",
    "to_module",
    "train",
]

CPU = torch.device("cpu")


def load_settings(source: str | Path | Mapping[str, Any] | None = None) -> View:
    """Return the settings of a file, of a mapping of the same form, or the defaults.

    Raises
    ------
    SettingsError
        In one line, with the key, its value and what it must be.
    """
    if isinstance(source, str | Path):
        return everything(load.load(Path(source)))
    return everything(load.parse({} if source is None else source))


def make_task(settings: View) -> Task:
    """Return the task."""
    return build.task(settings)


def make_environment(settings: View) -> Environment:
    """Return the task with its perturbations and random starts."""
    return build.environment(settings)


def make_criterion(settings: View) -> Criterion:
    """Return when a network has learned."""
    return build.criterion(settings)


def draw_networks(settings: View, count: int, *, purpose: str = "notebook") -> Network:
    """Draw so many networks before learning; a purpose and the seed of the settings always give the same ones.

    Raises
    ------
    SettingsError
        If the number is not positive.
    """
    rule_checks.expect_count("count", count, least=1)
    return build.network(settings, range(count), resolve_device(settings.device), purpose=purpose)


def make_rule(settings: View, rule: str | Mapping[tuple[int, int], float]) -> Rule:
    """Return a learning rule.

    Parameters
    ----------
    settings
        Of the experiment.
    rule
        ``"theta_33"`` or the name of a file of ``learning_rules``; or coefficients θ by the powers (k, l) of rate and
        deviation, as ``{(3, 3): -1.0}``.

    Raises
    ------
    SettingsError
        If there is no such rule, or a term or its coefficient is none.
    """
    device = resolve_device(settings.device)
    if isinstance(rule, str):
        rule_checks.expect_rule(settings, rule)
        return build_rule.learning_rule(settings, rule, None, device)
    rule_checks.expect_terms(rule)
    values = torch.tensor(list(rule.values()), dtype=build.dtype(settings), device=device)
    return build_rule.polynomial(settings, list(rule), values)


def load_rule(settings: View, folder: str | Path) -> Rule:
    """Return the rule that meta-learning wrote to a folder, ``results/metalearn/<name>``."""
    place = Path(folder)
    tables = Learned(
        *(table(place / f"{name}.csv", "metalearn", name) for name in ("theta", "hyperparameters"))
    )
    return rule_under(settings, place.name, {place.name: tables}, resolve_device(settings.device)).rule


def load_solution(path: str | Path, settings: View | None = None) -> Solution:
    """Return the networks of a file that stage ``retrain`` wrote, ``results/retrain/<rule>/<batch>.safetensors``.

    Parameters
    ----------
    path
        Of the file.
    settings
        Of its run; None for those that the pipeline wrote to its results, ``results/config.yaml``.

    Raises
    ------
    SettingsError, FileNotFoundError
        In one line: if there is no such file, it holds something else, or its settings are not there.
    """
    file = solution_file.read(path, settings)
    device = resolve_device(file.settings.device)
    found = {name: array.to(device) for name, array in file.arrays.items()}
    return solution_file.solution(file._replace(arrays=found))


def load_dataset(path: str | Path, settings: View | None = None) -> "xarray.Dataset":
    """Return all that such a file holds, as labelled arrays of xarray; see `load_solution`.

    Weights at a level or snapshot that a network never came to are NaN. Units and meanings are attributes of the
    arrays, the learning rule and the settings are attributes of the whole.
    """
    return dataset(content(solution_file.read(path, settings)))


def export_solution(
    path: str | Path, to: str | Path, settings: View | None = None, *, level: float | None = None
) -> list[Path]:
    """Write all that such a file holds to one for other programs; return what was written.

    Parameters
    ----------
    path, settings
        As in `load_solution`.
    to
        ``.npz`` (numpy), ``.mat`` (MATLAB) or ``.nc`` (netCDF) for everything; ``.pt`` (torch) for the networks at one
        point of learning, with ``rate_network.py`` beside it, which runs them without threefactor.
    level
        Of ``.pt``: the networks that crossed this level, when they first did; None for the end of learning.

    Raises
    ------
    SettingsError, FileNotFoundError
        In one line, with the value and what it must be.
    """
    return export_files.write(solution_file.read(path, settings), Path(to), level=level)


def to_module(network: Network) -> RateNetwork:
    """Return networks as a `torch.nn.Module`, to be run, trained further, or saved to run without threefactor."""
    return RateNetwork(**network._asdict())


def draw_trials(
    settings: View, network: Network, count: int, *, purpose: str = "notebook", first: int = 0
) -> Iterator[Experience]:
    """Yield trials with their starts and perturbations; trial types are cycled."""
    rule_checks.expect_count("count", count, least=0)
    environment, noise = build.environment(settings), build.noise(settings, purpose)
    rule_checks.expect_network(settings, network, environment.task)
    for h in range(first, first + count):
        yield experience(environment, network, h, generator=noise(h))


def simulate(network: Network, trial: Experience) -> Trajectory:
    """Run networks through one trial with their weights as they are."""
    return simulate_trial(network, trial.trial.inputs, trial.start, trial.perturbation)


def train(
    settings: View,
    rule: Rule,
    network: Network,
    *,
    environment: Environment | None = None,
    criterion: Criterion | None = None,
    purpose: str = "notebook",
) -> LearningRun:
    """Train networks under a learning rule until each has reached the criterion or its horizon.

    Parameters
    ----------
    settings
        Of the experiment, for what is not given.
    rule, network
        The learning rule and the networks before learning.
    environment, criterion
        Other than those of the settings.
    purpose
        What the noise is for; a purpose and the seed of the settings always give the same trials.

    Raises
    ------
    SettingsError
        If rule or network were made under other settings of time, task or precision.
    """
    environment = environment or build.environment(settings)
    rule_checks.expect_network(settings, network, environment.task)
    rule_checks.expect_same_settings(settings, rule)
    return train_networks(
        rule,
        network,
        environment,
        criterion or build.criterion(settings),
        generator=build.noise(settings, purpose),
    )


def propagate_tangents(
    settings: View, rule: Rule, network: Network, trials: int, *, purpose: str = "notebook"
) -> Iterator[Carried]:
    """Yield every trial of a learning run with the derivatives with respect to the rule's coefficients.

    ``reward_tangent`` (b p) is ∂R/∂θ of the trial, ``after.weight`` (b p i j) the weight tangent U after it.

    Parameters
    ----------
    settings
        Of the experiment.
    rule
        A polynomial rule, whose p terms are differentiated.
    network
        b networks before learning.
    trials
        Trials of the learning run.
    purpose
        What the noise is for.

    Raises
    ------
    SettingsError
        If the rule is no polynomial.
    """
    rule_checks.expect_polynomial(rule)
    rule_checks.expect_same_settings(settings, rule)
    rule_checks.expect_count("trials", trials, least=0)
    learner = start_learning(rule, network, len(build.task(settings).trial_types))
    sampled = draw_trials(settings, network, trials, purpose=purpose)
    records = run_trials(rule, learner, sampled, 0.0, generator=generator(settings.seed, purpose))
    return carry(rule, records)


def plot_rule(rule: Rule, *, largest: float = 0.5, title: str = "") -> Figure:
    """Draw the coefficients of a polynomial rule, and the function of rate and deviation that they make.

    Parameters
    ----------
    rule
        Polynomial.
    largest
        Largest deviation that is drawn, in units of the state.
    title
        Above the coefficients.

    Raises
    ------
    SettingsError
        If the rule is no polynomial.
    """
    rule_checks.expect_polynomial(rule)
    grid = rule.params.theta.double().cpu().numpy()
    shown = np.where(grid == 0, np.nan, grid)
    rate, deviation = np.linspace(-1, 1, 61), largest * np.linspace(-1, 1, 61)
    surface = panels.Surface("H(r, Δx)", rate, deviation, coefficients.growth(shown, rate, deviation))
    with style.look():
        figure = style.sheet(6.0, 2.8, 150)
        axes = figure.subplots(1, 2)
        panels.grid(axes[0], panels.Coefficients(title or "θ", shown))
        panels.surface(axes[1], surface)
    return figure


def compare(settings: View, networks: Sequence[Network], distance: str = "procrustes") -> Tensor:
    """Return distances between networks, all pairs of all batches; n n, in the unit of the distance.

    Weights and rates are those of the free units, in trials without noise, one of each trial type.

    Parameters
    ----------
    settings
        Of the experiment.
    networks
        Batches of networks, as ``[solution.after, other.after]``.
    distance
        The name of one of `threefactor.analysis.solutions.distances.DISTANCES`.

    Raises
    ------
    SettingsError
        If there is no such distance, or no network.
    """
    if not networks:
        raise SettingsError("networks = []: must have at least one batch")
    if len({batch.weights.shape[1] for batch in networks}) > 1:
        raise SettingsError("networks: must all have the same number of units")
    known = {one.name: one for one in DISTANCES}
    if distance not in known:
        raise SettingsError(f"distance = {distance!r}: must be one of {', '.join(known)}")
    task, step = build.task(settings), settings.network.time_step_ms
    kinds = torch.arange(len(task.trial_types))
    inputs = task.draw(kinds, generator=None, dtype=torch.float64).inputs
    within = moments(task.steps, step, step).within(task.periods.get("delay"))
    parts = []
    for batch in networks:
        exact = convert(batch, dtype=torch.float64, device=CPU)
        rates = noise_free(exact, inputs).rate[..., ~exact.clamped]
        parts.append(of_networks(exact, rates, inputs, within, rates.shape[-1]))
    compared = together(parts)
    if not known[distance].defined(compared):
        raise SettingsError(f"distance = {distance!r}: must be another, since the delay is too short for it")
    return known[distance].function(compared)
