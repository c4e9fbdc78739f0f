"""From settings to perturbations: one entry of `KINDS` each."""

from collections.abc import Callable
from typing import Any, NamedTuple

from threefactor.network.perturbation import Gaussian, Perturbation, Sparse

DEVIATIONS = 3
"""Standard deviations of a Gaussian perturbation that are shown."""


class Kind(NamedTuple):
    """A kind of perturbation; both functions take the settings."""

    make: Callable[[Any], Perturbation]
    reach: Callable[[Any], float]  # largest change of the state that figures show


KINDS = {
    "sparse": Kind(
        make=lambda settings: Sparse(
            settings.perturbation.size, settings.perturbation.rate_per_ms * settings.network.time_step_ms
        ),
        reach=lambda settings: settings.perturbation.size,
    ),
    "gaussian": Kind(
        make=lambda settings: Gaussian(settings.perturbation.noise),
        reach=lambda settings: DEVIATIONS * settings.perturbation.noise,
    ),
}
"""By ``perturbation.kind``."""


def make(settings: Any) -> Perturbation:
    """Return the perturbation of the settings."""
    return KINDS[settings.perturbation.kind].make(settings)


def reach(settings: Any) -> float:
    """Return the largest change of the state by one perturbation that figures show, in units of the state."""
    return KINDS[settings.perturbation.kind].reach(settings)
