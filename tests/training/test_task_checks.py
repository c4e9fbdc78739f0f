"""Every way in which a task of a user was found to be wrong is refused in one line; shipped tasks are as they must be."""

import re
from types import SimpleNamespace

import pytest
import torch

from threefactor.declarations import ContractError
from threefactor.tasks import context, dms, dnms, dpa, pulses
from threefactor.tasks.layout import layout
from threefactor.training.task_checks import check, expect_task

TIMES = {"duration": 1000.0, "time_step": 10.0, "target": 0.98, "reward": "graded"}


@pytest.mark.parametrize("task", [context, dms, dnms, dpa, pulses])
@pytest.mark.parametrize("delay", [None, 600.0])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_shipped_tasks_are_as_they_must_be(task, delay, dtype):
    found = list(check(task.make(**TIMES, delay=delay), 10.0, dtype))
    assert [one for one in found if one.fault] == []
    assert {"window with noise", "factors", "periods", "target without noise"} <= {one.what for one in found}


def changed(**trial):
    """Return a task whose trials have other parts, each a function of what they were."""

    def draw(types, *, generator, dtype):
        good = dnms.make(**TIMES).draw(types, generator=generator, dtype=dtype)
        return good._replace(**{name: change(getattr(good, name)) for name, change in trial.items()})

    return {"draw": draw}


def spoilt(inputs):
    return inputs.index_fill(1, torch.tensor([5]), torch.nan)


WRONG = {
    "window_ones": (changed(window=torch.ones_like), "window without noise = sums to 100: must sum to 1"),
    "negative": (changed(window=lambda w: 2 * w - w.flip(1)), "window without noise = -"),
    "outputs2": (
        {"outputs": 2},
        "target without noise = tensor of shape (4, 100, 1): must be b t o = (4, 100, 2)",
    ),
    "inputs2": (
        {"inputs": 3},
        "inputs without noise = tensor of shape (4, 100, 2): must be b t c = (4, 100, 3)",
    ),
    "badshape": (
        changed(inputs=lambda x: x.mT),
        "inputs without noise = tensor of shape (4, 2, 100): must be",
    ),
    "float64": (
        changed(inputs=lambda x: x.double()),
        "inputs without noise = tensor of torch.float64: must be of",
    ),
    "numpy_inputs": (changed(inputs=lambda x: x.numpy()), "inputs without noise = ndarray: must be a tensor"),
    "nan": (changed(inputs=spoilt), "inputs without noise = 8 of 800 numbers not finite: must be finite"),
    "factors_short": (
        {"factors": {"cue": (0,)}},
        "factors['cue'] = (0,): must have 4 classes, one a trial type",
    ),
    "factors_long": ({"factors": {"cue": (0,) * 5}}, "factors['cue'] = (0, 0, 0, 0, 0): must have 4 classes"),
    "strkinds": ({"trial_types": "go"}, "trial_types = 'go': must be a tuple of texts"),
    "nodecision": (
        {"periods": {"respond": (0.0, 9.0)}},
        "periods = {'respond': (0.0, 9.0)}: must have one that",
    ),
    "late": (
        {"periods": {"decision": (900.0, 1200.0)}},
        "periods['decision'] = (900.0, 1200.0) ms: must lie within",
    ),
    "type": (changed(trial_type=lambda y: y.flip(0)), "trial_type without noise = others: must be the types"),
    "reward": (changed(reward=lambda name: "best"), "reward = 'best': must be one of graded"),
    "a share": (
        changed(share=lambda none: torch.full((4, 1), 0.5)),
        "share without noise = sums to 0.5: must sum",
    ),
    "chance": ({"chance": 50}, "chance = 50: must be from 0 to 1"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_task_is_refused_in_one_line(case):
    parts, message = WRONG[case]
    good = dnms.make(**TIMES)
    names = ("steps", "trial_types", "inputs", "outputs", "periods", "factors", "chance", "draw")
    task = SimpleNamespace(**{name: getattr(good, name) for name in names} | parts)
    with pytest.raises(ContractError, match=f"^tasks/mine\\.py: {re.escape(message)}"):
        expect_task("mine", task, 10.0, torch.float32)


def test_periods_of_six_fifths_are_refused():
    with pytest.raises(ContractError, match=r"must add up to 5 fifths of a trial, not 6$"):
        layout({"sample": 1, "delay": 4, "decision": 1}, 1000.0, 10.0, None)
