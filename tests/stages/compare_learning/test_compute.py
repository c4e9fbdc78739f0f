"""The comparison of how networks learn: every output is that of the tables of all rules and batches."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from made import crossed
from threefactor import seeding
from threefactor.analysis.learning.endings import along_table, endings_table
from threefactor.analysis.learning.generalisation import generalisation_table
from threefactor.analysis.learning.levels import level_survival_table, levels_by_gain, levels_table
from threefactor.analysis.solutions import learning_speed
from threefactor.analysis.solutions.bootstrap import resample_counts
from threefactor.pipeline import files, job, patterns, registry
from threefactor.pipeline.settings import load
from threefactor.pipeline.storage import outputs
from threefactor.stages.compare_learning.compute import compute
from threefactor.stages.compare_learning.tables import TABLES
from threefactor.stages.generalise.tables import TABLES as GENERALISED
from threefactor.stages.retrain.tables import TABLES as RETRAINED

RULES, BATCHES, LEVELS = ["theta_33", "bptt"], 2, [0.7, 0.5]
HORIZONS = {"theta_33": 90, "bptt": 30}
SETTINGS = {
    "device": "cpu",
    "criterion": {"window": 20, "horizon": 70},
    "retrain": {
        "rules": RULES, "networks": 3, "batches": BATCHES, "levels": LEVELS, "horizon": 90,
        "horizons": {"bptt": 30},
    },
    "compare_learning": {"bootstraps": 50},
    "tracking": {"uri": ""},
}  # fmt: skip


def tables(rule, batch):
    """Return what stages retrain and generalise write of a batch, each number drawn, trials up to the rule's horizon."""
    ids, horizon, seed = [3 * batch + n for n in range(3)], HORIZONS[rule], batch + len(rule)
    source = np.random.default_rng(seed)
    is_yes, trials = source.random(3) < 0.7, source.integers(1, horizon, 3)
    networks = crossed(
        RETRAINED["networks"], seed=seed, network=ids, trials=horizon, diverged=False, gain=1.5 - batch,
        reached=lambda _: is_yes, trials_to_criterion=lambda _: np.where(is_yes, trials, 70),
    )  # fmt: skip
    levels = crossed(
        RETRAINED["levels"], seed=seed, network=ids, level=LEVELS,
        crossed=lambda table: np.repeat(is_yes, 2) & (table.level == 0.7),
        trials=lambda table: np.where(table.crossed, np.repeat(trials, 2), horizon),
        error=lambda table: np.where(table.crossed, 0.6, np.nan),
    )  # fmt: skip
    evaluations = crossed(RETRAINED["evaluations"], seed=seed, network=ids, trial=[0, 10, horizon])
    generalised = crossed(
        GENERALISED["networks"], seed=seed, network=ids, level=LEVELS, next_crossed=1, naive_crossed=0,
        next_trials=lambda _: np.repeat(trials, 2), naive_trials=lambda _: np.repeat(trials, 2) + 5,
    )  # fmt: skip
    return {"networks": networks, "levels": levels, "evaluations": evaluations, "generalised": generalised}


@pytest.fixture(scope="module")
def compared(tmp_path_factory):
    """Return what the stage read, joined, and what it wrote."""
    config = load.parse({**SETTINGS, "results": str(tmp_path_factory.mktemp("learning"))})
    spec = registry.stages()["compare_learning"]
    of_job = files.of_job(config, spec, {})
    read, written = {}, {}
    for name, paths in of_job.inputs.items():
        for path in paths:
            values = patterns.match(spec.inputs[name].pattern, path)
            table = tables(values["learning_rule"], int(values["batch"]))[name]
            written[Path(path)] = table
            read.setdefault(name, []).append(table.assign(learning_rule=values["learning_rule"]))
    outputs.save(written)
    job.run(compute, config, spec, {}, of_job)
    found = {
        name: outputs.read_table(Path(path)) if name in TABLES else Path(path).read_text()
        for name, path in of_job.outputs.items()
    }
    return {name: pd.concat(parts, ignore_index=True) for name, parts in read.items()}, found


def test_every_output_is_declared_and_has_its_columns(compared):
    _, found = compared
    assert set(found) == {*TABLES, "table"} == set(registry.stages()["compare_learning"].outputs)
    for name, declared in TABLES.items():
        assert list(found[name]) == declared.names(), name
        assert len(found[name]), name


def test_every_output_is_that_of_all_rules_and_batches(compared):
    read, found = compared
    networks, levels, evaluations = (read[name] for name in ("networks", "levels", "evaluations"))
    counts = resample_counts(6, 50, generator=seeding.generator(1, "compare_learning", "bootstrap"))
    wanted = {
        "criterion": learning_speed.criterion_table(networks, 70, counts),
        "survival": learning_speed.survival_table(networks),
        "levels": levels_table(levels, networks, 90, counts),
        "levels_by_gain": levels_by_gain(levels, networks, 90, counts),
        "level_survival": level_survival_table(levels),
        "along": along_table(evaluations),
        "endings": endings_table(evaluations, networks),
        "generalisation": generalisation_table(read["generalised"], counts),
    }
    for name, table in wanted.items():
        pd.testing.assert_frame_equal(found[name], table, check_dtype=False, check_exact=False, rtol=1e-12)
    assert found["levels"].networks.tolist() == [6] * 4
    assert found["levels"].horizon.tolist() == [90] * 4
    assert found["criterion"].horizon.tolist() == [70] * 2
    assert found["endings"].trials.tolist() == [90, 30]
    assert found["generalisation"].level.tolist() == LEVELS * 2
    assert sorted(set(found["levels_by_gain"].gain)) == [0.5, 1.5]


def test_the_table_for_readers_has_a_row_per_rule(compared):
    _, found = compared
    for words in ("θ₃₃", "BPTT", "gradient", "trials to 0.7", "trials to 0.5"):
        assert words in found["table"]
    row = found["levels"].query("learning_rule == 'theta_33' and level == 0.7").iloc[0]
    assert f"{row.restricted_mean:.0f} [{row.restricted_mean_low:.0f}, " in found["table"]
    assert found["table"].count("<tr") == 3
