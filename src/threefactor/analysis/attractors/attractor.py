"""What is known of attractors, and how a start that rests, or one that moves, becomes one."""

from typing import NamedTuple

import torch
from torch import Tensor

from threefactor.analysis.attractors.classes import (
    FIXED_POINT,
    LIMIT_CYCLE,
    SLOW,
    UNRESOLVED,
    classify,
    falling,
)
from threefactor.analysis.attractors.long_run import Moments, Systems
from threefactor.analysis.attractors.recurrence import over, recurrence, whole_periods
from threefactor.analysis.landscape.fixed_points import free_system, jacobian, newton
from threefactor.kernels import scans
from threefactor.kernels.activation import rate
from threefactor.network.lyapunov import kaplan_yorke, spectrum

POLISH, EXACT = 20, 1e-3
"""Most Newton steps from a state at rest to the fixed point, and the flow there, in parts of the tolerance."""


class Plan(NamedTuple):
    """How a census is taken; steps are those of the networks."""

    burn_in: int  # most steps before a start that does not rest counts as moving
    stretch: int  # steps between two looks at whether starts rest
    tolerance: float  # largest flow |F_i| of a state at rest, per time constant
    steps: int  # of a run that measures moving starts; twice as many in each further round
    rounds: int  # runs after which an attractor stays unresolved
    separation: (
        float  # least distance between two attractors (root mean square per unit), in units of the state
    )
    probability: float  # that a zero exponent is taken for a positive one by chance


class Attractors(NamedTuple):
    """n attractors of p systems."""

    system: Tensor  # n, number of the system
    starts: Tensor  # n, starts that ended there
    kind: Tensor  # n, place in `classes.CLASSES`
    reason: Tensor  # n, place in `classes.REASONS`
    state: Tensor  # n i, a state on it
    mean: Tensor  # n i, of the state over time
    std: Tensor  # n i
    error: Tensor  # n, of mean and standard deviation
    exponents: Tensor  # n k, per time step
    exponent_error: Tensor  # n k, standard error
    dimension: Tensor  # n, Kaplan-Yorke; NaN where k exponents do not reach it
    period: Tensor  # n, steps; NaN but for a cycle
    output_mean: Tensor  # n, of the first output over time
    output_std: Tensor  # n

    def moments(self) -> Moments:
        """Return the moments by which attractors are told apart."""
        return Moments(self.mean, self.std, self.error)


def resting(
    system: Systems, number: Tensor, starts: Tensor, state: Tensor, plan: Plan, count: int
) -> Attractors:
    """Describe the fixed points beside states whose flow has vanished, one of each of n systems.

    Newton steps lead to the point itself. Where it is further away than the separation, is not reached, or is unstable
    for the steps that the network takes, the state is slow, and unresolved. Exponents are ``log |1 + leak λ|`` of the
    eigenvalues λ of the Jacobian.
    """
    network, free = system.network, ~system.network.clamped
    clamped_rate = rate(state, network.activation)
    weights, drive = free_system(network.weights, system.drive, network.clamped, clamped_rate)
    point, residual = newton(
        weights,
        drive,
        state[:, free],
        steps=POLISH,
        tolerance=plan.tolerance * EXACT,
        activation=network.activation,
    )
    moved = (point - state[:, free]).square().mean(-1).sqrt()
    values = torch.linalg.eigvals(jacobian(weights, point, network.activation))
    exponents = (1 + network.leak * values).abs().log().sort(dim=1, descending=True).values
    slow = (residual > plan.tolerance) | (moved > plan.separation) | (exponents[:, 0] >= 0)
    at = state.clone()
    at[:, free] = torch.where(slow[:, None], state[:, free], point)
    nothing = torch.zeros_like(moved)
    output = (rate(at, network.activation) * network.output_weights[:, 0]).sum(-1)
    return Attractors(
        number,
        starts,
        torch.where(slow, UNRESOLVED, FIXED_POINT),
        torch.where(slow, SLOW, 0),
        *(at, at, torch.zeros_like(at), nothing),
        *(exponents[:, :count], torch.zeros_like(exponents[:, :count])),
        *(torch.where(slow, torch.nan, 0.0), torch.full_like(moved, torch.nan), output, nothing),
    )


def moving(
    system: Systems, number: Tensor, starts: Tensor, state: Tensor, plan: Plan, steps: int, directions: Tensor
) -> Attractors:
    """Describe the attractors on which n states move, one of each of n systems, from a run of so many steps.

    The exponents leave out its first quarter, in which the tangent vectors turn into their directions. For the dimension,
    exponents that cannot be told from zero are zero: of a cycle it is 1, of a torus the number of its zero exponents.
    """
    network = system.network
    given = system.drive[:, None].expand(-1, steps, -1)
    orbit, rates = scans.scan(
        network.weights, given, state, network.clamped, network.leak, network.activation
    )
    free, skip = orbit[..., ~network.clamped], steps // 4
    found = spectrum(network, orbit, directions, skip=skip)
    speed = (free[:, skip + 1 :] - free[:, skip:-1]).norm(dim=-1)
    returns = recurrence(free)
    slower = falling(speed, plan.probability)
    classified = classify(found, returns, slower, plan.probability)
    output = rates[:, 1:] @ network.output_weights[:, :1].mT
    window = whole_periods(returns, steps)
    over_time, of_output = (over(window, part, returns.closed) for part in (orbit[:, 1:], output))
    return Attractors(
        number,
        starts,
        classified.kind,
        classified.reason,
        orbit[:, -1],
        *over_time,
        *(found.exponents, found.error),
        kaplan_yorke(found.exponents.masked_fill(classified.zero, 0)),
        torch.where(classified.kind == LIMIT_CYCLE, returns.period, torch.nan),
        *(of_output.mean[:, 0], of_output.std[:, 0]),
    )
