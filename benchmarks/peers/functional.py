"""torch.func: forward-mode derivatives of the eager trial, all directions at once under vmap."""

import torch
from torch import Tensor

from benchmarks.peers.contract import Peer, Work, named
from benchmarks.peers.eager import per_network
from benchmarks.peers.eager_trial import Carried, carried, einsum, learn
from benchmarks.problem import Problem


def tangents(problem: Problem) -> Work:
    """Return one trial of learning with its tangents; the directions are the coefficients."""
    theta, before, experience = per_network(problem), carried(problem), problem.experiences[0]
    count, size = problem.case.coefficients, len(problem.case.powers)
    along_theta = (
        torch.eye(count, dtype=theta.dtype).view(count, 1, size, size).expand(-1, len(theta), -1, -1)
    )
    given = problem.tangents
    along = (
        along_theta,
        given.weight.transpose(0, 1),
        given.baseline.transpose(0, 1),
        given.trace.transpose(0, 1),
    )

    def trial(theta: Tensor, *parts: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        after, earned = learn(problem, theta, Carried(*parts), experience, einsum)
        return after.weights, after.baseline, earned

    def jvp(*directions: Tensor) -> tuple[Tensor, ...]:
        return torch.func.jvp(trial, (theta, *before), directions)[1]

    @torch.no_grad()
    def run() -> tuple[Tensor, ...]:
        return torch.func.vmap(jvp, out_dims=1)(*along)

    return Work(run, named("tangents"))


PEER = Peer("torch.func jvp + vmap", {"tangents": tangents}, slow=True)
