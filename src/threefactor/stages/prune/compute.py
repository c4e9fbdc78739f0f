"""From dense to sparse: the contribution of each term of a learned rule, and what is left as sparsity grows."""

from functools import partial

import torch
from torch import Tensor

from threefactor import seeding
from threefactor.analysis.solutions.bootstrap import resample_counts
from threefactor.experiment import build_problem, build_rule, learning_runs
from threefactor.experiment.learning_runs import Source
from threefactor.experiment.work import Loop, Results, Work
from threefactor.metalearning import sparsity_path
from threefactor.metalearning.constraints import Constraint
from threefactor.metalearning.problem import Problem, score
from threefactor.stages.prune import path_tables


def compute(work: Work) -> Results:
    """Prune one learned rule.

    Outputs: ``path`` (a row per weight of sparsity, the first of the rule as it was learned), ``contributions`` (a row
    per term that is left out, the others as they are; the first of the whole rule).
    """
    source, problem, dense = pose(work)
    path = follow(work, problem, dense)
    left_out = torch.stack([dense, *(dense * (1 - row) for row in torch.eye(len(dense)).to(dense))])
    scores = score(problem, torch.cat([left_out, path[1:]]), dense.new_zeros(0))
    prune = work.settings.prune
    generator = seeding.generator(work.settings.seed, "prune", "bootstrap")
    counts = resample_counts(prune.networks, prune.bootstraps, generator=generator)
    summed = path_tables.summary(scores, counts)
    of_path = summed.iloc[[0, *range(len(left_out), len(summed))]]
    steps = problem.schedule[: prune.steps]
    return Results(
        {
            "path": path_tables.path_table(
                problem, path, prune.weights, source.learning_runs * sum(steps), of_path
            ),
            "contributions": path_tables.contributions_table(problem, dense, summed.iloc[: len(left_out)]),
        }
    )


def pose(work: Work) -> tuple[Source, Problem, Tensor]:
    """Return where learning runs come from, what is learned along the path, and scaled theta at its start (p).

    Theta is learned in scaled monomials, under hyperparameters and with as many trials as at the end of its learning,
    and held at the norm that it was learned at, if at any.
    """
    settings, key, prune = work.settings, work.wildcards["learned_rule"], work.settings.prune
    metalearn, rule = settings.metalearn, settings.metalearn.rules[key]
    trials = round(metalearn.curriculum[-1] * (rule.trials or metalearn.trials))
    schedule = (trials,) * (len(prune.weights) * prune.steps)
    source = Source(settings, key, work.device, schedule, (), purpose="prune")
    system = build_problem.measure(source).system._replace(basis=None)
    under = build_rule.with_hyperparameters(settings, key, work.table("hyperparameters"))
    source = source._replace(settings=under)
    dense = torch.tensor(work.table("theta").theta_scaled.to_numpy()).to(system.scale)
    problem = build_problem.problem(source, system)
    norm = float(dense.norm()) if problem.constraint.norm else 0.0
    problem = problem._replace(
        constraint=Constraint(norm),
        weight_noise=build_problem.weight_noise(source, system, dense),
        draw_held_out=partial(learning_runs.draw_held_out, source, prune.networks, prune.trials),
    )
    return source, problem, dense


def follow(work: Work, problem: Problem, dense: Tensor) -> Tensor:
    """Return scaled theta at each weight of sparsity, the dense one first; w p.

    The path ends where a weight leaves no term.
    """
    weights = work.settings.prune.weights
    path = work.run(
        Loop(
            state=sparsity_path.start(problem, dense),
            step=partial(sparsity_path.step, problem, weights),
            is_finished=partial(sparsity_path.is_finished, weights),
            done=lambda state: sum(problem.schedule[: sparsity_path.steps_done(problem, weights, state)]),
            total=sum(problem.schedule),
            unit="trials of learning",
        )
    )
    if path.ended:
        work.log.warning("the path ends before weight %g, which leaves no term", weights[len(path.found) - 1])
    return path.found
