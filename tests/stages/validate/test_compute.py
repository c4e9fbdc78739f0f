"""The validation of a small experiment, from settings to tables."""

import numpy as np
import pandas as pd
import pytest
import yaml

from threefactor.cli.main import main
from threefactor.stages.validate.tables import TABLES

TERMS = {
    "k": [1, 3, 3],
    "l": [1, 3, 5],
    "start": 0.0,
    "theta": [0.002, -0.8, -0.3],
    "scale": [0.03, 1.0, 9.0],
}
GAINS, NETWORKS, TRIALS, STEPS, OWN = (0.7, 1.6), 2, (1, 4, 6), (1e-2, 1e-5), 1.2
KEYS = ["learning_rule", "gain", "network"]

NOTHING = pd.DataFrame(columns=["name", "start", "value", "unit"])  # no hyperparameters

TINY = {
    "device": "cpu",
    "task": {"duration_ms": 200.0},
    "network": {"units": 12, "gain": OWN},
    "perturbation": {"rate_per_ms": 0.01},
    "metalearn": {"scaling_networks": 2, "rules": {"a": {"start": "random"}, "b": {"start": "random"}}},
    "retrain": {"rules": ["theta_33"]},
    "validate": {
        "degrees": [2, 1],
        "gains": list(GAINS),
        "networks": NETWORKS,
        "trials": [6, 1, 4],
        "coefficients": 3,
        "directions": 2,
        "step_sizes": list(STEPS),
        "autograd_trials": 2,
    },
    "tracking": {"uri": ""},
}


def run(root, **validate):
    path = root / "tiny.yaml"
    settings = {**TINY, "validate": {**TINY["validate"], **validate}, "results": f"{root}/results"}
    path.write_text(yaml.safe_dump(settings))
    for name in ("a", "b"):
        folder = root / "results/metalearn" / name
        folder.mkdir(parents=True, exist_ok=True)
        pd.DataFrame(TERMS).to_csv(folder / "theta.csv", index=False)
        NOTHING.to_csv(folder / "hyperparameters.csv", index=False)
    assert main(["validate", "--config", str(path)]) == 0
    return [root / "results/validate" / f"{name}.csv" for name in ("accuracy", "growth")]


@pytest.fixture(scope="module")
def validated(tmp_path_factory):
    paths = run(tmp_path_factory.mktemp("validate"))
    return *map(pd.read_csv, paths), [path.read_bytes() for path in paths]


def test_every_learning_run_and_comparison_has_its_rows(validated):
    table, grown, _ = validated
    assert list(table) == TABLES["accuracy"].names()
    assert list(grown) == TABLES["growth"].names()
    sampled = table[KEYS].drop_duplicates()
    random = {(f"random_{d}", g, n) for d in (1, 2) for g in GAINS for n in range(NETWORKS)}
    own = {(rule, OWN, n) for rule in ("theta_33", "a", "b") for n in range(NETWORKS)}
    assert set(sampled.itertuples(index=False, name=None)) == random | own
    assert dict(zip(table.learning_rule, table.degree, strict=True)) == {
        "random_1": 1, "random_2": 2, "theta_33": 3, "a": 5, "b": 5,
    }  # fmt: skip
    assert set(table[table.method == "difference"].step_size) == set(STEPS)
    assert table[table.method != "difference"].step_size.isna().all()
    step = table[(table.method == "complex_step") & (table.precision == "float64")]
    assert (step.groupby([*KEYS, "quantity"]).size() <= len(TRIALS)).all()
    assert set(table[table.method == "autograd"].trial) == {2}
    assert (table[table.method == "autograd"].network == 0).all()
    assert (grown.groupby(KEYS).size() == TRIALS[-1] + 1).all()


def test_the_reward_of_the_first_trial_has_no_error(validated):
    table, grown, _ = validated
    assert set(table[table.trial == 1].quantity) == {"weight_tangent"}
    first = grown[grown.trial == 1]
    assert (first.reward_tangent_norm == 0).all()
    assert (first.weight_tangent_norm > 0).mean() > 0.5


def test_tangents_are_exact_and_differences_are_not(validated):
    table, _, _ = validated
    double = table[(table.precision == "float64") & (table.method != "difference")]
    assert double.relative_error.max() < 1e-10
    single = table[table.precision == "float32"].relative_error
    coarse = table[table.step_size == STEPS[0]].relative_error
    assert 1e-9 < single.median() < 1e-2
    assert coarse.median() > 1e-10


def test_networks_of_all_gains_are_one_draw_and_do_not_depend_on_the_rule(validated):
    _, grown, _ = validated
    before = grown[grown.trial == 0].set_index(KEYS).lyapunov_exponent.sort_index()
    for gain in GAINS:
        np.testing.assert_array_equal(before["random_1", gain], before["random_2", gain])
    assert (before["random_1", 0.7] != before["random_1", 1.6]).all()
    assert before["random_1", 0.7].nunique() == NETWORKS
    known = grown[grown.lyapunov_exponent.notna()]
    assert set(known.trial) == {0, *TRIALS}


def test_a_second_run_writes_the_same_bytes(validated, tmp_path):
    assert [path.read_bytes() for path in run(tmp_path)] == validated[2]


def test_fewer_checks_are_allowed(tmp_path):
    table = pd.read_csv(run(tmp_path, degrees=[], step_sizes=[], trials=[1], networks=1)[0])
    assert set(table.learning_rule) == {"theta_33", "a", "b"}
    assert set(table.quantity) == {"weight_tangent"}
