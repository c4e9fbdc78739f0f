"""Small rules that carry tangents of hyperparameters, and their learning runs by slow loops."""

import torch

import references
from small_runs import DOUBLE, TRIAL_TYPES, network, rule
from threefactor.derivatives import hyperparameters
from threefactor.kernels.standardise import Standard
from threefactor.learning_rules.polynomial import OF_STANDARD, value_of, with_values

TRIALS = 12
NAMES = tuple(hyperparameters.DIRECT)
WEIGHT_DEPENDENT = {"weight_linear": 0.4, "weight_quadratic": -0.3}
BOUNDED = {"standard": Standard(0.4, 0.8, 0.2, 0.7)}


def names_under(options):
    """Return the hyperparameters of a rule: momentum, normalisation and a deviation's constants where it has them."""
    constants = options.get("standard") or Standard(None, None, None, None)
    lacking = {name for name, field in OF_STANDARD.items() if getattr(constants, field) is None}
    lacking |= set() if options.get("momentum") else {"momentum"}
    lacking |= set() if options.get("normalisation") else {"update_size"}
    if options.get("normalisation") and options["clip"] == float("inf"):
        lacking |= {"learning_rate"}  # the size of updates cancels
    return tuple(name for name in NAMES if name not in lacking)


def learned_with(options, names=None, degree=2, warm_up=3):
    made = rule(options, degree, warm_up=warm_up)
    chosen = names_under(options) if names is None else names
    return made._replace(params=made.params._replace(hyperparameters=chosen))


def values(learned):
    """Return theta and the hyperparameters in one vector; a factor of all perturbations is one."""
    outside = {**learned._asdict(), "perturbation_scale": 1.0}
    if learned.normalisation is not None:
        outside["update_size"] = learned.normalisation.size
    chosen = [
        outside[name] if name in outside else value_of(learned.params, name)
        for name in learned.params.hyperparameters
    ]
    return torch.cat([learned.params.theta.flatten(), torch.tensor(chosen, dtype=DOUBLE)])


def slow(learned, options, sampled):
    """Return the slow learning run as a function of theta and the hyperparameters."""
    net, count = network(options), learned.params.theta.numel()

    def run(value):
        given = dict(zip(learned.params.hyperparameters, value[count:], strict=True))
        decay = given.pop("baseline_decay", learned.baseline_decay)
        momentum, scale = given.pop("momentum", learned.momentum), given.pop("perturbation_scale", 1.0)
        normalisation = learned.normalisation
        if "update_size" in given:
            normalisation = normalisation._replace(size=given.pop("update_size"))
        perturbed = [one._replace(perturbation=scale * one.perturbation) for one in sampled]
        params = with_values(learned.params, given)
        under = learned._replace(
            params=params, baseline_decay=decay, momentum=momentum, normalisation=normalisation
        )
        return references.learn(value[:count].view(params.theta.shape), under, net, perturbed, TRIAL_TYPES)

    return run


def by_column(found, exact):
    """Return the relative error of each column of h b p …, zero where both are zero."""
    found, exact = (x.movedim(2, 0).flatten(1) for x in (found, exact))
    size = exact.norm(dim=1)
    return torch.where(size == 0, found.norm(dim=1), (found - exact).norm(dim=1) / size)
