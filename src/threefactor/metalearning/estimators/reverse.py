"""The exact meta-gradient under fixed noise, in reverse mode: equal to `pathwise`, at a cost that hardly depends on p.

It keeps the weights before every trial, N² numbers a trial and network, where `pathwise` keeps none.
"""

from collections.abc import Iterable

from torch import Generator

from threefactor.contract import Experience, Learner, MetaGradient, Rule
from threefactor.derivatives.reverse import meta_gradient
from threefactor.metalearning.trial_record import Noise
from threefactor.training.objective import Objective


def estimate(
    rule: Rule,
    learner: Learner,
    experiences: Iterable[Experience],
    *,
    noise: Noise,
    objective: Objective = None,
    generator: Generator,
) -> MetaGradient:
    """Estimate the gradient of the objective over the trials after the warm-up; see `pathwise.estimate`."""
    return meta_gradient(
        rule,
        learner,
        experiences,
        objective=objective,
        noise=noise.weights,
        memory=noise.memory,
        generator=generator,
    )
