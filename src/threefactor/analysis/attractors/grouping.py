"""Which starts of a system end on the same attractor."""

import torch
from torch import Tensor

from threefactor.analysis.attractors.long_run import Moments


def groups(found: Moments, kind: Tensor, *, separation: float) -> Tensor:
    """Give each start the number of the first start that ended on the same attractor; (p, s).

    Two starts are on one attractor where the root mean square distance per unit between their means and standard
    deviations over time is at most the separation plus the errors of both, and they are of one kind. The error of
    a start is the distance between the halves of its own run, √2 times what the moments of two whole runs on one
    attractor are expected to differ by: the sum of two errors is 2√2 times that.

    Parameters
    ----------
    found : Moments
        Of p systems with s starts each.
    kind : Tensor
        What only starts of one attractor have in common, (p, s): whether they move, or the class.
    separation : float
        Least distance between two attractors that are known exactly, in units of the state.
    """
    points = torch.cat([found.mean, found.std], -1)
    apart = torch.cdist(points, points, compute_mode="donot_use_mm_for_euclid_dist")
    apart = apart / found.mean.shape[-1] ** 0.5
    allowed = separation + found.error[:, :, None] + found.error[:, None]
    same = (apart <= allowed) & (kind[:, :, None] == kind[:, None])
    first = same.to(torch.int8).argmax(-1)
    while not torch.equal(ahead := first.gather(1, first), first):
        first = ahead
    return first
