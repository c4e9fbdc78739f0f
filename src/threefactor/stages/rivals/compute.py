"""Tune hand-made rules of one deviation: every monomial, the least-squares fit of the perturbation, sums of two.

Each gets at least as many simulated trials as learning the rule had that it is held against, spent on draws of its
constants (`threefactor.metalearning.rivals`). The learned rule's own constants are tuned alike, with what its rivals have
and learning did not use. A draw is judged by what meta-learning looks at: the smoothed error rate of networks that learn
by it. All draws meet the same networks and noise. Sums are of the best monomials.
"""

from typing import Any, NamedTuple

import pandas as pd
import torch
from torch import Tensor

from threefactor import seeding
from threefactor.analysis.table import stacked
from threefactor.experiment.work import Loop, Results, Work
from threefactor.metalearning import rivals
from threefactor.metalearning.draws import near
from threefactor.metalearning.rivals import Rival
from threefactor.stages.rivals.search import PURPOSE, Search
from threefactor.stages.rivals.tables import TABLES


class Tuned(NamedTuple):
    """The draws so far, of monomials (and the least-squares fit) and of sums; rival r, draw d."""

    done: int
    points: Tensor  # r d n
    objective: Tensor  # r d, NaN of draws to come
    sum_points: Tensor
    sum_objective: Tensor


def compute(work: Work) -> Results:
    """Tune them.  Outputs: ``rivals`` (a row per rule, the best first), ``constants`` and ``theta`` of each."""
    search = Search(work)
    singles, size = len(search.single), rivals.OF_RULE + len(search.bounds)
    sums = search.sums * (search.sums - 1) // 2
    nothing = {
        rows: torch.full((rows, search.draws, size), torch.nan, dtype=torch.float64)
        for rows in (singles, sums)
    }
    begun = Tuned(0, nothing[singles], nothing[singles][..., 0], nothing[sums], nothing[sums][..., 0])
    loop = Loop(
        state=begun,
        step=lambda state: _tried(work, search, state),
        is_finished=lambda state: state.done == search.draws * (2 if sums else 1),
        done=lambda state: state.done,
        total=search.draws * (2 if sums else 1),
        unit="draws of every rule",
        metrics=lambda state: {},
    )
    found = work.run(loop)
    both = [*search.single, *rivals.sums(search.best_singles(found.objective))]
    points = torch.cat([found.points, found.sum_points])
    objective = torch.cat([found.objective, found.sum_objective])
    return Results(_tables(search, both, points, objective))


def _tried(work: Work, search: Search, state: Tuned) -> Tuned:
    """Try one draw of all monomials, or of all sums."""
    is_sums, draw = divmod(state.done, search.draws)
    if not is_sums:
        points, objective = _draw(work, search, search.single, state.points, state.objective, draw)
        return state._replace(done=state.done + 1, points=points, objective=objective)
    several = rivals.sums(search.best_singles(state.objective))
    points, objective = _draw(work, search, several, state.sum_points, state.sum_objective, draw)
    return state._replace(done=state.done + 1, sum_points=points, sum_objective=objective)


def _draw(
    work: Work, search: Search, several: list[Rival], points: Tensor, objective: Tensor, draw: int
) -> tuple[Tensor, Tensor]:
    """Fill in the points and objectives of one draw of rivals."""
    points, objective = points.clone(), objective.clone()
    is_sum = several[0].second is not None
    source = seeding.generator(
        work.settings.seed, PURPOSE, search.family, "sums" if is_sum else "single", draw
    )
    for place, one in enumerate(several):
        if draw < len(rivals.STRENGTHS):
            points[place, draw] = rivals.usual_point(search.bounds, rivals.STRENGTHS[draw], is_sum=is_sum)
        else:
            best = points[place, int(objective[place, :draw].argmin())]
            points[place, draw] = near(best, generator=source)
        objective[place, draw] = search.objective(one, points[place, draw])
    return points, objective


def _tables(search: Search, several: list[Rival], points: Tensor, objective: Tensor) -> dict[str, Any]:
    """Return the tables, the best rule first."""
    best = objective.argmin(1)
    order = objective.gather(1, best[:, None])[:, 0].argsort(stable=True).tolist()
    rows, thetas, constants = [], [], []
    for place, r in enumerate(order, start=1):
        point, value = points[r, best[r]], objective[r]
        rows.append(
            {
                "place": place,
                "rival": several[r].name,
                "objective": value[best[r]].item(),
                "usual_objective": value[0].item(),
                "draws": search.draws,
                "trials": search.draws * search.per_draw,
                "budget": search.budget,
            }
        )
        found = search.theta(several[r], point).tolist()
        thetas += [
            {"place": place, "k": k, "l": l, "theta": value}
            for (k, l), value in zip(search.terms, found, strict=True)
            if value
        ]
        constants += [
            {"place": place, "name": name, "usual": usual, "value": value}
            for name, (usual, value) in search.constants(point).items()
        ]
    made = {"rivals": rows, "theta": thetas, "constants": constants}
    tables = {name: stacked([pd.DataFrame(part)], TABLES[name]) for name, part in made.items()}
    return tables | {"theta": tables["theta"].assign(**search.own)}
