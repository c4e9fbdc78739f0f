"""JAX with what a trial's fixed weights allow: only the state in the scan, the eligibility as one product after it.

Tangents are jvp of that; reverse is grad with each trial checkpointed; BPTT takes the gradient of the drive, the
gradient of the weights being one product of it with the rates.
"""

from functools import partial

import jax
import jax.numpy as jnp

from benchmarks.peers import jax_common as common
from benchmarks.peers.contract import Peer, Work
from benchmarks.peers.jax_common import Array, Carried, Experience, Fixed
from benchmarks.problem import Problem


def simulate(f: Fixed, weights: Array, drive: Array, start: Array) -> Array:
    """Return the states of a trial, t+1 i."""

    def step(x: Array, drive: Array) -> tuple[Array, Array]:
        x = x + f.free * f.leak * (-x + weights @ jnp.tanh(x) + drive)
        return x, x

    return jnp.concatenate([start[None], jax.lax.scan(step, start, drive)[1]])


def traces(f: Fixed, states: Array, start: Array) -> tuple[Array, Array]:
    """Return the trace before each state (t i) and after the last (i)."""
    decay = f.params.trace_decay

    def step(trace: Array, x: Array) -> tuple[Array, Array]:
        return decay * trace + (1 - decay) * x, trace

    last, before = jax.lax.scan(step, start, states)
    return before, last


def learn(f: Fixed, theta: Array, before: Carried, experience: Experience) -> tuple[Carried, Array]:
    """Run one trial of one network."""
    state = simulate(f, before.weights, experience.drive, experience.start)
    rate = jnp.tanh(state)
    old, trace = traces(f, state[1:], before.trace)
    deviation, steps = old - state[1:], len(f.step_weights)
    age = jnp.arange(steps - 1, -1, -1)
    weight = (f.step_weights * f.params.eligibility_decay**age).astype(theta.dtype)
    post = jnp.stack([deviation**l for l in f.powers]) * weight[:, None] * f.free
    pre = jnp.stack([rate[:-1] ** k for k in f.powers])
    mixed = jnp.einsum("kl,ktj->ltj", theta, pre)
    e = jnp.einsum("lti,ltj->ij", post, mixed)
    earned = common.reward(experience, rate[1:] @ experience.output_weights.T)
    return common.end_trial(f, before, experience, e, trace, earned), earned


def bptt(problem: Problem) -> Work:
    """Return the gradient of one trial's reward with respect to the weights."""
    f = common.fixed(problem)
    _, before, experiences = common.data(problem)

    def one(weights: Array, experience: Experience) -> tuple[Array]:
        def earned(drive: Array) -> tuple[Array, Array]:
            rate = jnp.tanh(simulate(f, weights, drive, experience.start))
            return common.reward(experience, rate[1:] @ experience.output_weights.T), rate

        gradient, rate = jax.grad(earned, has_aux=True)(experience.drive)
        return (gradient.T @ rate[:-1],)

    return common.over_networks("bptt", one, (before.weights, experiences[0]))


def reverse(problem: Problem) -> Work:
    """Return the gradient over a learning run, each trial being run again on the way back."""
    return common.reverse(problem, jax.checkpoint(partial(learn, common.fixed(problem))))


def _piece(build):
    return lambda problem: build(problem, partial(learn, common.fixed(problem)))


PEER = Peer(
    "JAX products",
    {
        "forward": _piece(common.forward),
        "tangents": _piece(common.tangents),
        "reverse": reverse,
        "bptt": bptt,
    },
)
