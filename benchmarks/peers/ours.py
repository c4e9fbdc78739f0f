"""threefactor itself, by its public functions."""

from typing import Any

import torch
from torch import Tensor

from benchmarks.peers.contract import Peer, Work, named
from benchmarks.problem import Problem
from threefactor.derivatives import reverse as backwards
from threefactor.derivatives import two_pass
from threefactor.network.bptt import reward_gradient
from threefactor.network.simulate import simulate
from threefactor.tasks.reward import reward
from threefactor.training.trial import learn


def forward(problem: Problem) -> Work:
    """Return one trial of learning."""
    one = problem.experiences[0]

    def read(result: Any) -> dict[str, Tensor]:
        learner, outcome = result
        return {
            "weights": learner.network.weights,
            "baseline": learner.baseline,
            "reward": outcome.feedback.reward,
        }

    return Work(lambda: learn(problem.rule, problem.before, *one), read)


def tangents(problem: Problem) -> Work:
    """Return one trial of learning and all tangents taken through it."""
    one = problem.experiences[0]

    def run() -> Any:
        _, outcome = learn(problem.rule, problem.before, *one)
        after, rho = two_pass.jvp(problem.rule, problem.before, one.trial, outcome, problem.tangents)
        return after.weight, after.baseline, rho

    return Work(run, named("tangents"))


def reverse(problem: Problem) -> Work:
    """Return the gradient of the mean reward over a learning run, by reverse mode through learning."""

    def read(result: Any) -> dict[str, Tensor]:
        return {"gradient": result.gradient, "objective": result.objective}

    return Work(lambda: backwards.meta_gradient(problem.rule, problem.before, problem.experiences), read)


def bptt(problem: Problem) -> Work:
    """Return the gradient of one trial's reward with respect to the weights."""
    trial, start, perturbation = problem.experiences[0]
    network = problem.before.network

    def run() -> tuple[Tensor]:
        trajectory = simulate(network, trial.inputs, start, perturbation)
        _, output_gradient = reward(trial, trajectory.output)
        return (reward_gradient(network, trajectory, output_gradient),)

    return Work(run, named("bptt"))


def learning_run(problem: Problem) -> Work:
    """Return all trials of a learning run with their tangents, one after the other."""

    def run() -> Any:
        learner, carried, rewards = problem.before, problem.tangents, []
        for one in problem.experiences:
            after, outcome = learn(problem.rule, learner, *one)
            carried, rho = two_pass.jvp(problem.rule, learner, one.trial, outcome, carried)
            learner = after
            rewards.append((outcome.feedback.reward, rho))
        objective, gradient = (torch.stack(parts).mean(0) for parts in zip(*rewards, strict=True))
        return gradient, objective

    return Work(run, named("reverse"))


PEER = Peer(
    "threefactor",
    {
        "forward": forward,
        "tangents": tangents,
        "reverse": reverse,
        "bptt": bptt,
        "learning_run": learning_run,
    },
)
