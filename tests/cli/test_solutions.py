"""The claims of one level, printed."""

import pytest
import yaml

from made import crossed
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
