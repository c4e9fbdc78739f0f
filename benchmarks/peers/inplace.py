"""Eager PyTorch with preallocated buffers and in-place products: nothing large is allocated in the time loop."""

import torch
from torch import Tensor

from benchmarks.peers.contract import Peer, Work, named
from benchmarks.peers.eager_tangents import in_place, tangents_with
from benchmarks.peers.eager_trial import carried, end_trial, reward
from benchmarks.problem import Problem, theta_grid


class Loop:
    """The time loop with its buffers."""

    def __init__(self, problem: Problem) -> None:
        self.problem, case = problem, problem.case
        like = problem.before.network.weights
        self.theta = theta_grid(problem).mT.contiguous()
        self.top = max(case.powers)
        self.pre = like.new_ones(case.networks, self.top + 1, case.units)
        self.post = like.new_ones(case.networks, self.top + 1, case.units)
        self.polynomial = like.new_empty(case.networks, len(case.powers), case.units)
        self.rates = like.new_empty(case.networks, case.steps + 1, case.units)
        self.recurrent = like.new_empty(case.networks, case.units, 1)
        self.rows = slice(
            case.powers[0], None, case.powers[1] - case.powers[0] if len(case.powers) > 1 else 1
        )

    def run(self) -> tuple[Tensor, Tensor, Tensor]:
        """Run the trial; return weights, baseline and reward."""
        problem, before, experience = self.problem, carried(self.problem), self.problem.experiences[0]
        params, network, x = problem.rule.params, problem.before.network, experience.start.clone()
        free = (~network.clamped).to(x.dtype)
        gain, step = network.leak * free, params.time_step * free
        drive = experience.trial.inputs @ network.input_weights.mT + experience.perturbation
        e, trace, deviation = torch.zeros_like(before.weights), before.trace.clone(), torch.empty_like(x)
        torch.tanh(x, out=self.rates[:, 0])
        for t in range(problem.case.steps):
            rate = self.rates[:, t]
            torch.baddbmm(drive[:, t, :, None], before.weights, rate[:, :, None], out=self.recurrent)
            x.addcmul_(gain, self.recurrent[:, :, 0].sub_(x))
            torch.sub(trace, x, out=deviation)
            trace.lerp_(x, 1 - params.trace_decay)
            if t >= params.onset:
                self._accumulate(e, rate, deviation, step)
            torch.tanh(x, out=self.rates[:, t + 1])
        earned = reward(experience, self.rates[:, 1:] @ network.output_weights.mT)
        after = end_trial(problem, before, experience, e, trace, earned)
        return after.weights, after.baseline, earned

    def _accumulate(self, e: Tensor, rate: Tensor, deviation: Tensor, step: Tensor) -> None:
        """Add one step to the eligibility."""
        self.post[:, 0] = step
        for n in range(1, self.top + 1):
            torch.mul(self.pre[:, n - 1], rate, out=self.pre[:, n])
            torch.mul(self.post[:, n - 1], deviation, out=self.post[:, n])
        torch.matmul(self.theta, self.pre[:, self.rows], out=self.polynomial)
        keep = self.problem.rule.params.eligibility_decay
        e.baddbmm_(self.post[:, self.rows].mT, self.polynomial, beta=keep)


def forward(problem: Problem) -> Work:
    """Return one trial of learning."""
    return Work(torch.no_grad()(Loop(problem).run), named("forward"))


PEER = Peer("eager torch, in place", {"forward": forward, "tangents": tangents_with(in_place)})
