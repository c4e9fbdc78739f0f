"""The figures of the gradients, each with the finding that its numbers state (part of stage ``figures``)."""

import pandas as pd
from matplotlib.figure import Figure

from threefactor.analysis.gradients import accuracy as exact
from threefactor.analysis.gradients import (
    alignment,
    alignment_words,
    descent,
    estimator_words,
    estimators,
    omissions,
    span,
)
from threefactor.pipeline.job import Job
from threefactor.plotting.pages import accuracy as accuracy_page
from threefactor.plotting.pages import alignment as pages
from threefactor.plotting.pages import estimators as estimators_page
from threefactor.plotting.pages import omissions as omissions_page

Drawn = tuple[Figure, str]
"""A figure and its finding."""


def draw(job: Job) -> tuple[dict[str, Figure], dict[str, str]]:
    """Draw them; figures and findings by the figure's name."""
    drawers = {
        "tangent_accuracy": accuracy,
        "omissions": omitted,
        "estimators": estimated,
        "gradient_alignment": followed,
        "rule_alignments": compared,
        "descent": climbed,
    }
    drawn = {name: drawer(job) for name, drawer in drawers.items()}
    figures = {name: figure for name, (figure, _) in drawn.items()}
    return figures, {name: words for name, (_, words) in drawn.items()}


def accuracy(job: Job) -> Drawn:
    """Draw the tangents against other derivatives."""
    table, growth = (job.table(job.inputs[name][0]) for name in ("accuracy", "growth"))
    table = table.astype({"relative_error": float})  # a table without a row has columns of nothing
    page = accuracy_page.page(exact.summary(table, growth), job.config.figures.dpi)
    return page, exact.finding(table, growth)


def omitted(job: Job) -> Drawn:
    """Draw what the meta-gradient loses by what is left out of it."""
    table = job.table(job.inputs["omissions"][0])
    terms, windows = omissions.by_term(table), omissions.by_window(table)
    page = omissions_page.page(terms, windows, omissions.WORDS, job.config.figures.dpi)
    return page, omissions.finding(table, job.config.plasticity.warm_up_trials)


def estimated(job: Job) -> Drawn:
    """Draw the estimators of the meta-gradient against the truth."""
    table, errors = joined(job, "estimators"), joined(job, "estimator_errors")
    shares, biases, curves = estimators.shares(table), estimators.biases(table), estimators.curves(errors)
    page = estimators_page.page(shares, biases, curves, job.config.figures.dpi)
    return page, estimator_words.finding(table, errors)


def followed(job: Job) -> Drawn:
    """Draw how updates follow the gradient, and that beside speed."""
    table, criterion = aligned(job), job.table(job.inputs["criterion"][0])
    speed, types = alignment.against_speed(table, criterion), alignment.by_type(table)
    found = {column: alignment.correlation(speed, column) for column in ("raw", "corrected")}
    without = {column: alignment.correlation(speed, column, without=["bptt"]) for column in found}
    words = {column: alignment_words.correlates(fit, without[column]) for column, fit in found.items()}
    page = pages.gradient_alignment(
        alignment.along_training(table), types, speed, words, job.config.figures.dpi
    )
    return page, alignment_words.follows(alignment.per_rule(table), types, found, without)


def compared(job: Job) -> Drawn:
    """Draw rules against each other and against the best polynomial rule."""
    table, similarity, along = aligned(job), joined(job, "similarity"), job.config.align.subspace_along
    matrix = alignment.matrix(similarity, table)
    own = table.learning_rule == along
    place = along if own.any() else str(table.learning_rule.iloc[0])
    same = alignment.at_same_weights(table, place)
    best = span.ceiling(table[own], similarity[similarity.learning_rule == along])
    same = pd.concat([same, best]) if len(best) else same
    page = pages.rule_alignments(matrix, same, job.config.figures.dpi)
    return page, alignment_words.similar(matrix, same, place, list(job.config.metalearn.rules))


def climbed(job: Job) -> Drawn:
    """Draw what steps along expected updates change."""
    table, whole = joined(job, "descent"), alignment.own(aligned(job))
    trial = whole[whole.trial_type == alignment.ALL].groupby("learning_rule").update_norm.mean()
    lengths, reach = descent.by_length(table), descent.reach(table)
    page = pages.steps(lengths, reach, trial, job.config.figures.dpi)
    return page, alignment_words.descends(lengths, reach, trial)


def aligned(job: Job) -> pd.DataFrame:
    """Read the alignment of all rules and batches."""
    return joined(job, "alignment")


def joined(job: Job, name: str) -> pd.DataFrame:
    """Read the tables of an input, one below the other."""
    return pd.concat([job.table(path) for path in job.inputs[name]], ignore_index=True)
