"""Measures of networks: one entry of `MEASURES` each.

The columns of the table of networks, their order, what ``spread.csv`` compares, the labels of figures and the reference
page follow from the entries.  A measure is added by adding its entry.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from threefactor.analysis.attractors import attractor_table
from threefactor.analysis.landscape import fixed_point_table, weight_change
from threefactor.analysis.landscape.eigenvalues import abscissa, eigenvalue_change
from threefactor.analysis.measure import EVERY, FIRST, LAST, Costly, Known, Measure
from threefactor.analysis.representation import codes
from threefactor.analysis.representation.components import (
    change_dimension,
    components_for,
    participation_ratio,
)
from threefactor.analysis.representation.contrasts import guessing
from threefactor.analysis.representation.representation_alignment import representation_alignment
from threefactor.analysis.representation.selectivity import selectivity
from threefactor.analysis.solutions.procrustes import procrustes_angle
from threefactor.analysis.solutions.shape import sample_coordinates


def _distance_from_initial(known: Known) -> Tensor:
    """Give the Procrustes angle between the rates before and after learning, (b)."""
    rates = (known.before, known.after)
    return procrustes_angle(*(sample_coordinates(r.flatten(1, 2), known.shape_components) for r in rates))


def _static_in_delay(known: Known, factor: str) -> Tensor:
    """Give the static index of a factor's code in the delay, (b')."""
    chance = guessing(known.task.factors[factor])
    return codes.static_within(known.accuracy[factor], known.during("delay"), chance)


def _costly(of: Callable[[Costly], Tensor]) -> Callable[[Known], Tensor]:
    """Make the function of a measure that takes long: empty where it was measured of no network."""
    return lambda known: known.after.new_empty(0) if known.costly is None else of(known.costly)


MEASURES = (
    Measure(
        "participation_ratio",
        "dimensions",
        "dimension of the rates, participation ratio (Σλ)²/Σλ² of their variances λ (Gao et al. 2017)",
        lambda known: participation_ratio(known.components.variance),
        label="Dimension of activity",
        compared=True,
    ),
    Measure(
        "change_dimension",
        "dimensions",
        "participation ratio of what learning changed in the rates",
        lambda known: change_dimension(known.before.flatten(1, 2), known.after.flatten(1, 2)),
        label="Dimension of the change",
        compared=True,
    ),
    Measure(
        "components_90",
        "components",
        "principal components that hold 90 % of the variance of the rates",
        lambda known: components_for(known.components.variance, 0.9),
    ),
    Measure(
        "delay_speed",
        "per ms",
        "root mean square over free units of the change of state, in the period `delay`; empty without one",
        lambda known: known.speed[..., known.during("delay")].mean((1, 2)),
    ),
    Measure(
        "selectivity_{factor}",
        "fraction",
        "fraction of the variance between trial types that follows the factor {factor}",
        lambda known, factor: selectivity(known.after, known.task.factors)[factor],
        factors=EVERY,
    ),
    Measure(
        "representation_alignment",
        "",
        "alignment, 0 to 1, of the kernels of the rates before and after learning (Liu et al. 2023)",
        lambda known: representation_alignment(known.before.flatten(1, 2), known.after.flatten(1, 2)),
        label="Representation alignment",
        compared=True,
    ),
    Measure(
        "change_norm",
        "",
        "Frobenius norm of the weight change ΔW",
        lambda known: torch.linalg.matrix_norm(known.group.final.weights - known.group.initial.weights),
    ),
    Measure(
        "relative_change",
        "",
        "Frobenius norm of ΔW, by that of the initial weights",
        lambda known: weight_change.relative_change(known.group.initial.weights, known.group.final.weights),
        label="Size of ΔW",
        compared=True,
    ),
    Measure(
        "top_singular_fraction",
        "fraction",
        "largest squared singular value of ΔW, by the sum of all",
        lambda known: weight_change.top_fraction(known.spectra.change),
    ),
    Measure(
        "rank_entropy",
        "rank",
        "effective rank of ΔW, exponential of the entropy of its singular values (Roy & Vetterli 2007)",
        lambda known: weight_change.rank_entropy(known.spectra.change),
    ),
    Measure(
        "rank_participation",
        "rank",
        "effective rank of ΔW, participation ratio of its squared singular values",
        lambda known: weight_change.rank_participation(known.spectra.change),
        label="Effective rank of ΔW",
        compared=True,
    ),
    Measure(
        "abscissa_initial",
        "",
        "largest real part of the eigenvalues of W among free units before learning; above 1 rest is unstable",
        lambda known: abscissa(known.spectra.initial),
    ),
    Measure(
        "abscissa_final",
        "",
        "largest real part of the eigenvalues of W among free units after learning",
        lambda known: abscissa(known.spectra.final),
    ),
    Measure(
        "eigenvalue_change",
        "",
        "mean distance between the eigenvalues of W before and after learning, matched one to one",
        lambda known: eigenvalue_change(known.spectra.initial, known.spectra.final),
    ),
    Measure(
        "distance_from_initial",
        "radians",
        "Procrustes distance between the rates before and after learning",
        _distance_from_initial,
    ),
    Measure(
        "decoding_{factor}_delay",
        "fraction of trials",
        "accuracy of decoding the factor {factor} in the period `delay`; empty without one",
        lambda known, factor: codes.accuracy_within(known.accuracy[factor], known.during("delay")),
        factors=FIRST,
    ),
    Measure(
        "static_{factor}_delay",
        "",
        "static index of the code of {factor} in the period `delay`: 1 static, 0 dynamic (Murray et al. 2017)",
        _static_in_delay,
        factors=FIRST,
    ),
    Measure(
        "decoding_{factor}_response",
        "fraction of trials",
        "accuracy of decoding the factor {factor} in the period `decision`",
        lambda known, factor: codes.accuracy_within(known.accuracy[factor], known.during("decision")),
        factors=LAST,
    ),
    Measure(
        "fixed_points",
        "points",
        "distinct fixed points, over all constant inputs",
        lambda known: fixed_point_table.number(known.search),
        label="Fixed points",
    ),
    Measure(
        "stable_fixed_points",
        "points",
        "stable fixed points, over all constant inputs",
        lambda known: fixed_point_table.number_stable(known.search),
        label="Stable fixed points",
    ),
    Measure(
        "fixed_point_arrivals",
        "fraction of starts",
        "fraction of the starts of the search that ended on a fixed point",
        lambda known: fixed_point_table.arrivals(known.search),
    ),
    Measure(
        "attractors",
        "attractors",
        "distinct attractors, over all constant inputs",
        _costly(lambda costly: attractor_table.number(costly.census)),
        label="Attractors",
        compared=True,
    ),
    Measure(
        "attractors_at_rest",
        "attractors",
        "fixed points among them",
        _costly(lambda costly: attractor_table.number_at_rest(costly.census)),
    ),
    Measure(
        "moving_share",
        "fraction of starts",
        "starts that end on a cycle, torus or chaos, mean over constant inputs",
        _costly(lambda costly: attractor_table.moving_share(costly.census)),
        label="Starts that go on moving",
        compared=True,
    ),
    Measure(
        "lyapunov_exponent",
        "1/time constant",
        "largest Lyapunov exponent of all attractors",
        _costly(lambda costly: attractor_table.largest_exponent(costly.census)),
        label="Lyapunov exponent",
        compared=True,
    ),
    Measure(
        "lyapunov_dimension",
        "dimensions",
        "largest Kaplan-Yorke dimension of all attractors; empty where the measured exponents do not reach it",
        _costly(lambda costly: attractor_table.dimension(costly.census)),
        label="Lyapunov dimension",
        compared=True,
    ),
    Measure(
        "gradient_alignment",
        "",
        "cosine of the outputs' gradients before and after learning, weight by weight: 1 for a lazy network",
        _costly(lambda costly: costly.tangent.gradient),
        label="Gradient alignment",
        compared=True,
    ),
    Measure(
        "nonlinearity",
        "",
        "share of the outputs' change that the gradients before learning do not predict: 0 for a lazy network",
        _costly(lambda costly: costly.tangent.residual),
        label="Nonlinearity of learning",
        compared=True,
    ),
    Measure(
        "tangent_kernel_alignment",
        "",
        "cosine of the neural tangent kernels before and after learning; high between any networks on one task",
        _costly(lambda costly: costly.tangent.kernel),
    ),
    Measure(
        "compressed_rank",
        "rank",
        "smallest rank to which ΔW can be truncated, singular values in order, with the error at the level",
        _costly(lambda costly: costly.rank),
        label="Rank of ΔW that is needed",
        compared=True,
    ),
    Measure(
        "compressed_rank_of_weights",
        "rank",
        "smallest rank to which W among free units can be truncated, with the error at the level",
        _costly(lambda costly: costly.rank_of_weights),
    ),
    Measure(
        "slow_points",
        "points",
        "distinct minima of the speed of the state that are slow and no fixed points, over all constant inputs",
        _costly(lambda costly: costly.slow),
    ),
    Measure(
        "sharpness",
        "",
        "largest eigenvalue of the Hessian of the noise-free squared error times the mean squared weight",
        _costly(lambda costly: costly.sharpness.relative),
        label="Sharpness",
        compared=True,
    ),
    Measure(
        "hessian_participation",
        "directions",
        "participation ratio (Σ|λ|)²/Σλ² of the eigenvalues λ of that Hessian",
        _costly(lambda costly: costly.sharpness.participation),
        label="Stiff directions",
        compared=True,
    ),
    Measure(
        "negative_curvature",
        "fraction",
        "share of Σ|λ| that negative eigenvalues have",
        _costly(lambda costly: costly.sharpness.negative),
    ),
    Measure(
        "flat_directions",
        "fraction of weights",
        "directions with an eigenvalue below analyse.flatness of the largest",
        _costly(lambda costly: costly.sharpness.flat),
    ),
)
"""All measures, in the order of the columns; those of networks that were not analysed are empty."""
