"""The meta-gradient with something left out of it, beside the whole one, on the same learning run.

What is left out of the derivative stays in learning itself: every ablation looks at the same trials of the same learner.
An ablation equals autograd through learning in which a path is detached:

``reward``, ``baseline``, ``gate``
    R, R_bar or both as they stand in the proposed update V; the running mean itself goes on depending on theta.
``clip``
    The clip's mask: clipped updates hand derivatives on as if they were not.
``indirect``
    Rate, deviation and weight-dependent factor in the eligibility: of z only ``f∘(deviation^l)^T r^k`` is left.
``state``
    ``gate`` and ``indirect``: an update depends on theta directly and on nothing that was learned before.
``window_<m>``
    The learner (weights, trace, baselines) before the last m updates: a reward sees those and no earlier ones.
``rounding``
    Nothing, but by reverse mode: how far two exact methods differ in this precision.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from threefactor.contract import Experience, Learner, Outcome, Rule, Tangents, Trial
from threefactor.derivatives import clipping, two_pass
from threefactor.derivatives.end_of_trial import Ablation, end_trial, start_tangents
from threefactor.derivatives.reverse_checkpoints import Kept, dense, keep, sparse
from threefactor.derivatives.trial_vjp import vjp, zero_adjoint
from threefactor.kernels.linearised import LinearisedTrial
from threefactor.kernels.torch.eligibility_sums import basis_eligibilities
from threefactor.learning_rules.polynomial import eligibility
from threefactor.training.trial import learn

WHOLE, ROUNDING, WINDOW = "whole", "rounding", "window_"

ABLATIONS = {
    WHOLE: Ablation(),
    "reward": Ablation(reward=True),
    "baseline": Ablation(baseline=True),
    "gate": Ablation(reward=True, baseline=True),
    "clip": Ablation(clip=True),
    "indirect": Ablation(indirect=True),
    "state": Ablation(reward=True, baseline=True, indirect=True),
}

SHARE = 4
"""A window of m trials is the same for up to m / SHARE rewards in a row, and longer by their number less one at most."""


class Compared(NamedTuple):
    """The meta-gradients of a learning run, up to each of s horizons."""

    gradient: dict[str, Tensor]  # s b p by ablation
    clipped: Tensor  # s b, share of the updates of plastic weights that were clipped


def compare(
    rule: Rule,
    learner: Learner,
    experiences: Iterable[Experience],
    horizons: Sequence[int],
    windows: Sequence[int],
) -> Compared:
    """Learn through trials and differentiate the mean reward after the warm-up in every way.

    Parameters
    ----------
    rule
        A polynomial rule, with p terms that carry tangents.
    learner
        b networks before their first trial.
    experiences
        The trials, as many as the last horizon.
    horizons
        Trials at which the mean ends, growing, beyond the warm-up.
    windows
        Numbers of trials m to truncate to.
    """
    tangents = {name: start_tangents(rule, learner) for name in ABLATIONS}
    ends = [horizon - rule.warm_up for horizon in horizons]
    rho: dict[str, list[Tensor]] = {name: [] for name in ABLATIONS}
    kept, clipped = [], []
    for experience in experiences:
        before = learner
        learner, outcome = learn(rule, before, *experience)
        if before.trials < rule.warm_up:
            continue  # nothing depends on theta yet
        for name, ablation in ABLATIONS.items():
            tangents[name], slope = jvp(rule, before, experience.trial, outcome, tangents[name], ablation)
            rho[name].append(slope)
        kept.append(keep(rule, before, sparse(experience), outcome, learner))
        clipped.append(clipped_share(kept[-1]))
    gradient = {name: means(torch.stack(slopes), ends) for name, slopes in rho.items()}
    gradient |= {f"{WINDOW}{m}": windowed(rule, kept, m, max(1, m // SHARE), ends) for m in windows}
    gradient[ROUNDING] = windowed(rule, kept, len(kept), len(kept), ends)
    return Compared(gradient, means(torch.stack(clipped), ends))


def jvp(
    rule: Rule,
    before: Learner,
    trial: Trial,
    outcome: Outcome,
    tangents: Tangents,
    ablation: Ablation,
) -> tuple[Tangents, Tensor]:
    """Take tangents through one trial of learning after the warm-up, without what is left out.

    Arguments and results are those of `threefactor.derivatives.stepwise.jvp`, which this equals if nothing is left out.
    The rule carries tangents of theta alone.
    """
    linearised = two_pass.linearise_trial(rule, before, outcome)
    z, rho, psi = two_pass.through_trial(rule, before, linearised, tangents)
    if ablation.indirect:
        z = direct(rule, linearised)
    e = eligibility(rule.params, before.network, linearised.deviation, linearised.rate)
    return end_trial(rule, before, trial, outcome, tangents, e, z, rho, psi, ablation), rho


def direct(rule: Rule, linearised: LinearisedTrial) -> Tensor:
    """Return the direct part of z, the basis eligibilities of the terms; b p i j."""
    return basis_eligibilities(
        rule.params.terms, linearised.deviation, linearised.rate, linearised.step_weight
    )


def windowed(rule: Rule, kept: Sequence[Kept], window: int, stride: int, ends: Sequence[int]) -> Tensor:
    """Return the gradient of the mean reward up to each end, every reward seeing the last updates only; s b p.

    Parameters
    ----------
    rule
        A polynomial rule.
    kept
        The trials after the warm-up.
    window
        Updates that the first reward of each block sees.
    stride
        Rewards of a block; the last of them sees ``stride - 1`` updates more.
    ends
        Trials after the warm-up at which the mean ends, growing; blocks end there too.
    """
    total = torch.zeros_like(kept[0].before.network.weights[:, 0, :1]).repeat(1, len(rule.params.terms))
    found, last = [], 0
    for end in ends:
        while last < end:
            first, last = last, min(last + stride, end)
            total = total + block(rule, kept, first, last, window)
        found.append(total / end)
    return torch.stack(found)


def block(rule: Rule, kept: Sequence[Kept], first: int, last: int, window: int) -> Tensor:
    """Return the gradient of the rewards of some trials, the learner `window` trials before them held fixed; b p."""
    adjoint = zero_adjoint(kept[0].before)
    total = torch.zeros_like(adjoint.trace[:, :1]).repeat(1, len(rule.params.terms))
    for h in range(last - 1, max(0, first - window) - 1, -1):
        trial = kept[h]._replace(experience=dense(kept[h].experience))
        adjoint, gradient = vjp(rule, trial, adjoint, 1.0 if h >= first else 0.0)
        total = total + gradient
    return total


def clipped_share(kept: Kept) -> Tensor:
    """Return the share of the updates of weights onto free units, of synapses that exist, that were clipped; b."""
    network, free = kept.before.network, ~kept.before.network.clamped
    if kept.unclipped is None:
        return torch.zeros_like(network.weights[:, 0, 0])
    whole = clipping.unpack(kept.unclipped, network.weights[0].numel()).view_as(network.weights)
    whole = whole[:, free].to(network.weights.dtype)
    if network.exists is None:
        return 1 - whole.mean((1, 2))
    there = network.exists[:, free]
    return 1 - (whole * there).sum((1, 2)) / there.sum((1, 2))


def means(values: Tensor, ends: Sequence[int]) -> Tensor:
    """Return the mean of values (h ...) up to each end; s ..."""
    return torch.stack([values[:end].mean(0) for end in ends])
