"""Compare the tangents with reverse mode through learning, the complex step and differences.

Networks of all gains are one draw, scaled, and meet the same trials.
"""

import pandas as pd
import torch
from torch import Tensor

from threefactor import seeding
from threefactor.derivatives.methods import (
    by_autograd,
    by_complex_step,
    by_differences,
    by_reverse,
    by_tangents,
)
from threefactor.derivatives.relative_error import along_errors, backward_errors
from threefactor.derivatives.run_of_theta import Case, some
from threefactor.experiment.work import Results, Work
from threefactor.stages.validate.tangent_errors import growth, named, rows
from threefactor.stages.validate.validated_rules import Checked, case_of, own_rules, random_rules


def compute(work: Work) -> Results:
    """Compare for random rules, theta_33 and every learned rule.

    Outputs: ``accuracy``, a row per rule, network, precision of the tangents, method, trial and quantity; ``growth``, a
    row per rule, network and trial.
    """
    errors, sizes = [], []
    for checked in work.each([*random_rules(work), *own_rules(work)], "rules"):
        found, grown = _compare(work, checked)
        errors.append(found)
        sizes.append(grown)
    table = pd.concat(errors, ignore_index=True)
    metrics = {
        f"largest_error.{'.'.join(map(str, key))}": float(error.max())
        for key, error in table.groupby(["precision", "method", "quantity"]).relative_error
    }
    return Results({"accuracy": table, "growth": pd.concat(sizes, ignore_index=True)}, metrics)


def _compare(work: Work, checked: Checked) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the errors of one rule, and the growth of its derivatives."""
    chosen, case = work.settings.validate, case_of(work, checked)
    directions = _draw(work, checked.name, "directions", chosen.directions, len(case.scale))
    directions /= directions.norm(dim=1, keepdim=True)
    projection = _draw(work, checked.name, "projection", *case.network.weights.shape[1:])
    tangents = by_tangents(case, directions, projection, torch.float64)
    single = by_tangents(case, directions, projection, torch.float32)
    exact, backward, marks = by_complex_step(case, directions), by_reverse(case, projection), case.marks
    found = [
        *rows("float64", "complex_step", None, along_errors(tangents.along, exact, marks), marks),
        *rows("float32", "complex_step", None, along_errors(single.along, exact, marks), marks),
        *rows("float64", "reverse", None, backward_errors(tangents, backward, marks), marks),
    ]
    for step in chosen.step_sizes:
        error = along_errors(by_differences(case, directions, step), tangents.along, marks)
        found += rows("float64", "difference", step, error, marks)
    found += rows("float64", "autograd", None, *_by_autograd(work, case, projection))
    count = chosen.networks
    sizes = list(growth(work, case, tangents))
    return named("accuracy", checked, count, found), named("growth", checked, count, sizes)


def _draw(work: Work, *words: str | int) -> Tensor:
    """Draw N(0, 1) of a shape, the last two words."""
    *purpose, height, width = words
    source = seeding.generator(work.settings.seed, "validate", *purpose)
    return torch.randn(int(height), int(width), generator=source, dtype=torch.float64).to(work.device)


def _by_autograd(work: Work, case: Case, projection: Tensor) -> tuple[dict[str, Tensor], tuple[int, ...]]:
    """Return the errors against autograd through the first trials of the first network, and their last trial."""
    last = min(work.settings.validate.autograd_trials, case.marks[-1])
    short = some(case, slice(1))._replace(marks=(last,))
    directions = torch.zeros(1, len(case.scale), dtype=torch.float64, device=work.device)
    found = by_tangents(short, directions, projection, torch.float64)
    return backward_errors(found, by_autograd(short, projection), (last,)), (last,)
