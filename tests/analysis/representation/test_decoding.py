import numpy as np
import pytest
import torch
from sklearn.linear_model import Ridge

from random_numbers import noise
from threefactor.analysis.representation import decoding, static_code

TRIAL_TYPE = torch.arange(24) % 4


CLASSES = torch.tensor([[1, 1], [1, 0], [0, 1], [0, 0]])[TRIAL_TYPE]


LABELS = torch.tensor([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]], dtype=torch.float64)[TRIAL_TYPE]


def slow_accuracy(rates, labels, fold, ridge):
    """One sklearn fit per fold, variable and training time."""
    trials, times = rates.shape[:2]
    correct = torch.zeros(labels.shape[1], times, times)
    for value in fold.unique():
        train, test = fold != value, fold == value
        mean = rates[train].mean(0)
        for t in range(times):
            x = rates[train, t] - mean[t]
            model = Ridge(alpha=float(ridge * (x**2).sum(1).mean()))
            for v in range(labels.shape[1]):
                model.fit(x, labels[train, v])
                for u in range(times):
                    decision = (rates[test, u] - mean[u]).numpy() @ model.coef_
                    correct[v, t, u] += int(((decision > 0) == (labels[test, v].numpy() > 0)).sum())
    return correct / trials


def test_all_times_at_once_equal_one_fit_each():
    rates = noise(2, 24, 3, 5)
    rates[..., 0] += 0.8 * LABELS[:, :1]
    fold = decoding.stratified_folds(TRIAL_TYPE, 3)
    fast = decoding.cross_temporal_accuracy(rates, CLASSES, fold, 0.1)
    for b in range(2):
        torch.testing.assert_close(fast[b].float(), slow_accuracy(rates[b], LABELS, fold, 0.1))


def test_several_classes_are_told_apart_one_against_the_rest():
    rates, classes = noise(2, 24, 3, 5), TRIAL_TYPE[:, None]
    rates[..., 0] += 0.8 * TRIAL_TYPE[:, None]
    rates[..., 1] += 1.0 * (TRIAL_TYPE == 2)[:, None]
    fold = decoding.stratified_folds(TRIAL_TYPE, 3)
    fast = decoding.cross_temporal_accuracy(rates, torch.cat([CLASSES[:, :1], classes], 1), fold, 0.1)
    torch.testing.assert_close(
        fast[:, :1], decoding.cross_temporal_accuracy(rates, CLASSES[:, :1], fold, 0.1)
    )
    for b in range(2):
        right = torch.zeros(3, 3)
        for value in fold.unique():
            train, test = fold != value, fold == value
            mean = rates[b, train].mean(0)
            for t in range(3):
                x = rates[b, train, t] - mean[t]
                model = Ridge(alpha=float(0.1 * (x**2).sum(1).mean()))
                rows = [model.fit(x, 2.0 * (TRIAL_TYPE[train] == c) - 1).coef_ for c in range(4)]
                for u in range(3):
                    decision = (rates[b, test, u] - mean[u]).numpy() @ np.array(rows).T
                    right[t, u] += int((decision.argmax(1) == TRIAL_TYPE[test].numpy()).sum())
        torch.testing.assert_close(fast[b, 1].float(), right / 24)


def test_folds_hold_every_type_equally_and_refuse_too_many():
    fold = decoding.stratified_folds(TRIAL_TYPE, 3)
    assert all((TRIAL_TYPE[fold == f] == y).sum() == 2 for f in range(3) for y in range(4))
    with pytest.raises(ValueError, match="folds = 7"):
        decoding.stratified_folds(TRIAL_TYPE, 7)


def test_a_static_code_generalises_and_a_rotating_one_does_not():
    fold = decoding.stratified_folds(TRIAL_TYPE, 3)
    static, rotating = 0.1 * noise(1, 24, 4, 4), 0.1 * noise(1, 24, 4, 4, seed=1)
    static[..., 0] += LABELS[:, 0, None]
    for t in range(4):
        rotating[0, :, t, t] += LABELS[:, 0]
    found = [decoding.cross_temporal_accuracy(x, CLASSES[:, :1], fold, 0.1)[0, 0] for x in (static, rotating)]
    assert found[0].min() > 0.95
    assert (found[1].diagonal() > 0.95).all()
    index = [float(static_code.static_index(x)) for x in found]
    assert index[0] > 0.9
    assert abs(index[1]) < 0.4


def test_a_shared_drift_is_no_code_and_noise_is_at_chance():
    fold = decoding.stratified_folds(TRIAL_TYPE, 3)
    rates = noise(40, 24, 2, 6) + torch.arange(2.0)[:, None] * 50
    accuracy = decoding.cross_temporal_accuracy(rates, CLASSES, fold, 0.1).mean((0, 2, 3))
    # 40 networks of 24 trials: standard error about 0.016
    assert (accuracy - 0.5).abs().max() < 0.07


def test_silent_networks_are_undecided():
    fold = decoding.stratified_folds(TRIAL_TYPE, 3)
    accuracy = decoding.cross_temporal_accuracy(
        torch.zeros(1, 24, 2, 6, dtype=torch.float64), CLASSES, fold, 0.1
    )
    assert (accuracy == 0.5).all()
