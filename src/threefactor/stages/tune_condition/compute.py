"""Search the constants of one learning rule for one condition, each draw judged on the same networks and trials.

The first draws have the usual constants at several learning rates; all others are normal around the best so far, in the
logarithm.  The objective is what rules are judged by afterwards, on other networks: the restricted mean of trials to the
criterion at the condition's horizon.  The smoothed error rate decides between equal ones.
"""

from typing import NamedTuple

import pandas as pd
import torch
from torch import Tensor

from threefactor.experiment.work import Loop, Results, Work
from threefactor.stages.tune_condition.search import Draw, Search


class Searched(NamedTuple):
    """The draws so far; those to come are NaN."""

    done: int
    points: Tensor  # d n, of the unit cube
    found: Tensor  # d c, columns as in `Draw`


def compute(work: Work) -> Results:
    """Try every draw.  Outputs: ``draws`` (a row per draw and constant), ``constants`` (a row per constant)."""
    search = Search(work)
    nothing = [
        torch.full((search.draws, size), torch.nan, dtype=torch.float64)
        for size in (len(search.usual), len(Draw._fields))
    ]
    loop = Loop(
        state=Searched(0, *nothing),
        step=lambda state: _tried(search, state),
        is_finished=lambda state: state.done == search.draws,
        done=lambda state: state.done,
        total=search.draws,
        unit="draws",
        metrics=lambda state: {"objective": state.found[state.done - 1, 0].item()},
    )
    state = work.run(loop)
    return Results({"draws": _draws_table(search, state), "constants": _constants_table(search, state)})


def _tried(search: Search, state: Searched) -> Searched:
    """Let the networks learn with one more draw."""
    at, points, found = state.done, state.points.clone(), state.found.clone()
    points[at] = search.point(at, points[_best(state)])
    found[at] = torch.tensor(search.judge(points[at]), dtype=torch.float64)
    return Searched(at + 1, points, found)


def _best(state: Searched) -> int:
    """Return the number of the best draw so far, the first of equal ones; 0 before any."""
    ranks = state.found[: state.done, :2].tolist()
    return ranks.index(min(ranks)) if ranks else 0


def _draws_table(search: Search, state: Searched) -> pd.DataFrame:
    """Return a row per draw and constant."""
    rows = []
    for draw, (point, found) in enumerate(zip(state.points, state.found.tolist(), strict=True)):
        columns = dict(zip(Draw._fields, found, strict=True))
        for key, value in search.constants(point).items():
            rows.append({"draw": draw, "name": key, "value": value, **columns})
    return pd.DataFrame(rows)


def _constants_table(search: Search, state: Searched) -> pd.DataFrame:
    """Return a row per constant, with its value in the best draw."""
    best = _best(state)
    values = search.constants(state.points[best])
    table = pd.DataFrame({"name": values.keys(), "usual": search.usual.values(), "value": values.values()})
    chosen = Draw._make(state.found[best].tolist())
    return table.assign(
        usual_objective=state.found[0, 0].item(),
        objective=chosen.objective,
        reached=chosen.reached,
        draws=search.draws,
        networks=search.networks,
        trials=state.found[:, Draw._fields.index("trials")].sum().item(),
    )
