"""The poster's policy gradient: the total derivative of the mean weight change, carried by the weight tangents U.

``d mu_h / d theta = U_{h+1} - U_h``. It holds all the paths theta -> dW_h0 -> W_h -> mu_h by which earlier weight changes
moved this one; but the scores of those have counted these paths already. Counted twice, they are a bias wherever two
weight changes have rewards after them (`score_local` is without; `threefactor.metalearning.estimator_bias` measures it).
"""

from collections.abc import Iterable, Iterator

from torch import Generator

from threefactor.contract import Experience, Learner, MetaGradient, Rule
from threefactor.metalearning.likelihood_ratio import Scored, policy_gradient, score
from threefactor.metalearning.trial_record import Carried, Noise, carry, run_trials
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
    """Estimate the gradient of the objective over the trials after the warm-up.

    Parameters
    ----------
    rule
        A polynomial rule, with p terms that carry tangents.
    learner
        At least two networks before their first trial.
    experiences
        The trials.
    noise
        With sigma_w positive.
    objective
        What is maximised.
    generator
        Of the weight noise.

    Returns
    -------
    MetaGradient
        Per network; a network whose tangents overflow is marked and carries zeros.

    Raises
    ------
    ValueError
        If hyperparameters are meta-learned, or there is no weight noise, no other network for the baseline, or no trial
        after the warm-up.
    """
    records = run_trials(rule, learner, experiences, noise.weights, generator=generator)
    return policy_gradient(rule, learner, scores(carry(rule, records)), noise.weights, objective)


def scores(trials: Iterable[Carried]) -> Iterator[Scored]:
    """Yield reward and score of each trial."""
    for trial in trials:
        slope = trial.after.weight - trial.before.weight
        yield Scored(trial.record.outcome.feedback.reward, score(trial.record.drawn, slope))
