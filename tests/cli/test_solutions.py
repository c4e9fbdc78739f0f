"""The claims of one level, printed."""

import pytest
import yaml

from made import crossed
from threefactor.analysis import network_table
from threefactor.analysis.solutions.claims import CLAIMS
from threefactor.cli.main import main
from threefactor.pipeline.storage import outputs


@pytest.fixture
def settings(tmp_path):
    """Return a file of settings, with the claims of two levels beside it."""
    (tmp_path / "one.yaml").write_text(yaml.safe_dump({"results": str(tmp_path)}))
    table = crossed(CLAIMS, level=[0.5, 0.2], claim=["rules differ"], of=["cka"], **{"as": "adjusted R²"})
    table.loc[table.level == 0.2, ["low", "high", "p"]] = float("nan")
    outputs.save({tmp_path / "compare_solutions/claims.csv": table})
    return tmp_path / "one.yaml"


def test_the_claims_of_one_level_are_printed(settings, capsys):
    assert main(["solutions", "--config", str(settings)]) == 0
    first = capsys.readouterr().out
    assert "level 0.5" in first
    assert "rules differ" in first
    assert " to " in first
    assert main(["solutions", "--config", str(settings), "--level", "0.2"]) == 0
    second = capsys.readouterr().out
    assert " to " not in second


def test_wrong_use_is_one_line(settings, capsys):
    assert main(["solutions", "--config", str(settings), "--level", "0.3"]) != 0
    assert capsys.readouterr().err.strip().endswith("--level 0.3: must be one of 0.5, 0.2")
    (settings.parent / "compare_solutions/claims.csv").unlink()
    assert main(["solutions", "--config", str(settings)]) != 0
    assert "claims.csv does not exist; stage compare_solutions writes it" in capsys.readouterr().err


def test_two_tasks_are_compared_by_measures(tmp_path, capsys):
    rules = ["theta_33", "bptt"]
    raw = {"results": str(tmp_path / "one"), "retrain": {"rules": rules, "batches": 1}}
    (tmp_path / "one.yaml").write_text(yaml.safe_dump(raw))
    for place, folder in enumerate(("one", "other")):
        for rule in rules:
            table = crossed(
                network_table.columns(["first"]), learning_rule=[rule], network=list(range(6)), level=0.5,
                gain=lambda table: 0.9 + 0.3 * (table.network % 2), analysed=True, seed=place,
            )  # fmt: skip
            outputs.save({tmp_path / folder / f"analyse/{rule}/0.csv": table})
    words = ["solutions", "--config", str(tmp_path / "one.yaml"), "--and-results"]
    assert main([*words, str(tmp_path / "other")]) == 0
    printed = capsys.readouterr().out
    assert "24 networks, level 0.5" in printed
    for factor in ("learning_rule", "initialisation", "gain", "task", "residual"):
        assert factor in printed
    assert "0.50 by chance" in printed
    assert main([*words, str(tmp_path / "nowhere")]) != 0
    assert "does not exist; stage analyse writes it" in capsys.readouterr().err
