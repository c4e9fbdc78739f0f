"""Settings of generalisation that no job can run with are named in one line."""

import pytest

from threefactor.experiment.settings.errors import SettingsError
from threefactor.pipeline.settings import load
from threefactor.stages.generalise.spec import SPEC

WRONG = {
    "no such task": ({"next_task": "dnm"}, "generalise.next_task = 'dnm'", ["context", "dnms"]),
    "no name": ({"next_task": "Dnms"}, "generalise.next_task = 'Dnms'", ["''"]),
    "no delay": ({"delay_factor": 0.0}, "generalise.delay_factor = 0.0", ["greater than 0"]),
    "no weaker input": ({"weaker_input": 1.0}, "generalise.weaker_input = 1.0", ["less than 1"]),
    "no stronger input": ({"stronger_input": 1.0}, "generalise.stronger_input = 1.0", ["greater than 1"]),
    "all units silent": ({"lesion_fraction": 1.0}, "generalise.lesion_fraction = 1.0", ["less than 1"]),
    "no trials": ({"next_trials": 0}, "generalise.next_trials = 0", ["greater than or equal to 1"]),
}
"""By what is wrong: the block, the key and its value in the message, and what it says they must be."""


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_named_in_one_line(case):
    block, place, allowed = WRONG[case]
    with pytest.raises(SettingsError) as raised:
        load.parse({"generalise": block}, "file.yaml")
    message = str(raised.value)
    assert "\n" not in message
    assert message.startswith(f"file.yaml: {place}")
    for words in allowed:
        assert words in message.partition(" must ")[2]


def test_a_next_task_of_more_outcomes_than_units_is_refused():
    wrong = {"network": {"units": 20}, "task": {"dpa": {"cues": 26}}}
    load.parse({**wrong, "generalise": {"next_task": ""}})
    with pytest.raises(SettingsError, match=r"task\.dpa\.cues = 26: must be at most 17"):
        load.parse({**wrong, "generalise": {"next_task": "dpa"}})


def test_a_job_reads_the_settings_of_both_tasks():
    both = load.parse({"task": {"name": "pulses"}, "generalise": {"next_task": "dnms"}})
    alone = load.parse({"task": {"name": "pulses"}, "generalise": {"next_task": ""}})
    assert [list(SPEC.tasks(one, {})) for one in (both, alone)] == [["pulses", "dnms"], ["pulses"]]
