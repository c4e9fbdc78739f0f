"""Rows of the tables ``accuracy`` and ``growth``."""

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd
from torch import Tensor

from threefactor import seeding
from threefactor.contract import Network
from threefactor.derivatives.methods import Forward
from threefactor.derivatives.run_of_theta import Case
from threefactor.experiment.work import Work
from threefactor.network.lyapunov import largest_exponent
from threefactor.network.perturbation import draw_start
from threefactor.stages.validate.tables import TABLES, WHERE
from threefactor.stages.validate.validated_rules import Checked
from threefactor.training.batch import select

Row = dict[str, object]

BURN_IN_MS, MEASURE_MS = 10_000.0, 20_000.0
"""Time that a network is left to itself before, and while, its Lyapunov exponent is measured."""


def rows(
    precision: str, method: str, step: float | None, found: Mapping[str, Tensor], marks: tuple[int, ...]
) -> Iterator[Row]:
    """Yield a row per quantity, trial and network; none of what does not depend on theta, as the first reward."""
    for quantity, error in found.items():
        for trial, networks in zip(marks[-len(error) :], error.tolist(), strict=True):
            for b, value in enumerate(networks):
                if value == value:
                    yield {
                        "place": b,
                        "precision": precision,
                        "method": method,
                        "step_size": float("nan") if step is None else step,
                        "trial": trial,
                        "quantity": quantity,
                        "relative_error": value,
                    }


def growth(work: Work, case: Case, tangents: Forward) -> Iterator[Row]:
    """Yield the size of the derivatives along the directions, and the networks' Lyapunov exponents, at each trial."""
    networks = [case.network, *(case.network._replace(weights=weights) for weights in tangents.weights)]
    exponents = dict(zip((0, *case.marks), (_exponents(work, one) for one in networks), strict=True))
    sizes = tangents.along.reward.square().mean(2).sqrt()
    for b in range(len(case.network.weights)):
        for h in range(len(sizes) + 1):
            yield {
                "place": b,
                "trial": h,
                "reward_tangent_norm": float(sizes[h - 1, b]) if h else 0.0,
                "weight_tangent_norm": float(tangents.size[h - 1, b]) if h else 0.0,
                "lyapunov_exponent": float(exponents[h][b]) if h in exponents else float("nan"),
            }


def named(name: str, checked: Checked, networks: int, found: Sequence[Row]) -> pd.DataFrame:
    """Return a table, which says rule, degree, gain and network in its first columns.

    Parameters
    ----------
    name
        Of the table.
    checked
        The rule.
    networks
        Networks of each gain.
    found
        Rows, with the place of a network among all.
    """
    columns = TABLES[name].names()
    table = pd.DataFrame(found, columns=["place", *columns[len(WHERE) :]])
    place = table["place"].astype(int)
    return table.assign(
        learning_rule=checked.name,
        degree=int(checked.rule.params.theta.nonzero().max()),
        gain=place.map(lambda b: checked.gains[b // networks]),
        network=place % networks,
    )[columns]


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
