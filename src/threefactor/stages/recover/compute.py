"""Recover ground-truth rules from networks that learn by them: exactly, and under noise, with error bars."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from threefactor import seeding
from threefactor.analysis.recovery.coverage import coverage
from threefactor.analysis.recovery.recording import blocks
from threefactor.analysis.recovery.regression import CollinearError
from threefactor.analysis.recovery.repeats import repeat
from threefactor.analysis.recovery.simulated_recording import size
from threefactor.analysis.table import stacked
from threefactor.experiment.learned import Learned, rule_under, tables
from threefactor.experiment.work import Results, Work
from threefactor.stages.recover import ground_truth
from threefactor.stages.recover.ground_truth import CPU, GroundTruth
from threefactor.stages.recover.settings import RANDOM
from threefactor.stages.recover.tables import TABLES


def compute(work: Work) -> Results:
    """Recover each rule.

    Outputs: ``terms`` (a row per rule, kind of noise and term) and ``coverage`` (a row per rule and size of noise in the
    weight changes).  A rule whose terms are collinear in these trials has one row without numbers.
    """
    settings, learned = work.settings, tables(work)
    terms: list[pd.DataFrame] = []
    covered: list[dict[str, Any]] = []
    for rule in work.each([*settings.recover.rules, *learned], "rules"):
        name = f"{RANDOM}_{settings.recover.degree}" if rule == RANDOM else rule
        try:
            truth = _ground_truth(settings, rule, learned)
            terms += [part.assign(learning_rule=name) for part in _terms(truth, settings)]
            covered += [{"learning_rule": name, **row} for row in _coverage(truth, settings)]
        except CollinearError as problem:
            work.log.warning("%s is not recovered: %s", name, problem)
            terms.append(pd.DataFrame({"learning_rule": [name]}))
    found = stacked(terms, TABLES["terms"])
    counted = pd.DataFrame(covered, columns=TABLES["coverage"].names())
    return Results({"terms": found, "coverage": counted}, _metrics(found, counted))


def _ground_truth(settings: Any, rule: str, learned: Mapping[str, Learned]) -> GroundTruth:
    """Train networks by a rule of the settings, and record them."""
    if rule == RANDOM:
        return ground_truth.random(settings)
    found, under = rule_under(settings, rule, learned, CPU)
    return ground_truth.record(under, found)


def _terms(truth: GroundTruth, settings: Any) -> Iterator[pd.DataFrame]:
    """Yield the recovered terms without noise, with noise in weight changes, and with noise in rates."""
    for noise, _, fit in ground_truth.noisy_changes(truth, settings):
        yield ground_truth.rows(fit, noise, truth)
    for noise, fit in ground_truth.noisy_rates(truth, settings):
        yield ground_truth.rows(fit, noise, truth)


def _coverage(truth: GroundTruth, settings: Any) -> Iterator[dict[str, float]]:
    """Yield the coverage of the intervals over repeated draws of noise; the exact rule says which changes are clipped."""
    wanted, terms = settings.recover, truth.terms
    kept = blocks(truth.rule, truth.recording, terms, truth.exact.value)
    for share in filter(None, wanted.noise):
        source = seeding.generator(settings.seed, "recover", "repeats", str(share))
        found = repeat(kept, share * size(truth.recording), wanted.repeats, generator=source)
        yield {"noise": share, **coverage(found, truth.true, truth.exact.unit)}


def _metrics(terms: pd.DataFrame, covered: pd.DataFrame) -> dict[str, float]:
    """Return the errors without noise and the coverage of intervals, to be tracked."""
    exact = terms[terms.noise_in == ground_truth.NOTHING].groupby("learning_rule").relative_error.first()
    errors = {f"relative_error.{rule}": float(error) for rule, error in exact.items()}
    shares = {
        f"coverage.{row['learning_rule']}.{row['noise']:g}": float(row["coverage"])
        for row in covered.to_dict("records")
    }
    return errors | shares
