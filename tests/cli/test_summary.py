"""The summary: a row a rule in few lines, all of it in words, or all of it as JSON."""

import json
import shutil
from pathlib import Path

import pytest

from threefactor.cli.main import main

ROOT = Path(__file__).parents[2]

LEARNED = {
    "networks": 6,
    "reached_fraction": 0.5,
    "restricted_mean_trials": 512.3,
    "restricted_mean_trials_low": 400.0,
    "restricted_mean_trials_high": None,
    "ratio_to_theta_33": None,
}


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """Stand in a folder of one's own, with the default settings."""
    (tmp_path / "config").mkdir()
    shutil.copy(ROOT / "config/config.yaml", tmp_path / "config")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder, rules):
    (folder / "results").mkdir()
    numbers = {
        "learning": dict.fromkeys(rules, LEARNED),
        "endings": {"rule_0": {"error": 0.0213}},
        "alignment": {"rule_0": {"noise_corrected": 0.5}},
    }
    (folder / "results/summary.json").write_text(json.dumps(numbers))
    return numbers


@pytest.mark.parametrize("width", [30, 80, 200])
@pytest.mark.parametrize("count", [1, 40])
def test_the_summary_is_short_and_has_a_row_a_rule(width, count, elsewhere, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(width))
    write(elsewhere, [f"rule_{n}" for n in range(count)])
    assert main(["summary"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) <= 25
    rows = [line for line in lines if line.startswith("rule_")]
    left_out = [line for line in lines if line.startswith("and ")]
    assert len(rows) + sum(int(line.split()[1]) for line in left_out) == count
    assert rows[0].split()[1:4] == ["50%", "of", "6"]
    if width > 30:
        assert rows[0].split()[4:] == ["512", "–", "0.021", "0.50"]


def test_the_summary_says_where_the_report_is_and_how_mlflow_opens(elsewhere, capsys):
    write(elsewhere, ["rule_0"])
    assert main(["summary"]) == 0
    assert "not made yet: snakemake --report results/report.html" in capsys.readouterr().out
    (elsewhere / "results/report.html").touch()
    assert main(["summary", "--config", "seed=2"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "report  results/report.html"
    assert lines[1] == "MLflow  python -m threefactor ui --config seed=2"


def test_everything_is_there_as_json(elsewhere, capsys):
    numbers = write(elsewhere, ["rule_0"])
    assert main(["summary", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"numbers": numbers, "conditions": [], "findings": {}}


def test_summary_says_why_a_figure_is_missing(elsewhere, capsys):
    (elsewhere / "results").mkdir()
    rule = {"median_trials": None, "reached_fraction": 0.25, "other": None, "low": None, "high": None}
    long = "a_rule_with_a_name_that_nearly_fills_a_line"
    (elsewhere / "results/summary.json").write_text(json.dumps({"learning": {"theta_11": rule, long: rule}}))
    assert main(["summary", "--all"]) == 0
    text = capsys.readouterr().out
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert "learning.theta_11.median_trials –" in lines
    assert "learning.theta_11.reached_fraction 0.25" in lines
    assert f"learning.{long}.low –" in lines, "no key is cut short by a reason"
    assert lines[-3:] == [
        "– median_trials: not half of the networks got there",
        "– other: could not be estimated",
        "– low, high: too few networks for an interval",
    ]
    assert "None" not in text


def test_summary_tells_what_was_drawn_without_all_the_rest(elsewhere, capsys):
    assert main(["summary"]) == 2
    assert "summary.json does not exist" in capsys.readouterr().err
    (elsewhere / "results/findings").mkdir(parents=True)
    levels = {"0.5": {"theta_33": {"reached": 97, "networks": 98, "restricted_mean": 412.0}}}
    (elsewhere / "results/findings/gains.json").write_text(
        json.dumps({"gains": {"1.5": levels}, "level": "0.5"})
    )
    assert main(["summary", "--all"]) == 0
    printed = capsys.readouterr().out
    assert "gains: " in printed
    assert "theta_33 97" in printed
