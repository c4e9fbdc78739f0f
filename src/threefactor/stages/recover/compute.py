"""Hide known rules in networks that learn by them, and find them again: exactly, and under noise, with error bars."""

from collections.abc import Iterator, Mapping

import pandas as pd

from threefactor import seeding
from threefactor.analysis.recovery import table
from threefactor.analysis.recovery.coverage import COLUMNS, coverage
from threefactor.analysis.recovery.observer import size
from threefactor.analysis.recovery.recording import blocks
from threefactor.analysis.recovery.regression import CollinearError
from threefactor.analysis.recovery.repeats import repeat
from threefactor.analysis.recovery.words import EXACT
from threefactor.config.recover import RANDOM
from threefactor.experiment.learned import Learned, living, tables
from threefactor.pipeline.job import Job
from threefactor.pipeline.settings.model import Config
from threefactor.pipeline.storage.outputs import Output
from threefactor.stages import hidden
from threefactor.stages.hidden import CPU, Hidden

TERMS = ["learning_rule", "data", *table.COLUMNS, *hidden.COLUMNS]
COVERAGE = ["learning_rule", "noise", *COLUMNS]


def compute(job: Job) -> dict[str, Output]:
    """Recover each rule.

    Outputs: ``terms`` (a row per rule, data and term), ``coverage`` (a row per rule and size of noise in the changes).
    """
    config, learned, terms, covered = hidden.observable(job.config), tables(job), [], []
    rules = [*config.recover.rules, *learned]
    with job.progress(len(rules), "rules") as bar:
        for rule in rules:
            name = f"{RANDOM}_{config.recover.degree}" if rule == RANDOM else rule
            try:
                one = _hide(config, rule, learned)
                terms += [part.assign(learning_rule=name) for part in _terms(one, config)]
                covered += [{"learning_rule": name, **row} for row in _coverage(one, config)]
            except CollinearError as problem:
                job.log.warning("%s is not recovered: %s", name, problem)
                terms.append(pd.DataFrame({"learning_rule": [name]}))
            bar.advance()
    found = pd.concat(terms or [pd.DataFrame()], ignore_index=True).reindex(columns=TERMS)
    counted = pd.DataFrame(covered, columns=COVERAGE)
    _record(job, found, counted)
    return {"terms": found, "coverage": counted}


def _hide(config: Config, rule: str, learned: Mapping[str, Learned]) -> Hidden:
    """Let networks learn by a rule of the settings."""
    if rule == RANDOM:
        return hidden.random(config)
    lives = living(config, rule, learned, CPU)
    return hidden.hide(lives.config, lives.rule)


def _terms(one: Hidden, config: Config) -> Iterator[pd.DataFrame]:
    """Yield the recovered terms without noise, with noise in changes, and with noise in rates."""
    for label, _, fit in hidden.noisy(one, config):
        yield hidden.rows(fit, label, one)
    for label, fit in hidden.measured(one, config):
        yield hidden.rows(fit, label, one)


def _coverage(one: Hidden, config: Config) -> Iterator[dict[str, float]]:
    """Yield what repeated draws of noise tell of the intervals, the clip holding those that the exact rule says."""
    own, terms = config.recover, one.terms
    kept = blocks(one.rule, one.recording, terms, one.exact.value)
    for share in filter(None, own.noise):
        source = seeding.generator(config.seed, "recover", "repeats", str(share))
        found = repeat(kept, share * size(one.recording), own.repeats, generator=source)
        yield {"noise": share, **coverage(found, one.true, one.exact.unit)}


def _record(job: Job, terms: pd.DataFrame, covered: pd.DataFrame) -> None:
    """Record errors, and the share of intervals that hold the truth."""
    exact = terms[terms.data == EXACT].groupby("learning_rule").relative_error.first()
    job.metrics({f"relative_error.{rule}": float(error) for rule, error in exact.items()}, 0)
    for row in covered.to_dict("records"):
        job.metrics({f"coverage.{row['learning_rule']}.{row['noise']:g}": float(row["coverage"])}, 0)
