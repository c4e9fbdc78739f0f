"""What is kept of each trial so that reverse mode can run it again.

It is the learner before the trial, its weights and the little else that crosses trials; beside them one bit per weight,
whether the clip left its update alone, and where synapses hold weights another, whether they held it.
"""

from typing import NamedTuple

from torch import Tensor

from threefactor.contract import Experience, Learner, Network, Outcome, Rule
from threefactor.derivatives import clipping
from threefactor.network.synapses import held


class Kept(NamedTuple):
    """What a trial is run again from."""

    before: Learner
    experience: Experience  # perturbations are a sparse tensor where they are few
    unclipped: Tensor | None  # b ., bits of the weights whose update was not clipped; None without a clip
    free: Tensor | None = (
        None  # b ., bits of the weights that synapses did not hold after it; None if none ever do
    )


def keep(rule: Rule, before: Learner, experience: Experience, outcome: Outcome, after: Learner) -> Kept:
    """Keep a trial; the weights after it may have got noise."""
    unclipped = clipping.unclipped(rule.params, before.network.weights, outcome.update)
    return Kept(before, experience, unclipped, _free(before.network, outcome.change, after.network.weights))


def sparse(experience: Experience) -> Experience:
    """Return the experience with its perturbations as a sparse tensor, if they are few."""
    perturbation = experience.perturbation
    few = 8 * perturbation.count_nonzero() < perturbation.numel()  # an index takes 24 bytes
    return experience._replace(perturbation=perturbation.to_sparse()) if few else experience


def dense(experience: Experience) -> Experience:
    """Return the experience with its perturbations as a plain array, b t i."""
    return experience._replace(perturbation=experience.perturbation.to_dense())


def _free(network: Network, change: Tensor, after: Tensor) -> Tensor | None:
    """Return the bits of the weights that synapses held neither after the update nor after what noise came then."""
    first, then = held(network, network.weights + change), held(network, after)
    return None if first is None or then is None else clipping.pack(~(first | then).flatten(1))
