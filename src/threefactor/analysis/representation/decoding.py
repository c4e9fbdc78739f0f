"""Decode what a network holds, over time and across times, with a linear classifier in closed form.

Ridge regression onto labels y = ±1 (a class against the rest, where there are more than two), trained at time t on
the trials X_t (h, i) of the training folds, each unit centred on its mean at that time:

    w_t = X_tᵀ (X_t X_tᵀ + λ I)⁻¹ y            λ = ridge · Tr(X_t X_tᵀ) / h

The decision at test time t' is the sign of X_{t'} w_t on the trials left out, or the class whose X_{t'} w_t is largest.
Centring at the test time removes the drift that all trials share, which is no code of the label, and lets a static code
generalise.
"""

import torch
from torch import Tensor

from threefactor.analysis.representation.contrasts import signs


def stratified_folds(trial_type: Tensor, folds: int) -> Tensor:
    """Deal trials to folds so that every fold holds each trial type equally often.

    Parameters
    ----------
    trial_type : Tensor
        Trial type of each trial, (h).
    folds : int
        Number of folds, at most the number of trials of the rarest type.

    Returns
    -------
    Tensor
        Fold of each trial, (h), 0 to folds − 1.

    Raises
    ------
    ValueError
        If a trial type has fewer trials than there are folds.
    """
    fold = torch.zeros_like(trial_type)
    for value in trial_type.unique():
        own = (trial_type == value).nonzero()[:, 0]
        if len(own) < folds:
            raise ValueError(
                f"folds = {folds}: must be at most {len(own)}, the number of trials of type {int(value)}"
            )
        fold[own] = torch.arange(len(own), device=trial_type.device) % folds
    return fold


def fit_ridge(rates: Tensor, labels: Tensor, ridge: float) -> Tensor:
    """Fit one ridge classifier per time in its dual form.

    Parameters
    ----------
    rates : Tensor
        Centred rates of the training trials, (b, t, h, i).
    labels : Tensor
        Labels ±1, (h, v).
    ridge : float
        Regularisation in units of the mean squared norm of a trial.

    Returns
    -------
    Tensor
        Weights (b, t, i, v).
    """
    gram = rates @ rates.mT
    trials = gram.shape[-1]
    scale = gram.diagonal(dim1=-2, dim2=-1).mean(-1)[..., None, None]
    penalty = (ridge * scale).clamp_min(torch.finfo(rates.dtype).tiny ** 0.5)
    identity = torch.eye(trials, dtype=rates.dtype, device=rates.device)
    dual = torch.linalg.solve(gram + penalty * identity, labels - labels.mean(0))
    return rates.mT @ dual


def _correct_in_fold(
    rates: Tensor, classes: Tensor, columns: list[Tensor], test: Tensor, ridge: float
) -> Tensor:
    """Count right decisions on the test trials, (b, v, train t, test t); undecided trials count half."""
    timed, labels = rates.transpose(1, 2), torch.cat(columns, 1)
    centred = timed - timed[:, :, ~test].mean(2, keepdim=True)
    weights = fit_ridge(centred[:, :, ~test], labels[~test], ridge)
    decision = torch.einsum("bshi,btiv->bvtsh", centred[:, :, test], weights)
    found = []
    for v, own in enumerate(decision.split([column.shape[1] for column in columns], 1)):
        if own.shape[1] == 1:
            agreement = torch.sign(own[:, 0]) * columns[v][test, 0]
            found.append((0.5 * (agreement + 1)).sum(-1))
        else:
            found.append((own.argmax(1) == classes[test, v]).to(rates).sum(-1))
    return torch.stack(found, 1)


def cross_temporal_accuracy(rates: Tensor, classes: Tensor, fold: Tensor, ridge: float) -> Tensor:
    """Cross-validate classifiers trained at one time and tested at every other.

    Parameters
    ----------
    rates : Tensor
        Rates of h noisy trials of each network, (b, h, t, i).
    classes : Tensor
        Classes from 0 of v factors, (h, v), int64, the same for every network.
    fold : Tensor
        Fold of each trial, (h), from `stratified_folds`.
    ridge : float
        Regularisation in units of the mean squared norm of a trial.

    Returns
    -------
    Tensor
        Accuracy 0 to 1, (b, v, train t, test t); chance is one over the number of classes that are as frequent.
    """
    columns = [signs(own).to(rates) for own in classes.unbind(1)]
    correct = sum(_correct_in_fold(rates, classes, columns, fold == value, ridge) for value in fold.unique())
    assert isinstance(correct, Tensor)
    return correct / rates.shape[1]
