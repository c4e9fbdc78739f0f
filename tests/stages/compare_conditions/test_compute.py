"""Stage compare_conditions: every network of stage transfer is gathered."""

import pytest

from analysis.transfer.trained import RATIOS, SCALES, networks
from threefactor.cli.main import main
from threefactor.pipeline.storage import outputs
from threefactor.stages.compare_conditions.tables import TABLES

SETTINGS = """
metalearn: {rules: {mine: {start: random}}}
transfer:
  conditions: {tuned: {}, old: {plasticity.learning_rate: 0.01}}
  rules: [theta_33, mine, node_perturbation]
  batches: 2
compare_conditions:
  tuned: tuned
  untuned: old
  published: {old: {median: 80.0, quartiles: [50.0, 90.0], runs: 4}}
  bootstraps: 20
retrain: {rules: [theta_33]}
tracking: {uri: ""}
"""


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Run the stage on two batches a rule and condition."""
    folder = tmp_path_factory.mktemp("compare")
    (folder / "tiny.yaml").write_text(f"{SETTINGS}\nresults: {folder}/results\n")
    for (condition, rule), part in networks().groupby(["condition", "learning_rule"]):
        for batch, half in enumerate((part.iloc[:4], part.iloc[4:])):
            outputs.save({folder / f"results/transfer/{condition}/{rule}/{batch}.csv": half})
    assert main(["compare_conditions", "--config", str(folder / "tiny.yaml")]) == 0
    return folder / "results/compare_conditions"


def test_every_network_is_counted(results):
    rules = outputs.read_table(results / "rules.csv")
    pairs = [(condition, rule) for condition in SCALES for rule in RATIOS]
    assert list(zip(rules.condition, rules.learning_rule, strict=True)) == pairs
    assert set(rules.networks) == {7}
    assert rules.trials.sum() == networks().trials.sum()
    assert rules.ratio_to_untuned.notna().tolist() == [True] * 3 + [False] * 3


def test_tables_are_as_declared(results):
    for name, table in TABLES.items():
        assert list(outputs.read_table(results / f"{name}.csv").columns) == table.names()
    assert list(outputs.read_table(results / "published.csv").condition) == ["old"]
    assert "<table" in (results / "table.html").read_text()
