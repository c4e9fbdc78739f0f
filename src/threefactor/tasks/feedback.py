"""What the environment says of a trial, and the reward baselines that it leaves."""

import torch
from torch import Tensor

from threefactor.contract import Feedback, Learner, Rule, Trial
from threefactor.tasks.reward import reward


def compute_feedback(learner: Learner, trial: Trial, output: Tensor) -> Feedback:
    """Reward the output (b t o) of a trial; its baseline is that before the trial, or the reward itself in the first."""
    earned, output_gradient = reward(trial, output)
    known = learner.baseline.gather(1, trial.trial_type[:, None])[:, 0]
    baseline = torch.where(known.isnan(), earned, known)
    return Feedback(earned, baseline, output_gradient, target=wanted(trial))


def wanted(trial: Trial) -> Tensor:
    """Return the target where an output counts: in the response window, with a share in the error; else NaN; b t o."""
    counts = trial.window[..., None] != 0
    if trial.share is not None:
        counts = counts & (trial.share[:, None] != 0)
    return torch.where(counts, trial.target, torch.nan)


def next_baseline(rule: Rule, learner: Learner, trial: Trial, feedback: Feedback) -> Tensor:
    """Return the reward baselines after a trial, of which that of its type has moved; b y."""
    moved = rule.baseline_decay * feedback.baseline + (1 - rule.baseline_decay) * feedback.reward
    return learner.baseline.scatter(1, trial.trial_type[:, None], moved[:, None])
