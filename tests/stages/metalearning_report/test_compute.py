"""Stage metalearning_report: rules are compared with the evolved rule of their class."""

import pandas as pd
import pytest

from threefactor.cli.main import main
from threefactor.pipeline.storage import outputs
from threefactor.stages.metalearning_report.tables import TABLES

SETTINGS = """
metalearn:
  rules:
    quick: {start: random, starts: 2}
    evolved: {start: random, estimator: evolution}
    elsewhere: {start: random, task: dms}
    dense: {start: random, terms: all}
retrain: {rules: [theta_33]}
tracking: {uri: ""}
"""

SCORES = {
    "quick": [0.5, 0.4, 0.2],
    "quick_2": [0.5, 0.5, 0.45],
    "evolved": [0.5, 0.4, 0.3],
    "elsewhere": [0.5, 0.1, 0.1],
    "dense": [0.5, 0.3, 0.1],
}


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Run the stage; evolution simulates fifty times as many trials."""
    folder = tmp_path_factory.mktemp("report")
    (folder / "tiny.yaml").write_text(f"{SETTINGS}\nresults: {folder}/results\n")
    for rule, scores in SCORES.items():
        table = pd.DataFrame({"trials": [0, 20_000, 40_000], "smoothed_error_rate": scores})
        table["trials"] *= 50 if rule == "evolved" else 1
        table = table.assign(smoothed_error_rate_standard_error=0.01, kept=[False, False, True])
        outputs.save({folder / f"results/metalearn/{rule}/held_out.csv": table})
    assert main(["metalearning_report", "--config", str(folder / "tiny.yaml")]) == 0
    found = {name: outputs.read_table(folder / f"results/metalearning_report/{name}.csv") for name in TABLES}
    for name, table in found.items():
        assert list(table.columns) == TABLES[name].names()
    return found


def test_rules_of_the_experiments_own_task_are_reported(results):
    searches = results["searches"].drop_duplicates("learning_rule").set_index("learning_rule")
    names = {"quick": "quick", "quick_2": "quick", "evolved": "evolved", "dense": "dense"}
    assert searches.search.to_dict() == names
    assert searches.search_class["quick"] == searches.search_class["evolved"]
    assert searches.search_class["quick"] != searches.search_class["dense"]


def test_savings_are_of_rules_of_the_class(results):
    savings = results["savings"].set_index(["learning_rule", "progress"])
    assert set(savings.index.unique("learning_rule")) == {"quick", "quick_2"}
    assert savings.saving["quick", 1.0] == pytest.approx(2_000_000 / 30_000)
    assert savings.trials.isna()["quick_2", 1.0]
