"""Meta-learn one rule: ascend by meta-gradients, score on held-out networks, stop where scores get no better.

Every step has new networks and new noise, the same for all rules that are learned. Held-out networks are the same at
every score. A rule with conditions meets new ones at every step, drawn from ``metalearn.distribution``; its held-out
networks have conditions of their own. Monomials are scaled, and theta starts, under the experiment's own settings.
"""

from functools import partial

from threefactor.experiment import build_problem, learning_runs
from threefactor.experiment.build_problem import Measured
from threefactor.experiment.learning_runs import Source
from threefactor.experiment.work import Loop, Results, Work
from threefactor.metalearning import search
from threefactor.metalearning.problem import Problem
from threefactor.metalearning.search import Search
from threefactor.stages.metalearn import search_tables


def compute(work: Work) -> Results:
    """Learn one rule.

    Outputs: ``theta`` (a row per term), ``hyperparameters`` (a row per hyperparameter that was learned with it),
    ``history`` (a row per step, what is before the step), ``held_out`` (a row per score on held-out networks),
    ``gradients`` (per step and network, with respect to the coordinates of theta), ``conditions`` (a row per drawn
    condition and key, none without a distribution).

    Raises
    ------
    SettingsError
        If a condition contradicts itself.
    """
    source = learning_runs.source(work.settings, work.wildcards["learned_rule"], work.device)
    learning_runs.expect_fit(source, work.settings.metalearn.held_out_networks)
    measured = build_problem.measure(source)
    problem, begun = pose(source, measured)
    found = work.run(
        Loop(
            state=begun,
            step=partial(step, source, problem),
            is_finished=partial(search.is_finished, problem),
            done=lambda state: sum(problem.schedule[: state.theta.step]),
            total=sum(problem.schedule),
            unit="trials of learning",
            metrics=partial(search.metrics, problem),
        )
    )
    best = search.best(problem, found)
    return Results(
        {
            "theta": search_tables.theta_table(source, problem, begun, best),
            "hyperparameters": search_tables.hyperparameters_table(source, problem, best),
            "history": search_tables.history_table(source, measured, found.history),
            "held_out": search_tables.held_out_table(source, found.history, best),
            "gradients": {name: getattr(found.history, name) for name in ("gradient", "objective", "finite")},
            "conditions": search_tables.conditions_table(source, found.history),
        }
    )


def pose(source: Source, measured: Measured) -> tuple[Problem, Search]:
    """Return what is learned, and the outer loop before its first step."""
    metalearn = source.settings.metalearn
    problem = build_problem.problem(source, measured.system)
    if metalearn.held_out_networks:
        size = metalearn.held_out_networks, metalearn.held_out_trials
        problem = problem._replace(
            draw_held_out=partial(learning_runs.draw_held_out, source, *size),
            held_out_every=metalearn.held_out_every,
            patience=metalearn.patience,
        )
    begun = search.start(problem, build_problem.start(source, measured))
    noise = build_problem.weight_noise(source, measured.system, begun.theta.coordinates)
    return problem._replace(weight_noise=noise), begun


def step(source: Source, problem: Problem, state: Search) -> Search:
    """Take one step; where no network has a finite gradient, say which settings help."""
    try:
        return search.step(problem, state)
    except FloatingPointError as error:
        raise FloatingPointError(
            f"metalearn {source.key}, {error}; "
            "smaller values of metalearn.norm, plasticity.learning_rate, plasticity.clip or metalearn.trials help"
        ) from None
