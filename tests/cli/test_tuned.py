"""What tuning found: a table to read, and settings to paste."""

import pytest
import yaml

from made import crossed
from threefactor.cli.main import main
from threefactor.pipeline.settings import load
from threefactor.pipeline.storage import outputs
from threefactor.stages.tune.tables import TABLES

RULES = {
    "rflo": {"learning_rules.rflo.learning_rate": 0.0123456, "plasticity.clip": 3e-5},
    "force": {"learning_rules.force.regularisation": 12.5, "learning_rules.force.interval": 4.0},
}
BUDGET = {"draws": 16, "networks": 5, "trials": 80000}


@pytest.fixture
def settings(tmp_path):
    """Return a file of settings, with results of both rules beside it."""
    raw = {"results": str(tmp_path), "network": {"readout": "random"}, "tune": {"rules": list(RULES)}}
    (tmp_path / "tuning.yaml").write_text(yaml.safe_dump(raw))
    for rule, constants in RULES.items():
        table = crossed(
            TABLES["tuned"], name=list(constants), value=list(constants.values()), usual=0.5, **BUDGET,
            usual_objective=321.4, objective=123.6,
        )  # fmt: skip
        table = table[table["value"] == table["name"].map(constants)]
        outputs.save({tmp_path / f"tune/{rule}/tuned.csv": table})
    return tmp_path / "tuning.yaml"


def test_a_row_per_rule_and_constant_with_the_budget(settings, capsys, monkeypatch):
    monkeypatch.delenv("COLUMNS", raising=False)  # no terminal, and so no limit
    assert main(["tuned", "--config", str(settings)]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    budget = ["0.5", "321.4", "123.6", "16", "5", "80,000"]
    rows = [
        ["rflo", "learning_rules.rflo.learning_rate", "0.01235"],
        ["rflo", "plasticity.clip", "3e-05"],
        ["force", "learning_rules.force.regularisation", "12.5"],
        ["force", "learning_rules.force.interval", "4"],
    ]
    assert lines[-4:] == [[rule, key, budget[0], value, *budget[1:]] for rule, key, value in rows]


def test_settings_that_it_prints_are_those_that_retraining_takes(settings, capsys):
    assert main(["tuned", "--config", str(settings), "--yaml"]) == 0
    printed = yaml.safe_load(capsys.readouterr().out)
    found = load.parse(printed).tune.constants
    assert set(found) == set(RULES)
    for rule, constants in RULES.items():
        assert found[rule] == pytest.approx(constants, rel=5e-4), "to four digits"


def test_wrong_use_is_one_line(settings, capsys, tmp_path):
    (tmp_path / "nothing.yaml").write_text("{}")
    (tmp_path / "tune/rflo/tuned.csv").unlink()
    for path, message in (
        (tmp_path / "nothing.yaml", f"{tmp_path}/nothing.yaml: tune.rules = []: must name a learning rule"),
        (settings, f"{tmp_path}/tune/rflo/tuned.csv does not exist; stage tune writes it"),
        (tmp_path / "none.yaml", f"--config {tmp_path}/none.yaml: No such file"),
    ):
        assert main(["tuned", "--config", str(path)]) == 2
        error = capsys.readouterr().err
        assert error.startswith(f"Error: {message}")
        assert error.count("\n") == 1
