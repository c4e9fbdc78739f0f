"""Some trials of learning with their tangents, on any device and in any precision."""

import torch
from torch import Tensor

from kernels.arguments import cast
from small_runs import ON, TRIAL_TYPES, experiences, network, rule
from threefactor.derivatives.end_of_trial import start_tangents
from threefactor.network.bptt import reward_gradient
from threefactor.training.trial import learn, start_learning


def differentiated(jvp, device: str, dtype: torch.dtype) -> tuple[Tensor, ...]:
    """Return what ten trials leave: weights, their tangents, those of the reward, and BPTT's gradient."""
    learned, net = (cast(x, device, dtype) for x in (rule(ON, 3), network(ON)))
    learner = start_learning(learned, net, TRIAL_TYPES)
    tangents = start_tangents(learned, learner)
    for experience in cast(experiences(10), device, dtype):
        before = learner
        learner, outcome = learn(learned, before, *experience)
        tangents, rho = jvp(learned, before, experience.trial, outcome, tangents)
    gradient = reward_gradient(before.network, outcome.trajectory, outcome.feedback.output_gradient)
    return learner.network.weights, tangents.weight, rho, gradient
