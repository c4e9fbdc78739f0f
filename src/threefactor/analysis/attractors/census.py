"""A census of attractors: what each of many starts ends on, under every constant input.

1. All starts run until they rest, or for a burn-in (`settle`).
2. Starts that end at the same place, or move alike, are one group (`groups`); one of each group goes on.
3. One that rests goes to the fixed point by Newton's method (`resting`).
4. One that moves is followed: the Lyapunov exponents and the returns of its orbit give the class (`moving`). Where they
   do not, or say torus, it runs on, twice as long each time.
5. Groups that turn out to be one attractor are joined.

Chaos that dies out later than the burn-in counts as chaos.

A network of 128 units takes 0.35 s of CPU: three inputs, 16 starts, burn-in of 4,000 steps, first runs of 2,000 steps,
four rounds, double precision (``python -m benchmarks measures``); less where nothing moves, more in chaos. Flows below
1e-6 need double precision.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from threefactor.analysis.attractors.attractor import Attractors, Plan, moving, resting
from threefactor.analysis.attractors.classes import TORUS, UNRESOLVED
from threefactor.analysis.attractors.grouping import groups
from threefactor.analysis.attractors.long_run import (
    Moments,
    Systems,
    moments,
    on_all_units,
    settle,
    systems,
)
from threefactor.contract import Network
from threefactor.training.batch import select

MEMORY = 2**24
"""Numbers of the orbits, or Jacobians, that are held at once; several arrays are of this size."""


def census(network: Network, starts: Tensor, plan: Plan, directions: Tensor) -> Attractors:
    """Find the attractors of b networks under each of c constant inputs.

    Parameters
    ----------
    network : Network
        b networks.
    starts : Tensor
        Starts on the free units, (b, s, f), the same under every input (`input_conditions.draw_starts`).
    plan : Plan
        How long, and how exactly.
    directions : Tensor
        First tangent vectors of all orbits, one for each exponent, (k, i); normal numbers.

    Returns
    -------
    Attractors
        Of the b c systems, numbered network by network; those of a system by the number of their starts.
    """
    system = systems(network)
    count = len(system.drive) // len(starts)
    start = on_all_units(network, starts).repeat_interleave(count, 0)
    state, speed = settle(system, start, steps=plan.burn_in, stretch=plan.stretch, tolerance=plan.tolerance)
    moves = speed > plan.tolerance
    state, found = _moments(system, state, moves, plan.steps)
    number, place, hits = _first_of_each(groups(found, moves.long(), separation=plan.separation))
    chosen, moved = state[number, place], moves[number, place]
    parts = _rested(system, number[~moved], hits[~moved], chosen[~moved], plan, len(directions))
    parts += _followed(system, number[moved], hits[moved], chosen[moved], plan, directions)
    return _joined(parts, len(system.drive), plan)


def _moments(system: Systems, state: Tensor, moves: Tensor, steps: int) -> tuple[Tensor, Moments]:
    """Measure the systems in which a start moves, and return the last states; a start at rest is where it is, exactly."""
    nothing = torch.zeros_like(state)
    last, found = state.clone(), Moments(state.clone(), nothing.clone(), nothing[..., 0].clone())
    some = moves.any(1).nonzero()[:, 0]
    if len(some):
        after, measured = moments(system.at(some), state[some], steps=steps)
        where = moves.nonzero(as_tuple=True)
        inside = moves[some].nonzero(as_tuple=True)
        for whole, part in zip((last, *found), (after, *measured), strict=True):
            whole[where] = part[inside]
    return last, found


def _first_of_each(label: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Give system, place and number of starts of the first start of each group, from the labels (p, s)."""
    count = label.shape[1]
    row = torch.arange(len(label), device=label.device)[:, None]
    key, hits = (row * count + label).unique(return_counts=True)
    return key // count, key % count, hits


def _rested(
    system: Systems, number: Tensor, hits: Tensor, state: Tensor, plan: Plan, count: int
) -> list[Attractors]:
    """Describe the states at rest, some at a time."""
    size = max(1, MEMORY // state.shape[1] ** 2)
    parts = zip(number.split(size), hits.split(size), state.split(size), strict=True)
    return [resting(system.at(n), n, h, x, plan, count) for n, h, x in parts if len(n)]


def _followed(
    system: Systems, number: Tensor, hits: Tensor, state: Tensor, plan: Plan, directions: Tensor
) -> list[Attractors]:
    """Describe the attractors of moving states; those without a class, and tori, run on, twice as long each time.

    A torus is no more than two exponents that cannot be told from zero. The second one of a cycle that is approached
    slowly cannot either, until the run is long.
    """
    parts = []
    for again in range(plan.rounds):
        steps = plan.steps * 2**again
        if again and len(number):
            alone, speed = settle(
                system.at(number), state[:, None], steps=steps, stretch=plan.stretch, tolerance=plan.tolerance
            )
            rests = speed[:, 0] <= plan.tolerance
            parts += _rested(system, number[rests], hits[rests], alone[rests, 0], plan, len(directions))
            number, hits, state = number[~rests], hits[~rests], alone[~rests, 0]
        size = max(1, MEMORY // (steps * state.shape[1]))
        chunks = zip(number.split(size), hits.split(size), state.split(size), strict=True)
        found = [moving(system.at(n), n, h, x, plan, steps, directions) for n, h, x in chunks if len(n)]
        if not found:
            break
        whole = _together(found)
        unclear = (whole.kind == UNRESOLVED) | (whole.kind == TORUS)
        unclear &= again < plan.rounds - 1
        parts.append(select(whole, ~unclear))
        number, hits, state = whole.system[unclear], whole.starts[unclear], whole.state[unclear]
    return parts


def _together(parts: Sequence[Attractors]) -> Attractors:
    return Attractors(*(torch.cat(part) for part in zip(*parts, strict=True)))


def _joined(parts: Sequence[Attractors], count: int, plan: Plan) -> Attractors:
    """Join what are groups of one attractor, and order the attractors of each of so many systems."""
    whole = _ordered(_together(parts))
    of_system = torch.bincount(whole.system, minlength=count)
    place = (
        torch.arange(len(whole.system), device=of_system.device)
        - (of_system.cumsum(0) - of_system)[whole.system]
    )
    slots = count, int(of_system.max())

    def spread(values: Tensor, empty: int = 0) -> Tensor:
        blank = values.new_full((*slots, *values.shape[1:]), empty)
        return blank.index_put((whole.system, place), values)

    found = Moments(*(spread(part) for part in whole.moments()))
    leader = groups(found, spread(whole.kind, -1), separation=plan.separation)
    first = leader[whole.system, place]
    starts = torch.zeros_like(spread(whole.starts)).index_put(
        (whole.system, first), whole.starts, accumulate=True
    )
    return _ordered(select(whole._replace(starts=starts[whole.system, place]), first == place))


def _ordered(whole: Attractors) -> Attractors:
    """Order by system, then by falling number of starts."""
    by_starts = whole.starts.argsort(descending=True, stable=True)
    return select(whole, by_starts[whole.system[by_starts].argsort(stable=True)])
