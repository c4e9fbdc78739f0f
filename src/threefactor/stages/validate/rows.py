"""Rows of the tables ``accuracy`` and ``growth``."""

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd
from torch import Tensor

from threefactor import seeding
from threefactor.contract import Network
from threefactor.derivatives.case import Case
from threefactor.derivatives.methods import Forward
from threefactor.experiment.work import Work
from threefactor.network.lyapunov import largest_exponent
from threefactor.network.perturbation import draw_start
from threefactor.stages.validate.checked import Checked
from threefactor.training.batch import select

Row = dict[str, object]

BURN_IN_MS, MEASURE_MS = 10_000.0, 20_000.0
"""Time that a network is left to itself before, and while, its Lyapunov exponent is measured."""

RULE = ("learning_rule", "degree", "gain", "network")
"""First columns of both tables."""

ERRORS = ("precision", "method", "step_size", "trial", "quantity", "relative_error")
"""Columns of ``accuracy`` after `RULE`."""

SIZES = ("trial", "reward_tangent_norm", "weight_tangent_norm", "lyapunov_exponent")
"""Columns of ``growth`` after `RULE`."""


def rows(
    precision: str, method: str, step: float | None, found: Mapping[str, Tensor], marks: tuple[int, ...]
) -> Iterator[Row]:
    """Yield a row per quantity, trial and network; none of what does not depend on theta, as the first reward."""
    for quantity, error in found.items():
        for trial, networks in zip(marks[-len(error) :], error.tolist(), strict=True):
            for b, value in enumerate(networks):
                if value == value:
                    size = float("nan") if step is None else step
                    values = (precision, method, size, trial, quantity, value)
                    yield {"place": b, **dict(zip(ERRORS, values, strict=True))}


def growth(work: Work, case: Case, tangents: Forward) -> Iterator[Row]:
    """Yield the size of the derivatives along the directions, and the networks' Lyapunov exponents, at each trial."""
    networks = [case.network, *(case.network._replace(weights=weights) for weights in tangents.weights)]
    exponents = dict(zip((0, *case.marks), (_exponents(work, one) for one in networks), strict=True))
    sizes = tangents.along.reward.square().mean(2).sqrt()
    for b in range(len(case.network.weights)):
        for h in range(len(sizes) + 1):
            reward = float(sizes[h - 1, b]) if h else 0.0
            weight = float(tangents.size[h - 1, b]) if h else 0.0
            exponent = float(exponents[h][b]) if h in exponents else float("nan")
            yield {"place": b, **dict(zip(SIZES, (h, reward, weight, exponent), strict=True))}


def named(checked: Checked, networks: int, found: Sequence[Row]) -> pd.DataFrame:
    """Return a table whose first columns say rule, degree, gain and network.

    Parameters
    ----------
    checked
        The rule.
    networks
        Networks of each gain.
    found
        Rows with the place of a network among all.
    """
    # without a row, where no error is a number, the columns are those of ``accuracy``
    table = pd.DataFrame(found, columns=None if found else ["place", *ERRORS])
    place = table.pop("place").astype(int)
    degree = int(checked.rule.params.theta.nonzero().max())
    gains = place.map(lambda b: checked.gains[b // networks])
    values = (checked.name, degree, gains, place % networks)
    return pd.concat([pd.DataFrame(dict(zip(RULE, values, strict=True))), table], axis=1)


def _exponents(work: Work, network: Network) -> Tensor:
    """Return the largest Lyapunov exponents, in 1/s; b."""
    settings, step = work.settings, work.settings.network.time_step_ms
    source = seeding.generator(settings.seed, "validate", "lyapunov")
    start = draw_start(select(network, slice(1)), settings.network.start_scale, generator=source)
    found: Tensor = largest_exponent(
        network,
        start.expand(len(network.weights), -1).contiguous(),
        burn_in=round(BURN_IN_MS / step),
        steps=round(MEASURE_MS / step),
        generator=source,
    )
    return found * 1000 / step
