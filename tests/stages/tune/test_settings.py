"""Settings of tuning that no job can run with are named in one line."""

import os
import shutil
import subprocess
import sys

import pytest

from threefactor.declarations import PACKAGE
from threefactor.experiment.settings.errors import SettingsError
from threefactor.pipeline.settings import load

RANDOM = {"network": {"readout": "random"}}

WRONG = {
    "no such rule": ({"tune": {"rules": ["oja"]}}, "tune.rules.0 = 'oja'", "theta_<k><l>"),
    "a rule twice": ({"tune": {"rules": ["rflo", "rflo"]}}, "tune.rules.1 = 'rflo'", "once"),
    "a readout that is a unit and moves": (
        {"tune": {"rules": ["force"]}},
        "tune.rules: 'force'",
        "network.readout = 'random'",
    ),
    "the reward's derivative where it has none": (
        {
            "task": {"reward": "correct"},
            "metalearn": {"rules": {"a": {"start": "random", "estimator": "evolution"}}},
            "retrain": {"rules": ["theta_33"]},
            "align": {"references": []},
            "tune": {"rules": ["rflo"]},
        },
        "tune.rules: 'rflo'",
        "the reward alone",
    ),
    "constants of no rule": (
        {"tune": {"constants": {"oja": {"plasticity.clip": 1.0}}}},
        "tune.constants.oja",
        "theta_<k><l>",
    ),
    "no such key": (
        {"tune": {"constants": {"rflo": {"plasticity.clp": 1.0}}}},
        "tune.constants.rflo.plasticity.clp = 1.0",
        "plasticity., perturbation., learning_rules.rflo.",
    ),
    "a key below a number": (
        {"tune": {"constants": {"rflo": {"plasticity.clip.more": 1.0}}}},
        "tune.constants.rflo.plasticity.clip.more = 1.0",
        "of a number",
    ),
    "a key of no number": (
        {"tune": {"constants": {"rflo": {"plasticity.carry_trace": 1.0}}}},
        "tune.constants.rflo.plasticity.carry_trace = 1.0",
        "of a number",
    ),
    "a key that the rule does not read": (
        {"tune": {"constants": {"rflo": {"learning_rules.eprop.learning_rate": 1.0}}}},
        "tune.constants.rflo.learning_rules.eprop.learning_rate = 1.0",
        "learning_rules.rflo.",
    ),
    "a key of the network, which is drawn before": (
        {"tune": {"constants": {"rflo": {"network.gain": 1.0}}}},
        "tune.constants.rflo.network.gain = 1.0",
        "plasticity.",
    ),
    "part of a whole number": (
        {**RANDOM, "tune": {"constants": {"force": {"learning_rules.force.interval": 2.5}}}},
        "tune.constants.force.learning_rules.force.interval = 2.5",
        "a whole number",
    ),
    "no draws": ({"tune": {"draws": 0}}, "tune.draws = 0", "greater than or equal to 1"),
}
"""By what is wrong: the settings, the key in the message, and what it says there must be."""


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_named_in_one_line(case):
    raw, place, allowed = WRONG[case]
    with pytest.raises(SettingsError) as raised:
        load.parse(raw, "file.yaml")
    message = str(raised.value)
    assert "\n" not in message
    assert message.startswith(f"file.yaml: {place}")
    assert allowed in message.partition(" must ")[2]


def test_constants_of_a_rule_may_be_whole_numbers_written_as_they_are():
    given = {"force": {"learning_rules.force.interval": 3}, "theta_13": {"perturbation.size": 0.2}}
    assert load.parse({"tune": {"constants": given}}).tune.constants == given


OWN = "LABEL = 'Own'\nINFORMATION = 'reward'\ndef parameters(): ...\ndef init(): ...\ndef update(): ...\n"


def test_a_rule_of_ones_own_without_constants_cannot_be_tuned(tmp_path):
    shutil.copytree(PACKAGE, tmp_path / "threefactor", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "threefactor/learning_rules/own.py").write_text(OWN)
    (tmp_path / "own.yaml").write_text("tune: {rules: [rflo, own]}")
    for words in (
        ["settings", "--config", "own.yaml"],
        ["tune", "--config", "plain.yaml", "--tuned-rule", "own"],
    ):
        (tmp_path / "plain.yaml").touch()
        command = [sys.executable, "-m", "threefactor", *words]
        path = {**os.environ, "PYTHONPATH": str(tmp_path)}
        found = subprocess.run(command, cwd=tmp_path, env=path, capture_output=True, text=True, check=False)
        assert found.returncode == 2
        assert ": 'own' has no constants to tune: must be rules whose file declares TUNED" in found.stderr
        assert found.stderr.count("\n") == 1
