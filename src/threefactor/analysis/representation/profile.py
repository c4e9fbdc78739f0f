"""One number a network for each property of its representation."""

from collections.abc import Mapping, Sequence

from torch import Tensor

from threefactor.analysis.representation.components import (
    components_for,
    participation_ratio,
    principal_components,
)
from threefactor.analysis.representation.kernel_alignment import kernel_alignment
from threefactor.analysis.representation.selectivity import selectivity
from threefactor.analysis.solutions.procrustes import procrustes_angle
from threefactor.analysis.solutions.shape import sample_coordinates


def representation_profile(
    initial: Tensor, final: Tensor, factors: Mapping[str, Sequence[int]], shape_components: int
) -> dict[str, Tensor]:
    """Summarise the noise-free rates before and after learning.

    Parameters
    ----------
    initial, final : Tensor
        Rates of the free units before and after learning, (b, y, t, i).
    factors : mapping of str to sequence of int
        Class of each trial type y by the name of the factor.
    shape_components : int
        Components that enter the Procrustes distance.

    Returns
    -------
    dict of Tensor
        Values (b) by the names of the columns of ``networks.csv``.
    """
    before, after = initial.flatten(1, 2), final.flatten(1, 2)
    variance = principal_components(after, 1).variance
    shapes = [sample_coordinates(rates, shape_components) for rates in (before, after)]
    return {
        "participation_ratio": participation_ratio(variance),
        "components_90": components_for(variance, 0.9),
        **{f"selectivity_{name}": value for name, value in selectivity(final, factors).items()},
        "kernel_alignment": kernel_alignment(before, after),
        "distance_from_initial": procrustes_angle(*shapes),
    }
