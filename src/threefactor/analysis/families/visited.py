"""The rates and deviations that learning networks visit, by which rules are compared as functions.

A rule is the function ``H(r, d) = sum_kl theta_kl d^l r^k`` of presynaptic rate and postsynaptic deviation. The inner
product of two rules is the mean of the product of their functions over all synapses, times and trials. The moments of
rate and deviation give it exactly:

    <H, H'> = E H(r, d) H'(r, d) = sum theta_kl theta'_mn moment[k + m, l + n]
"""

from collections.abc import Iterable, Iterator, Sequence

import torch
from torch import Tensor

from threefactor.contract import Experience, Learner, Rule
from threefactor.learning_rules.polynomial import Polynomial, deviation
from threefactor.training.trial import learn


def moments(
    rule: Rule,
    learner: Learner,
    experiences: Iterable[Experience],
    seen: Sequence[Polynomial],
    degree: int,
    marks: Iterable[range],
) -> Iterator[Tensor]:
    """Train networks and yield the moments of each stretch of trials.

    Parameters
    ----------
    rule
        The polynomial rule by which the networks learn, with perturbations.
    learner
        b networks before their first trial.
    experiences
        The trials.
    seen
        Parameters of n rules whose deviations are measured; their trace is that of the rule.
    degree
        Highest power of the rules to be compared.
    marks
        Stretches of trials.

    Yields
    ------
    Tensor
        For each of those, ``E r^k d^l`` over presynaptic units, free postsynaptic ones, steps from the onset on, trials
        and networks that stay finite, k and l from 0 to twice the degree; n k l, float64.
    """
    wanted = list(marks)
    size = 2 * degree + 1
    sums = torch.zeros(len(wanted), len(seen), size, size, dtype=torch.float64)
    counts = torch.zeros(len(wanted), len(seen), 1, 1, dtype=torch.float64)
    for h, experience in enumerate(experiences):
        before = learner
        learner, outcome = learn(rule, before, *experience)
        marked = [s for s, mark in enumerate(wanted) if h in mark]
        for n, params in enumerate(seen) if marked else ():
            change, _ = deviation(params, before.memory, outcome.trajectory)
            free = change[..., ~before.network.clamped]
            found = of_trial(outcome.trajectory.rate, free, params.onset, degree)
            sums[marked, n] += found.sum(0).cpu()
            counts[marked, n] += len(found)
    yield from sums / counts.clamp_min(1)


def of_trial(rate: Tensor, change: Tensor, onset: int, degree: int) -> Tensor:
    """Return the moments of one trial, of networks that are finite (b t j, b t i); n k l, float64."""
    sound = rate.flatten(1).isfinite().all(1) & change.flatten(1).isfinite().all(1)
    power = torch.arange(2 * degree + 1, device=rate.device, dtype=torch.float64)
    pre, post = (x[sound, onset:].double()[..., None].pow(power).mean(2) for x in (rate, change))
    return torch.einsum("btk,btl->bkl", pre, post) / pre.shape[1]


def products(thetas: Tensor, moment: Tensor) -> Tensor:
    """Return ``<H_a, H_b>`` of rules (a k l) under the moments (k l, of twice the degree); a a, float64."""
    count, size, _ = thetas.shape
    power = torch.arange(size)
    matrix = moment[power[:, None, None, None] + power[:, None], power[:, None, None] + power]  # k l m n
    flat = thetas.double().reshape(count, -1)
    return flat @ matrix.reshape(size * size, size * size) @ flat.T
