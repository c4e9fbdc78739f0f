"""Whether an orbit closes, and after how long."""

from typing import NamedTuple

import torch
from torch import Tensor

from threefactor.analysis.attractors.long_run import Moments, distance

REFERENCES = 8  # states of an orbit whose returns are looked for

LEFT = 0.5  # of the largest distance from a reference: a state further away has left it

SAFETY = 2.0  # times the error of a chord

ROUNDING = 64.0  # times the precision of numbers of the size of the state


class Recurrence(NamedTuple):
    """Returns of n orbits to their own states."""

    closed: Tensor  # n, bool
    period: Tensor  # n, in steps, to a fraction of a step; NaN where it does not close


def recurrence(state: Tensor) -> Recurrence:
    """Find the period of orbits.

    An orbit closes where from each of 8 states in its first quarter, after having left it, it comes back to the same
    place by the same period, and is there again after as many periods as the orbit holds: one near return is not enough,
    since orbits on a torus have some, but drift away from them. *Back* means at most twice as far as a chord of the
    orbit is from the orbit, ‖x[t+1] − 2 x[t] + x[t−1]‖ / 8: what a smooth closed curve can leave between its points.

    Parameters
    ----------
    state : Tensor
        Orbits, (n, t, i), at least three periods long.
    """
    quarter = state.shape[1] // 4
    places = torch.linspace(1, quarter, REFERENCES).long().tolist()
    found = [_returns(state, place, state.shape[1] - quarter - 2) for place in places]
    period = torch.stack([part.period for part in found], 1)
    alike = (period - period.mean(1, keepdim=True)).abs().amax(1) <= 1
    closed = torch.stack([part.closed for part in found], 1).all(1) & alike
    return Recurrence(closed, torch.where(closed, period.mean(1), torch.nan))


def _returns(state: Tensor, place: int, longest: int) -> Recurrence:
    """Find the returns of orbits (n, t, i) to their state at one place, within so many steps."""
    away, allowed = _from_chords(state, place, longest)
    least, where, tolerance = away.distance, away.fraction, allowed
    left = (least > LEFT * least.amax(1, keepdim=True)).cummax(1).values
    back = left & (least <= tolerance)
    lag = torch.arange(longest, device=state.device)
    once = back.any(1)
    first = back.to(torch.int8).argmax(1)
    # the nearest chord of this return: the first within tolerance may lie a few steps before it
    near = (lag >= first[:, None]) & (lag <= first[:, None] + (first[:, None] // 8))
    nearest = least.masked_fill(~near, torch.inf).argmin(1)
    period = nearest + where.gather(1, nearest[:, None])[:, 0]
    many = (longest / period.clamp_min(1)).floor() - 1
    centre, width = many * period, period / 4
    again = ((lag - centre[:, None]).abs() <= width[:, None]) & (least <= tolerance)
    return Recurrence(once & again.any(1) & (many >= 2), period)


class _Away(NamedTuple):
    distance: Tensor  # n t, from the reference to the chord between this state and the next
    fraction: Tensor  # n t, where on the chord the nearest point is


def _from_chords(state: Tensor, place: int, longest: int) -> tuple[_Away, Tensor]:
    """Give the distance of a state to the chords of its orbit from so many steps on, and how near counts; (n, t)."""
    ahead = state[:, place : place + longest + 1] - state[:, place : place + 1]
    here, step = ahead[:, :-1], ahead[:, 1:] - ahead[:, :-1]
    fraction = (-(here * step).sum(-1) / step.square().sum(-1).clamp_min(1e-300)).clamp(0, 1)
    distance = (here + fraction[..., None] * step).norm(dim=-1)
    bend = (step[:, 1:] - step[:, :-1]).norm(dim=-1)
    around = torch.nn.functional.max_pool1d(torch.cat([bend[:, :1], bend], 1)[:, None], 3, 1, 1)[:, 0]
    precision = ROUNDING * torch.finfo(state.dtype).eps * state.norm(dim=-1).amax(1, keepdim=True)
    return _Away(distance, fraction), SAFETY * around / 8 + precision


def whole_periods(returns: Recurrence, steps: int) -> Tensor:
    """Weight the steps (n, t) of orbits that close so that the last whole periods count; of others all steps do."""
    count = (steps / returns.period).floor() * returns.period
    kept = torch.where(returns.closed, count, float(steps))
    return (torch.arange(1 - steps, 1, device=kept.device) + kept[:, None]).clamp(0, 1)


def over(window: Tensor, values: Tensor, closed: Tensor) -> Moments:
    """Give the moments (n, i) of values (n, t, i) over the weighted steps (n, t).

    Their error is the distance between the halves of the run. Orbits that close have none: the steps are whole periods.
    """
    halves = (_weighted(torch.ones_like(part[..., 0]), part) for part in values.chunk(2, 1))
    error = torch.where(closed, 0, distance(*halves))
    return Moments(*_weighted(window, values), error)


def _weighted(window: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
    share = (window / window.sum(1, keepdim=True))[:, None]
    mean = share @ values
    return mean[:, 0], (share @ (values - mean).square())[:, 0].sqrt()
