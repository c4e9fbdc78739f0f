"""A recording of networks that learn, and the design matrix of the regression that recovers their rule.

    change[i, j] = clip(gate * sum_kl eta theta_kl E_kl[i, j]) + noise

with the basis eligibilities E_kl of `threefactor.kernels.torch.eligibility_sums` and the third factor (gate) of
`threefactor.learning_rules.third_factor`. Without the clip the model is linear in theta. One trial of one network is a
block. All rows of a block share the gate. A block without its gate is therefore kept as the triangle of a QR
decomposition, which serves every gate, loses no information and squares no number.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from threefactor.contract import Feedback, Rule
from threefactor.kernels.scans import deviation_scan
from threefactor.kernels.torch.eligibility_sums import basis_eligibilities
from threefactor.learning_rules.polynomial import step_weights
from threefactor.learning_rules.third_factor import gate

Terms = tuple[tuple[int, int], ...]

CAUTION = (
    0.8  # of the clip: larger changes are left out as long as no coefficients predict which ones are clipped
)

ROUNDING = 1e-12  # of the largest reward: a running mean of equal rewards differs from them by less


class Recording(NamedTuple):
    """Measurements of b networks in h trials; i are the recorded postsynaptic units."""

    rate: Tensor  # b h t j, before each step
    state: Tensor | None  # b h t+1 i; None where the deviation is known
    deviation: Tensor | None  # b h t i, old trace minus new state; None where it follows from the state
    change: Tensor  # b h i j, of the weights by the trial, without their decay
    plastic: Tensor  # i j, bool, synapses that learn
    learning: Tensor  # b h, bool, trials that change weights
    reward: Tensor  # b h
    baseline: Tensor | None  # b h, running reward before the trial; None where it follows from the rewards
    trial_type: Tensor  # b h, int64, label of the trial type, whatever its size


class Blocks(NamedTuple):
    """Trials that change weights, each as the triangle of its [basis eligibilities, change]."""

    triangle: Tensor  # g q q, q being the number of terms + 1
    gate: Tensor  # g
    rows: Tensor  # g, synapses that count
    clipped: Tensor  # g, synapses that do not count since their change is clipped


def gates(rule: Rule, recording: Recording) -> Tensor:
    """Return the third factor of every trial; b h."""
    known = baselines(rule, recording) if recording.baseline is None else recording.baseline
    feedback = Feedback(recording.reward, known, recording.reward)
    return gate(rule.params, feedback)


def baselines(rule: Rule, recording: Recording) -> Tensor:
    """Return the running reward of its type before each trial, as `threefactor.training.trial.learn` keeps it; b h."""
    reward = recording.reward
    labels, trial_type = recording.trial_type.unique(return_inverse=True)
    running = reward.new_full((len(reward), len(labels)), torch.nan)
    found = []
    for h in range(reward.shape[1]):
        known = running.gather(1, trial_type[:, h, None])[:, 0]
        known = torch.where(known.isnan(), reward[:, h], known)
        moved = rule.baseline_decay * known + (1 - rule.baseline_decay) * reward[:, h]
        running = running.scatter(1, trial_type[:, h, None], moved[:, None])
        found.append(known)
    return torch.stack(found, 1)


def has_reward_prediction_error(rule: Rule, recording: Recording) -> bool:
    """Say whether the reward differs, by more than rounding, from its baseline in a trial that changes weights."""
    known = baselines(rule, recording) if recording.baseline is None else recording.baseline
    error = (recording.reward - known)[recording.learning].abs()
    return bool((error > ROUNDING * recording.reward.abs().max()).any())


def deviations(rule: Rule, recording: Recording) -> Tensor:
    """Return the postsynaptic deviation in every trial; b h t i."""
    if recording.state is None:
        assert recording.deviation is not None
        return recording.deviation
    trace = torch.zeros_like(recording.state[:, 0, 0])
    found = []
    for h in range(recording.state.shape[1]):
        before = trace if rule.params.carry_trace else torch.zeros_like(trace)
        change, trace = deviation_scan(recording.state[:, h].contiguous(), before, rule.params.trace_decay)
        found.append(change)
    return torch.stack(found, 1)


def blocks(rule: Rule, recording: Recording, terms: Terms, value: Tensor | None = None) -> Blocks:
    """Compress the trials that change weights.

    Parameters
    ----------
    rule
        A polynomial rule; its theta does not matter.
    recording
        In float64.
    terms
        (k, l) of the p basis eligibilities.
    value
        p, coefficients that predict which changes are clipped. Without them all changes of more than `CAUTION` of the
        clip are left out.
    """
    deviation, gate_value = deviations(rule, recording), gates(rule, recording)
    weight = step_weights(rule.params, recording.rate[:, 0])[:, None]
    chosen = recording.learning.nonzero().tolist()
    triangles, counts = [], []
    for b, h in chosen:
        made = basis_eligibilities(terms, deviation[b, h][None], recording.rate[b, h][None], weight)[0]
        design, change = made[:, recording.plastic].T, recording.change[b, h][recording.plastic]
        size = change / CAUTION if value is None else gate_value[b, h] * (design @ value)
        free = size.abs() < rule.params.clip
        triangles.append(_triangle(torch.cat([design, change[:, None]], 1)[free]))
        counts.append((int(free.sum()), int((~free).sum())))
    rows, clipped = torch.tensor(counts).reshape(-1, 2).T
    columns = len(terms) + 1
    stacked = torch.stack(triangles) if triangles else recording.change.new_zeros(0, columns, columns)
    return Blocks(stacked, gate_value[recording.learning], rows, clipped)


def gated(found: Blocks) -> Tensor:
    """Return the triangles with the third factor in their columns of eligibilities; g q q."""
    factor = found.gate[:, None].repeat(1, found.triangle.shape[-1])
    factor[:, -1] = 1
    return found.triangle * factor[:, None]


def _triangle(rows: Tensor) -> Tensor:
    """Return the triangle R of rows = QR, as large as there are columns, whatever the number of rows."""
    size = rows.shape[1]
    if len(rows) < size:
        rows = torch.cat([rows, rows.new_zeros(size - len(rows), size)])
    return torch.linalg.qr(rows, mode="r").R
