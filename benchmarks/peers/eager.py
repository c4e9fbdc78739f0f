"""Eager PyTorch: the natural forms of the forward trial, the poster's tangents, and autograd for reverse and BPTT."""

from collections.abc import Callable

import torch
from torch import Tensor

from benchmarks.peers.contract import Peer, Work, named
from benchmarks.peers.eager_tangents import contractions, loops, tangents_with
from benchmarks.peers.eager_trial import (
    Carried,
    Eligibility,
    carried,
    double_loop,
    einsum,
    learn,
    reward,
    simulate,
)
from benchmarks.problem import Problem, theta_grid


def per_network(problem: Problem) -> Tensor:
    """Return theta for each network, b k l."""
    return theta_grid(problem).expand(problem.case.networks, -1, -1)


def forward_with(eligibility: Eligibility) -> Callable[[Problem], Work]:
    """Return the builder of the forward trial with one form of the eligibility."""

    def forward(problem: Problem) -> Work:
        theta, before, experience = per_network(problem), carried(problem), problem.experiences[0]

        @torch.no_grad()
        def run() -> tuple[Tensor, Tensor, Tensor]:
            after, earned = learn(problem, theta, before, experience, eligibility)
            return after.weights, after.baseline, earned

        return Work(run, named("forward"))

    return forward


def reverse(problem: Problem) -> Work:
    """Return the gradient over a learning run by autograd, everything kept."""

    def run() -> tuple[Tensor, Tensor]:
        theta = per_network(problem).clone().requires_grad_()
        learner: Carried = carried(problem)
        rewards = []
        for experience in problem.experiences:
            learner, earned = learn(problem, theta, learner, experience, einsum)
            rewards.append(earned)
        objective = torch.stack(rewards).mean(0)
        (gradient,) = torch.autograd.grad(objective.sum(), theta)
        return gradient.flatten(1), objective.detach()

    return Work(run, named("reverse"))


def bptt(problem: Problem) -> Work:
    """Return the gradient of one trial's reward with respect to the weights, by autograd."""
    experience = problem.experiences[0]

    def run() -> tuple[Tensor, ...]:
        weights = problem.before.network.weights.clone().requires_grad_()
        output = simulate(problem, weights, experience, lambda t, rate, x: None)
        return torch.autograd.grad(reward(experience, output).sum(), weights)

    return Work(run, named("bptt"))


LOOP = Peer(
    "eager torch, double loop",
    {"forward": forward_with(double_loop), "tangents": tangents_with(loops)},
    slow=True,
)
EINSUM = Peer(
    "eager torch, einsum",
    {
        "forward": forward_with(einsum),
        "tangents": tangents_with(contractions),
        "reverse": reverse,
        "bptt": bptt,
    },
    slow=True,
)
