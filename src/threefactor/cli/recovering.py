"""What ``recover`` computes for one rule: coefficients and constants, of a ground-truth rule or of a recording."""

import logging
from pathlib import Path

import pandas as pd

from threefactor import seeding
from threefactor.analysis.recovery import constants
from threefactor.analysis.recovery.coefficient_table import by_trials, table
from threefactor.analysis.recovery.constants import Profile
from threefactor.analysis.recovery.measured_twice import recover_twice
from threefactor.analysis.recovery.recording import Recording, Terms, blocks
from threefactor.analysis.recovery.regression import CollinearError, Fit, recover
from threefactor.cli import recording_file
from threefactor.cli.recording_file import Read
from threefactor.cli.recovered import Recovered
from threefactor.contract import Rule
from threefactor.experiment.settings.errors import SettingsError
from threefactor.experiment.view import View
from threefactor.pipeline.progress import Advance, progress
from threefactor.plotting import palette
from threefactor.plotting.recovery import Constant
from threefactor.stages.recover import ground_truth
from threefactor.stages.recover.ground_truth import GroundTruth

LOG = logging.getLogger("threefactor.recover")

UNIT = "steps of recovery"

TRIALS = (5, 10, 20, 40, 80, 160, 320)
"""Numbers of trials at which the error is shown, up to all of them."""


def steps(settings: View) -> int:
    """Count what is waited for with a ground-truth rule: learning, a fit for each noise, and each constant."""
    return 2 + len(settings.recover.noise) + 2 * len(settings.recover.rate_noise) + len(constants.BOUNDS)


def of_ground_truth(truth: GroundTruth, settings: View, bar: Advance) -> Recovered:
    """Recover a ground-truth rule, without noise and with it; its constants at the first noise."""
    rows, growth, seen = [], [], truth.recording
    for noise, recording, fit in ground_truth.noisy_changes(truth, settings):
        rows.append(ground_truth.rows(fit, noise, truth))
        kept = blocks(truth.rule, recording, truth.terms, fit.value)
        counts = [n for n in TRIALS if n < fit.trials] + [fit.trials]
        source = seeding.generator(settings.seed, "recover", "trials")
        table = by_trials(kept, truth.true, truth.exact.unit, counts, generator=source)
        growth.append(table.assign(data=noise.data))
        seen = recording if len(rows) <= 2 else seen
        bar.advance()
    for rate_noise, fit in ground_truth.noisy_rates(truth, settings):
        rows.append(ground_truth.rows(fit, rate_noise, truth))
        bar.advance()
    found = {}
    for name in constants.BOUNDS:
        found[name] = _constant(truth.rule, seen, truth.terms, name)
        bar.advance()
    return Recovered(pd.concat(rows, ignore_index=True), pd.concat(growth, ignore_index=True), found)


def _constant(rule: Rule, seen: Recording, terms: Terms, name: str) -> Constant:
    """Estimate one constant as if it were unknown."""
    start = constants.put(rule, name, sum(constants.BOUNDS[name]) / 2)
    found = constants.profile(constants.search(start, seen, terms, [name]), seen, terms, name)
    curve = found.curve.assign(best=found.best)
    return Constant(curve, found.low, found.high, constants.get(rule, name))


def of_recording(path: Path, settings: View) -> Recovered:
    """Recover the rule of a user's file."""
    terms = ground_truth.fitted_terms(settings)
    read = recording_file.read(path, len(terms))
    try:
        with progress(2 + len(read.unknown), UNIT, 0, LOG) as bar:
            profiles, fit = _fitted(read, terms, bar)
    except CollinearError as problem:
        raise SettingsError(f"--data {path}: {_collinear(problem, terms)}") from None
    label = "θ" if read.is_scaled else "η θ (no learning_rate in the file)"
    rows = table(fit, terms).assign(data=label, true=float("nan"), unit=fit.unit.numpy())
    found = {name: Constant(p.curve.assign(best=p.best), p.low, p.high, None) for name, p in profiles.items()}
    return Recovered(rows.assign(**ground_truth.whole(fit)), pd.DataFrame(), found)


def _fitted(read: Read, terms: Terms, bar: Advance) -> tuple[dict[str, Profile], Fit]:
    """Return the profiles of the constants that were unknown, and the fit of the coefficients."""
    rule = constants.search(read.rule, read.recording, terms, read.unknown) if read.unknown else read.rule
    bar.advance()
    profiles = {}
    for name in read.unknown:
        profiles[name] = constants.profile(rule, read.recording, terms, name)
        bar.advance()
    again = read.again
    fit = (
        recover(rule, read.recording, terms)
        if again is None
        else recover_twice(rule, read.recording, again, terms)
    )
    bar.advance()
    return profiles, fit


def _collinear(problem: CollinearError, terms: Terms) -> str:
    """Say which terms are collinear, and what to do."""
    names = [palette.term(f"{k}{l}") for k, l in (terms[place] for place in problem.places)]
    return (
        f"{', '.join(names) or 'all terms'} are collinear in this recording: must differ between synapses and trials; "
        "record more of them, or lower --degree"
    )
