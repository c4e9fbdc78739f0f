"""Reverse mode through learning: the gradient of the mean reward of a learning run, at a cost that hardly depends on p.

Forwards, what is needed to run each trial again is kept (`threefactor.derivatives.reverse_checkpoints`). Backwards,
each trial is run again, and the adjoint of what crosses trials is taken from behind the trial to before it
(`threefactor.derivatives.trial_vjp`).
"""

from collections.abc import Iterable

import torch
from torch import Generator, Tensor

from threefactor.contract import Experience, Learner, MetaGradient, Rule
from threefactor.derivatives import hyperparameters
from threefactor.derivatives.reverse_checkpoints import Kept, dense, keep, sparse
from threefactor.derivatives.trial_vjp import vjp, zero_adjoint
from threefactor.network.perturbation import draw_weight_noise
from threefactor.network.synapses import hold
from threefactor.training.batch import with_weights
from threefactor.training.objective import Objective, objective_value
from threefactor.training.trial import learn


def meta_gradient(
    rule: Rule,
    learner: Learner,
    experiences: Iterable[Experience],
    *,
    objective: Objective = None,
    noise: float = 0.0,
    memory: int = 0,
    generator: Generator | None = None,
) -> MetaGradient:
    """Return the gradient of the objective over the trials after the warm-up, under fixed noise.

    Parameters
    ----------
    rule
        A polynomial rule, with p terms and hyperparameters that are differentiated.
    learner
        b networks before their first trial.
    experiences
        The trials, taken one after the other; unless they are a list anyway, their perturbations are kept sparsely.
    objective
        The function of the reward that is averaged over trials.
    noise
        Standard deviation sigma_w of the noise that each weight change gets after the warm-up; 0 for none.
    memory
        Trials in a row whose rewards see the updates of these trials alone; 0 for all.
    generator
        Of that noise.

    Returns
    -------
    MetaGradient
        Per network; a network whose derivatives overflow is marked and carries zeros.

    Raises
    ------
    ValueError
        If no trial comes after the warm-up, or if there is noise and no generator.
    """
    if noise > 0 and generator is None:
        raise ValueError(f"noise = {noise}: must come with a generator")
    at_hand = isinstance(experiences, list | tuple)
    kept: list[tuple[Kept, Tensor]] = []
    objective_values = []
    for experience in experiences:
        before = learner
        learner, outcome = learn(rule, before, *experience)
        is_awake = before.trials >= rule.warm_up
        if not (is_awake or rule.params.hyperparameters):
            continue  # nothing depends on theta yet
        value, slope = objective_value(objective, outcome.feedback.reward)
        if is_awake:
            objective_values.append(value)
            if generator is not None and noise > 0:
                drawn = draw_weight_noise(learner.network, generator=generator)
                noisy = hold(learner.network, learner.network.weights + noise * drawn)
                learner = with_weights(learner, noisy)
        one = keep(rule, before, experience if at_hand else sparse(experience), outcome, learner)
        kept.append((one, slope if is_awake else torch.zeros_like(slope)))
    if not objective_values:
        raise ValueError(f"trials = {learner.trials}: must be more than {rule.warm_up}, the warm-up")
    reached = torch.stack(objective_values).mean(0)
    gradient = _backwards(rule, learner, kept, len(objective_values), memory)
    finite = gradient.isfinite().all(1) & reached.isfinite()
    return MetaGradient(torch.where(finite[:, None], gradient, 0), reached, finite)


def _backwards(
    rule: Rule, last: Learner, kept: list[tuple[Kept, Tensor]], trials: int, memory: int
) -> Tensor:
    """Return the gradient of the mean objective over so many trials, b p; the kept ones are used up."""
    adjoint = zero_adjoint(last)
    gradient = adjoint.weights.new_zeros(len(adjoint.weights), hyperparameters.count(rule.params))
    while kept:
        trial, slope = kept.pop()
        whole = trial._replace(experience=dense(trial.experience))
        adjoint, direct = vjp(rule, whole, adjoint, slope / trials)
        gradient += direct
        if memory > 0 and (trial.before.trials - rule.warm_up) % memory == 0:
            adjoint = zero_adjoint(last)
    return gradient
