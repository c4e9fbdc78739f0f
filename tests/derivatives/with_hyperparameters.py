"""Small rules that carry tangents of hyperparameters, and their learning runs by slow loops."""

import torch

import references
from small_runs import DOUBLE, TRIAL_TYPES, network, rule
from threefactor.derivatives import hyperparameters

TRIALS = 12
NAMES = tuple(hyperparameters.DIRECT)
WEIGHT_DEPENDENT = {"weight_linear": 0.4, "weight_quadratic": -0.3}


def learned_with(options, names=NAMES, degree=2, warm_up=3):
    made = rule(options, degree, warm_up=warm_up)
    return made._replace(params=made.params._replace(hyperparameters=names))


def values(learned):
    """Return theta and the hyperparameters in one vector; a factor of all perturbations is one."""
    known = {**learned.params._asdict(), **learned.params.shape._asdict()}
    known |= {"baseline_decay": learned.baseline_decay, "perturbation_scale": 1.0}
    chosen = torch.tensor([known[name] for name in learned.params.hyperparameters], dtype=DOUBLE)
    return torch.cat([learned.params.theta.flatten(), chosen])


def slow(learned, options, sampled):
    """Return the slow learning run as a function of theta and the hyperparameters."""
    net, count = network(options), learned.params.theta.numel()

    def run(value):
        given = dict(zip(learned.params.hyperparameters, value[count:], strict=True))
        decay, scale = (
            given.pop("baseline_decay", learned.baseline_decay),
            given.pop("perturbation_scale", 1.0),
        )
        perturbed = [one._replace(perturbation=scale * one.perturbation) for one in sampled]
        shape = learned.params.shape
        shape = shape._replace(**{name: given.pop(name) for name in shape._fields if name in given})
        params = learned.params._replace(shape=shape, **given)
        theta = value[:count].view(params.theta.shape)
        return references.learn(theta, params, net, perturbed, decay, learned.warm_up, TRIAL_TYPES)

    return run


def by_column(found, exact):
    """Return the relative error of each column of h b p …, zero where both are zero."""
    found, exact = (x.movedim(2, 0).flatten(1) for x in (found, exact))
    size = exact.norm(dim=1)
    return torch.where(size == 0, found.norm(dim=1), (found - exact).norm(dim=1) / size)
