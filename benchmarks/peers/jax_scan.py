"""JAX as its tutorials have it: one lax.scan over time that carries state, trace and eligibility; jvp and grad of it."""

from functools import partial

import jax
import jax.numpy as jnp

from benchmarks.peers import jax_common as common
from benchmarks.peers.contract import Peer, Work
from benchmarks.peers.jax_common import Array, Carried, Experience, Fixed
from benchmarks.problem import Problem


def learn(f: Fixed, theta: Array, before: Carried, experience: Experience) -> tuple[Carried, Array]:
    """Run one trial of one network."""
    params, weights = f.params, before.weights

    def step(carry: tuple[Array, ...], now: tuple[Array, Array]) -> tuple[tuple[Array, ...], Array]:
        x, r, trace, e = carry
        drive, weight = now
        x = x + f.free * f.leak * (-x + weights @ r + drive)
        deviation = trace - x
        pre = jnp.stack([r**k for k in f.powers])
        post = weight * f.free * jnp.stack([deviation**l for l in f.powers])
        e = params.eligibility_decay * e + jnp.einsum("kl,li,kj->ij", theta, post, pre)
        trace = params.trace_decay * trace + (1 - params.trace_decay) * x
        r = jnp.tanh(x)
        return (x, r, trace, e), experience.output_weights @ r

    begin = (experience.start, jnp.tanh(experience.start), before.trace, jnp.zeros_like(weights))
    (_, _, trace, e), output = jax.lax.scan(step, begin, (experience.drive, jnp.asarray(f.step_weights)))
    earned = common.reward(experience, output)
    return common.end_trial(f, before, experience, e, trace, earned), earned


def bptt(problem: Problem) -> Work:
    """Return the gradient of one trial's reward with respect to the weights."""
    f = common.fixed(problem)
    _, before, experiences = common.data(problem)

    def one(weights: Array, experience: Experience) -> tuple[Array]:
        def earned(weights: Array) -> Array:
            def step(carry: tuple[Array, Array], drive: Array) -> tuple[tuple[Array, Array], Array]:
                x, r = carry
                x = x + f.free * f.leak * (-x + weights @ r + drive)
                r = jnp.tanh(x)
                return (x, r), experience.output_weights @ r

            begin = (experience.start, jnp.tanh(experience.start))
            return common.reward(experience, jax.lax.scan(step, begin, experience.drive)[1])

        return (jax.grad(earned)(weights),)

    return common.over_networks("bptt", one, (before.weights, experiences[0]))


def _piece(build):
    return lambda problem: build(problem, partial(learn, common.fixed(problem)))


PEER = Peer(
    "JAX scan",
    {
        "forward": _piece(common.forward),
        "tangents": _piece(common.tangents),
        "reverse": _piece(common.reverse),
        "bptt": bptt,
    },
)
