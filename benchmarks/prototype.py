"""The forward trial of a C++ simulator compiled for this very processor, given by the path of its source.

It is a program of one preset that draws its own perturbations; its source is not part of this repository.
"""

import ctypes
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np
import torch

from benchmarks.settings import DEFAULT, Case, config
from benchmarks.timing import Entry, interleave
from threefactor import seeding
from threefactor.contract import Learner, Rule
from threefactor.experiment import build, build_rule
from threefactor.tasks.reward import mean_error
from threefactor.training.environment import Environment, experience
from threefactor.training.trial import learn, start_learning

FLAGS = ("-O3", "-march=native", "-mprefer-vector-width=512", "-ffast-math", "-fno-finite-math-only")
TRIALS = 40  # of one timed call, without warm-up: weights move in every trial
Row = dict[str, object]


class Library:
    """The compiled simulator."""

    def __init__(self, source: Path) -> None:
        self.folder = tempfile.TemporaryDirectory()
        target = Path(self.folder.name) / "simulator.so"
        subprocess.run(["g++", *FLAGS, "-w", "-shared", "-fPIC", "-o", str(target), str(source)], check=True)
        self.function = ctypes.CDLL(str(target)).learn

    def learn(
        self, case: Case, theta: np.ndarray, warm_up: int, given: tuple[np.ndarray, ...] = ()
    ) -> np.ndarray:
        """Return the error of each trial of a learning run, b h.

        With weights, input weights, starts and perturbations given, of that one network.
        """
        count = 1 if given else case.networks
        parameters = np.tile(_parameters(case, theta, warm_up), (count, 1))
        seeds = np.arange(1, count + 1, dtype=np.uint64)
        error, correct = (np.zeros((count, case.trials), np.float32) for _ in range(2))
        reached, clipped = np.zeros(count, np.int32), np.zeros(count, np.float32)
        external = [_pointer(x) for x in given] if given else [None] * 4
        results = [_pointer(x) for x in (error, correct, reached, clipped)]
        self.function(
            case.units,
            count,
            _pointer(parameters),
            _pointer(seeds),
            case.trials,
            0,
            *results,
            *external,
            None,
        )
        return error


def measure(source: Path | None, rounds: int) -> list[Row]:
    """Return ms per trial and network of the simulator and of ours, with one coefficient and with nine."""
    if source is None or shutil.which("g++") is None:
        print(
            "\nC++ simulator: " + ("--prototype was not given" if source is None else "there is no g++ here")
        )
        return []
    library = Library(source)
    return [_compare(library, DEFAULT._replace(grid=grid, trials=TRIALS), rounds) for grid in ("33", "odd")]


def _compare(library: Library, case: Case, rounds: int) -> Row:
    """Check that both make the same errors, then time learning runs in which every trial learns."""
    rule, learner, environment = _ours(case)
    values = rule.params.theta.numpy()
    theta = np.zeros((6, 6), np.float32)
    theta[: values.shape[0], : values.shape[1]] = values * (-1) ** np.arange(values.shape[1])
    difference = _difference(library, case, rule, environment, learner, theta)
    experiences = [_draw(environment, learner, h) for h in range(case.trials)]
    entries = [
        Entry("prototype", lambda: library.learn(case, theta, 0)),
        Entry("drawn", lambda: _errors(rule, learner, lambda h: _draw(environment, learner, h), case.trials)),
        Entry("given", lambda: _errors(rule, learner, lambda h: experiences[h], case.trials)),
    ]
    interleave(entries, rounds, float("inf"))
    ms = {str(entry.key): 1e3 * median(entry.samples) / case.networks / case.trials for entry in entries}
    print(
        f"\nC++ simulator, P {case.coefficients}: {ms['prototype']:.3f} ms a trial and network with its own noise; "
        f"ours {ms['given']:.3f} ({ms['given'] / ms['prototype']:.2f}x), {ms['drawn']:.3f} with drawing "
        f"({ms['drawn'] / ms['prototype']:.2f}x); errors of the same trials differ by {difference:.0e}"
    )
    return {"grid": case.grid, "ms": ms, "difference": difference}


def _ours(case: Case) -> tuple[Rule, Learner, Environment]:
    """Return our rule, learner and environment."""
    settings = config(case)
    terms = [(k, l) for k in case.powers for l in case.powers]
    theta = torch.tensor([build_rule.monomial_sign(term) for term in terms])
    rule = build_rule.polynomial(settings, terms, theta)._replace(warm_up=0)
    network = build.network(settings, range(case.networks), torch.device("cpu"), purpose="prototype")
    return rule, start_learning(rule, network, 4), build.environment(settings)


def _draw(environment: Environment, learner: Learner, h: int):
    return experience(environment, learner.network, h, generator=seeding.generator(1, "prototype", h))


def _errors(rule: Rule, learner: Learner, draw: Callable[[int], tuple], trials: int) -> list[torch.Tensor]:
    """Return the error of each trial, b each."""
    errors = []
    for h in range(trials):
        trial, start, perturbation = draw(h)
        learner, outcome = learn(rule, learner, trial, start, perturbation)
        errors.append(mean_error(trial, outcome.trajectory.output))
    return errors


def _difference(
    library: Library, case: Case, rule: Rule, environment: Environment, learner: Learner, theta: np.ndarray
) -> float:
    """Return the largest difference of errors over the first trials of one network, with the same noise."""
    trials, network = 8, learner.network
    experiences = [_draw(environment, learner, h) for h in range(trials)]
    errors = torch.stack(_errors(rule, learner, lambda h: experiences[h], trials), 1)[0]
    given = (
        network.weights[0],
        network.input_weights[0],
        torch.stack([one.start[0] for one in experiences]),
        torch.stack([one.perturbation[0] for one in experiences]),
    )
    arrays = tuple(np.ascontiguousarray(x.numpy()) for x in given)
    theirs = library.learn(case._replace(trials=trials), theta, 0, arrays)[0]
    return float(np.abs(errors.numpy() - theirs).max())


def _parameters(case: Case, theta: np.ndarray, warm_up: int) -> np.ndarray:
    """Return the parameters in the simulator's order; its eligibility has no factor dt."""
    settings = config(case)
    net, plasticity, dt = settings.network, settings.plasticity, settings.network.time_step_ms
    head = [
        dt / net.time_constant_ms,
        settings.perturbation.size,
        settings.perturbation.rate_per_ms * dt,
        net.input_scale,
        net.gain,
        plasticity.clip,
        plasticity.learning_rate * dt,
        plasticity.baseline_decay,
        plasticity.baseline_exponent,
        plasticity.trace_decay,
        1.0,  # no decay of the eligibility
        net.start_scale,
        case.steps,
        len(net.clamped),
        0,  # no input to the output unit
        warm_up,
        1,  # trial types are cycled
        0,  # perturbations of uniform size
        0,  # by deviation, not by true perturbations
    ]
    return np.concatenate([head, theta.ravel()]).astype(np.float32)


def _pointer(array: np.ndarray) -> ctypes.c_void_p:
    return ctypes.c_void_p(array.ctypes.data)
