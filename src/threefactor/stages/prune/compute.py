"""From dense to sparse: what each term of a learned rule is worth, and what is left as sparsity grows."""

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from threefactor import seeding
from threefactor.analysis.families import scores
from threefactor.analysis.solutions.bootstrap import resample_counts
from threefactor.experiment import build as assemble
from threefactor.metalearning import constraints
from threefactor.metalearning.ascent import average, start_ascent
from threefactor.metalearning.constraints import Constraint
from threefactor.metalearning.held_out import Score
from threefactor.pipeline.job import Job
from threefactor.pipeline.storage.outputs import Output
from threefactor.pipeline.storage.trees import flatten, restore
from threefactor.stages import outer
from threefactor.stages.outer import Problem


def compute(job: Job) -> dict[str, Output]:
    """Prune one learned rule.

    Outputs: ``path`` (a row per weight, the first of the rule as it was learned), ``worth`` (a row per term that is left
    out, the others as they are; the first of the whole rule).
    """
    key = job.wildcards["pruned_rule"]
    table, hyperparameters = (job.table(job.inputs[name][0]) for name in ("theta", "hyperparameters"))
    problem = _whole(outer.pose(job, key), key, hyperparameters)
    dense = torch.tensor(table.theta_scaled.to_numpy()).to(problem.scale)
    problem = outer.noisy(job, problem, dense)
    path = _path(job, problem, dense)
    without = torch.stack([dense, *(dense * (1 - row) for row in torch.eye(len(dense)).to(dense))])
    own, thetas = job.config.prune, torch.cat([without, path[1:]])
    together = outer.score(job, problem, thetas, own.networks, own.trials, purpose="prune held out")
    summed = _summary(job, together)
    worth, rest = summed.iloc[: len(without)], summed.iloc[[0, *range(len(without), len(summed))]]
    return {"path": _path_table(job, problem, path, rest), "worth": _worth_table(problem, dense, worth)}


def _whole(problem: Problem, key: str, hyperparameters: pd.DataFrame) -> Problem:
    """Return the rule in scaled monomials, with its settings and lifetimes as at the end of its learning."""
    own, config = (
        problem.config.metalearn,
        assemble.with_hyperparameters(problem.config, key, hyperparameters),
    )
    last = own.model_copy(update={"curriculum": own.curriculum[-1:]})
    alone = problem.wanted.model_copy(update={"learn": ()})
    return problem._replace(basis=None, wanted=alone, config=config.model_copy(update={"metalearn": last}))


def _path(job: Job, problem: Problem, dense: Tensor) -> Tensor:
    """Return scaled theta at each weight, the dense one first, each learned from the one before; w p.

    Theta is held at the norm that it was learned at, if at any. The path ends where a weight leaves no term.
    """
    own, found, number = job.config.prune, dense[None], 0
    norm = float(dense.norm()) if problem.norm else 0.0
    ascent, iterates = start_ascent(dense, norm), dense[:0].view(0, len(dense))
    if saved := job.resume():
        ascent = restore(ascent, saved, "ascent")
        found, iterates, number = saved["found"], saved["iterates"], int(saved["number"])
    lifetime = problem.lifetime(problem.steps)
    total = len(own.weights) * own.steps
    with job.progress(
        total * lifetime, "trials of learning", (number * own.steps + ascent.step) * lifetime
    ) as bar:
        while number < len(own.weights):
            held = Constraint(norm, own.weights[number])
            step = number * own.steps + ascent.step
            estimate = outer.gradient(job, problem, ascent.theta, step, bar, "prune")
            mean, rate = average(estimate).gradient, problem.learning_rate
            try:
                ascent = constraints.ascend_within(ascent, mean, rate, held)
            except FloatingPointError as end:
                job.log.warning("the path ends before weight %g: %s", held.sparsity, end)
                break
            iterates = torch.cat([iterates, ascent.theta[None]])
            if ascent.step == own.steps:
                found = torch.cat([found, constraints.average_iterates(iterates, held)[None]])
                ascent, iterates, number = start_ascent(found[-1], held.norm), iterates[:0], number + 1
            state = {"found": found, "iterates": iterates, "number": torch.tensor(number)}
            job.checkpoint(flatten(ascent, "ascent") | state)
    return found


def _summary(job: Job, found: Score) -> pd.DataFrame:
    """Sum up scores, with changes from the dense rule."""
    own = job.config.prune
    source = seeding.generator(job.config.seed, "prune", "bootstrap")
    counts = resample_counts(own.networks, own.bootstraps, generator=source)
    soft, error, trials, reached = (part.double().cpu().numpy() for part in found)
    return scores.summary(soft, error, trials, reached, counts)


def _path_table(job: Job, problem: Problem, path: Tensor, summed: pd.DataFrame) -> pd.DataFrame:
    """Return the path, a row per weight."""
    own = job.config.prune
    sides = outer.SIDES.get(problem.wanted.estimator, 1)
    each = sides * own.steps * problem.networks * problem.lifetime(problem.steps)
    count = len(path)
    weights = [0.0, *own.weights][:count]
    columns: dict[str, object] = {"weight": weights, "terms": (path != 0).sum(1).tolist()}
    columns["trials"] = [each * n for n in range(count)]
    table = pd.concat([pd.DataFrame(columns), summed.reset_index(drop=True)], axis=1)
    for (k, l), values in zip(problem.terms, path.double().cpu().numpy().T, strict=True):
        table[f"theta_scaled_{k}{l}"] = values
    return table


def _worth_table(problem: Problem, dense: Tensor, summed: pd.DataFrame) -> pd.DataFrame:
    """Return what leaving out each term changes, a row per term, that of the whole rule first."""
    names = ["nothing", *(f"{k}{l}" for k, l in problem.terms)]
    values = np.concatenate([[np.nan], dense.double().cpu().numpy()])
    table = pd.DataFrame({"without": names, "theta_scaled": values})
    return pd.concat([table, summed.reset_index(drop=True)], axis=1)
