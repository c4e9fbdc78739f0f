"""Recover a rule from a recording by least squares, with error bars clustered by trial.

The clip makes the model nonlinear. A clipped change tells no more than a sign and is left out. Gauss-Newton fits the
synapses whose predicted change is not clipped, and repeats this until the same synapses remain. The prediction and not
the noisy change decides what is left out, so that noise does not select.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from threefactor.analysis.recovery.recording import Blocks, Recording, Terms, blocks, gated
from threefactor.contract import Rule

PASSES = 6  # of Gauss-Newton, at most
SINGULAR = 1e-11  # singular value, as a share of the largest, at or below which scaled columns are collinear


class Fit(NamedTuple):
    """Coefficients with their uncertainty, noise being independent between trials and anything within one."""

    value: Tensor  # p
    standard_error: Tensor  # p
    freedom: Tensor  # p, degrees of freedom of Student's t
    unit: Tensor  # p, coefficient whose term alone makes changes of the observed size
    residual: float  # root mean square of what is left
    condition: float  # of the columns, scaled to the same norm
    trials: int  # blocks
    rows: int  # changes of a synapse that count
    clipped: int  # clipped changes, left out


class Design(NamedTuple):
    """All blocks' columns, each of norm one, ready to explain any changes."""

    X: Tensor  # g q p
    Q: Tensor  # (g q) p
    R: Tensor  # p p, X = Q R
    scale: Tensor  # p, norms of the columns
    share: Tensor  # g q p, by which a block's residuals enter the error of each coefficient
    freedom: Tensor  # p
    rounding: Tensor  # p, error of a coefficient by rounding alone, changes being of norm one
    condition: float


class CollinearError(ValueError):
    """Columns that are collinear; carries their places."""

    def __init__(self, places: list[int]) -> None:
        super().__init__(f"columns {places} are collinear")
        self.places = places


def recover(rule: Rule, recording: Recording, terms: Terms) -> Fit:
    """Fit the coefficients of the terms.

    Parameters
    ----------
    rule
        A polynomial rule with the constants; its theta does not matter.
    recording
        In float64.
    terms
        (k, l) of the p coefficients.

    Raises
    ------
    CollinearError
        If the terms are collinear in these trials.
    """
    found = blocks(rule, recording, terms)
    fitted = fit(found)
    for _ in range(PASSES if rule.params.clip < float("inf") else 0):
        again = blocks(rule, recording, terms, fitted.value)
        same = torch.equal(again.rows, found.rows)
        found, fitted = again, fit(again)
        if same:
            break
    return fitted


def fit(found: Blocks) -> Fit:
    """Fit blocks as they are, without predicting again which changes are clipped.

    With the columns X of the p terms and the changes y of all blocks, ``value = (X^T X)^-1 X^T y``
    by QR of scaled columns.
    Its covariance is the cluster-robust one with the correction for leverage of Bell and McCaffrey (2002) and their
    degrees of freedom (Pustejovsky and Tipton 2018), the clusters being the trials.

    Raises
    ------
    CollinearError
        If a singular value of the scaled columns is less than `SINGULAR` of the largest.
    """
    whole = gated(found)
    columns, changes = design(whole[..., :-1]), whole[..., -1]
    value, error, residual = solve(columns, changes)
    size, rows = changes.norm(), int(found.rows.sum())
    return Fit(
        value=value,
        standard_error=error,
        freedom=columns.freedom,
        unit=size / columns.scale,
        residual=float(residual.norm() / rows**0.5),
        condition=columns.condition,
        trials=len(whole),
        rows=rows,
        clipped=int(found.clipped.sum()),
    )


def design(columns: Tensor) -> Design:
    """Prepare the columns of all blocks, g q p; see `fit`."""
    scale = columns.square().sum((0, 1)).sqrt()
    if (silent := (scale == 0).nonzero()[:, 0].tolist()) or not len(columns):
        raise CollinearError(silent)
    X = columns / scale
    Q, R = torch.linalg.qr(X.flatten(0, 1))
    condition = _condition(R)
    inverse = torch.linalg.solve_triangular(R, torch.eye(len(R), dtype=R.dtype), upper=True)
    share, freedom = _uncertainty(X, inverse)
    rounding = torch.finfo(R.dtype).eps * condition * inverse.norm(dim=1)
    return Design(X, Q, R, scale, share, freedom, rounding, condition)


def solve(columns: Design, changes: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return coefficients (... p), their standard errors (... p) and what is left of the changes (... g q)."""
    projected = changes.flatten(-2) @ columns.Q
    value = torch.linalg.solve_triangular(columns.R, projected[..., None], upper=True)[..., 0]
    residual = changes - (columns.X @ value[..., None, :, None])[..., 0]
    variance = torch.einsum("gqp,...gq->...gp", columns.share, residual).square().sum(-2)
    rounding = columns.rounding * changes.flatten(-2).norm(dim=-1, keepdim=True)
    return value / columns.scale, (variance + rounding**2).sqrt() / columns.scale, residual


def left_over(found: Blocks) -> float:
    """Return the sum of squares that the best coefficients leave, as a share of that of the changes."""
    whole = gated(found)
    scale = whole.square().sum((0, 1)).sqrt()
    R = torch.linalg.qr((whole / torch.where(scale == 0, 1, scale)).flatten(0, 1), mode="r").R
    return float(R[-1, -1] ** 2)


def _condition(R: Tensor) -> float:
    """Return the condition of a triangle with scaled columns; refuse one that is singular."""
    _, values, directions = torch.linalg.svd(R)
    if values[-1] <= SINGULAR * values[0]:
        raise CollinearError((directions[-1].abs() > 0.1).nonzero()[:, 0].tolist())
    return float(values[0] / values[-1])


def _uncertainty(X: Tensor, inverse: Tensor) -> tuple[Tensor, Tensor]:
    """Return by what residuals enter each coefficient's error, and its degrees of freedom, from g q p and R^-1."""
    half = X @ inverse
    values, vectors = torch.linalg.eigh(torch.eye(X.shape[1], dtype=X.dtype) - half @ half.mT)
    # a direction that one trial alone decides leaves no residual to correct
    stretch = torch.where(values > 1e-8, values.clamp(min=1e-8).rsqrt(), 0)
    w = vectors @ (stretch[..., None] * (vectors.mT @ (half @ inverse.T)))
    through = half.mT @ w
    freedom = torch.stack([_freedom(w[..., p], through[..., p]) for p in range(w.shape[-1])])
    return w, freedom


def _freedom(w: Tensor, through: Tensor) -> Tensor:
    """Return Satterthwaite's degrees of freedom of one variance under equal noise; w is g q, through g p."""
    product = w.square().sum(1).diag() - through @ through.T
    return product.trace() ** 2 / product.square().sum()
