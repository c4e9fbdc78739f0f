"""A learning rule or a task is looked at alone."""

import re

import pytest

from threefactor.cli.main import main
from threefactor.declarations import PACKAGE
from threefactor.training import rule_contract
from threefactor.training.checked import Checked

TINY = "device: cpu\nnetwork: {units: 12, clamped: {}}\ntask: {duration_ms: 200.0}\n"


@pytest.fixture(autouse=True)
def settings(tmp_path, monkeypatch):
    (tmp_path / "config").mkdir()
    (tmp_path / "config/config.yaml").write_text(TINY)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("file", ["learning_rules/reinforce.py", "tasks/pulses.py"])
def test_a_line_says_what_was_looked_at(file, capsys):
    assert main(["check", str(PACKAGE / file)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) > 6
    assert all(re.fullmatch(r"ok     \S.*", line) for line in lines)


def test_what_is_wrong_is_said_and_the_status_is_2(capsys, monkeypatch):
    monkeypatch.setattr(
        rule_contract, "check", lambda *_: [Checked("memory"), Checked("update", "a: must be b")]
    )
    assert main(["check", str(PACKAGE / "learning_rules/reinforce.py")]) == 2
    assert capsys.readouterr().out.splitlines()[-2:] == ["ok     memory", "wrong  update = a: must be b"]


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("tasks/reward.py", "must define the function make"),
        ("tasks/none.py", "must be a file"),
        ("seeding.py", "must lie in "),
    ],
)
def test_what_is_no_rule_or_task_is_refused_in_one_line(file, message, capsys):
    assert main(["check", str(PACKAGE / file)]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
