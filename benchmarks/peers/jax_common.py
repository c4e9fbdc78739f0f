"""What the two JAX forms share: their data, their pieces, and the choice between looping over networks and batching."""

import time
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.peers.contract import Work, named
from benchmarks.problem import Problem, theta_grid

Array = jax.Array
FEW = 3  # networks up to which nobody would look for another form than vmap


class Carried(NamedTuple):
    """What crosses trials, of one network."""

    weights: Array  # i j
    baseline: Array  # y
    trace: Array  # i


class Experience(NamedTuple):
    """One trial of one network with its noise."""

    inputs: Array  # t c
    start: Array  # i
    perturbation: Array  # t i
    target: Array  # t o
    window: Array  # t
    trial_type: Array
    input_weights: Array  # i c
    output_weights: Array  # o i

    @property
    def drive(self) -> Array:
        """What enters the state, t i."""
        return self.inputs @ self.input_weights.T + self.perturbation


class Fixed(NamedTuple):
    """Constants that are compiled in."""

    params: Any
    powers: tuple[int, ...]
    leak: float
    free: np.ndarray  # i
    baseline_decay: float
    step_weights: np.ndarray  # t


# one network's trial: theta (k l), carried, experience -> carried, reward
Trial = Callable[[Array, Carried, Experience], tuple[Carried, Array]]


def fixed(problem: Problem) -> Fixed:
    """Return the constants of a problem."""
    params, dtype = problem.rule.params, np.asarray(problem.before.network.weights).dtype
    weight = np.full(problem.case.steps, params.time_step, dtype)
    weight[: params.onset] = 0
    free = (~problem.before.network.clamped).numpy().astype(dtype)
    return Fixed(
        params, problem.case.powers, problem.before.network.leak, free, problem.rule.baseline_decay, weight
    )


def data(problem: Problem) -> tuple[Array, Carried, list[Experience]]:
    """Return theta (k l), what crosses trials and the trials, each b first."""
    network = problem.before.network
    before = Carried(*(to_jax(x) for x in (network.weights, problem.before.baseline, problem.before.memory)))
    experiences = []
    for trial, start, perturbation in problem.experiences:
        given = (trial.inputs, start, perturbation, trial.target, trial.window, trial.trial_type)
        parts = (*given, network.input_weights, network.output_weights)
        experiences.append(Experience(*(to_jax(x) for x in parts)))
    return to_jax(theta_grid(problem)), before, experiences


def to_jax(x: Any) -> Array:
    """Return a tensor as a JAX array of the same precision."""
    return jnp.asarray(x.contiguous().numpy())


def reward(experience: Experience, output: Array) -> Array:
    """Return the graded reward."""
    return -(jnp.abs(output - experience.target).mean(1) * experience.window).sum()


def end_trial(
    f: Fixed, before: Carried, experience: Experience, e: Array, trace: Array, earned: Array
) -> Carried:
    """Gate the eligibility with the reward, clip, and move weights and baseline."""
    params, baseline = f.params, before.baseline[experience.trial_type]
    gate = params.learning_rate * jnp.abs(baseline) ** params.baseline_exponent * (earned - baseline)
    update = jnp.clip(gate * e, -params.clip, params.clip) - params.weight_decay * before.weights
    moved = f.baseline_decay * baseline + (1 - f.baseline_decay) * earned
    return Carried(
        before.weights + update,
        before.baseline.at[experience.trial_type].set(moved),
        trace if params.carry_trace else jnp.zeros_like(trace),
    )


def forward(problem: Problem, trial: Trial) -> Work:
    """Return one trial of learning."""
    theta, before, experiences = data(problem)

    def one(before: Carried, experience: Experience) -> tuple[Array, Array, Array]:
        after, earned = trial(theta, before, experience)
        return after.weights, after.baseline, earned

    return over_networks("forward", one, (before, experiences[0]))


def tangents(problem: Problem, trial: Trial) -> Work:
    """Return one trial of learning with its tangents: jvp, vmapped over the coefficients."""
    theta, before, experiences = data(problem)
    along_theta = jnp.eye(theta.size, dtype=theta.dtype).reshape(-1, *theta.shape)
    given = problem.tangents
    along = Carried(*(to_jax(x) for x in (given.weight, given.baseline, given.trace)))

    def one(before: Carried, along: Carried, experience: Experience) -> tuple[Array, Array, Array]:
        def jvp(direction: Array, carried: Carried) -> tuple[Array, Array, Array]:
            moved = jax.jvp(lambda *x: trial(*x, experience), (theta, before), (direction, carried))[1]
            return moved[0].weights, moved[0].baseline, moved[1]

        return jax.vmap(jvp)(along_theta, along)

    return over_networks("tangents", one, (before, along, experiences[0]))


def reverse(problem: Problem, trial: Trial) -> Work:
    """Return the gradient of the mean reward over a learning run, by grad through a scan over its trials."""
    theta, before, experiences = data(problem)
    trials = jax.tree.map(lambda *x: jnp.stack(x, 1), *experiences)

    def one(before: Carried, trials: Experience) -> tuple[Array, Array]:
        def objective(theta: Array) -> Array:
            return jax.lax.scan(lambda carried, m: trial(theta, carried, m), before, trials)[1].mean()

        value, gradient = jax.value_and_grad(objective)(theta)
        return gradient.ravel(), value

    return over_networks("reverse", one, (before, trials))


def over_networks(piece: str, one: Callable[..., Any], arguments: tuple[Any, ...]) -> Work:
    """Compile a function of one network for a batch: by vmap or by a loop (lax.map), the faster for a large batch."""
    networks, best = len(jax.tree.leaves(arguments)[0]), "vmap"
    forms = {"vmap": jax.jit(jax.vmap(one)), "loop": jax.jit(lambda *x: jax.lax.map(lambda y: one(*y), x))}
    if networks == 1:
        best = "one"
        forms = {
            best: jax.jit(lambda *x: jax.tree.map(lambda y: y[None], one(*jax.tree.map(lambda y: y[0], x))))
        }
    if networks > FEW:
        times = {name: _time(form, arguments) for name, form in forms.items()}
        best = min(times, key=times.__getitem__)
    jax.block_until_ready(forms[best](*arguments))  # compiled before anybody looks at the clock
    return Work(lambda: jax.block_until_ready(forms[best](*arguments)), _read(piece), best)


def _time(form: Callable[..., Any], arguments: tuple[Any, ...]) -> float:
    """Return the CPU time of the second call."""
    jax.block_until_ready(form(*arguments))
    begin = time.process_time()
    jax.block_until_ready(form(*arguments))
    return time.process_time() - begin


def _read(piece: str) -> Callable[[Any], dict[str, Any]]:
    """Return the reader of a tuple of JAX arrays."""
    return lambda result: named(piece)(tuple(np.array(part) for part in result))
