"""Conditions of a distribution: which keys may be drawn, and what follows a new time step."""

import itertools

import pytest

from threefactor.experiment import distribution
from threefactor.pipeline.settings import load


def settings(spreads=None, **others):
    return load.parse({"metalearn": {"distribution": spreads or {}}, **others}, "file.yaml")


def test_single_numbers_and_texts_of_three_groups_may_be_drawn():
    known = distribution.drawable(settings())
    assert {"task.name", "task.delay_ms", "task.dpa.cues", "network.units", "perturbation.kind"} <= set(known)
    assert {key.partition(".")[0] for key in known} == {"task", "network", "perturbation"}
    assert not any(key.startswith("network.clamped") for key in known), "a group has no single value"


@pytest.mark.parametrize("step", [5.0, 20.0])
def test_constants_per_time_step_keep_their_time(step):
    plasticity = settings(plasticity={"trace_decay": 0.3, "onset_steps": 4}).plasticity
    found = distribution.per_step(plasticity, 10.0, step)
    in_100_ms = found["plasticity.trace_decay"] ** (100 / step)
    assert in_100_ms == pytest.approx(0.3**10)
    assert found["plasticity.onset_steps"] * step == 40.0


def test_an_onset_is_rounded_to_a_whole_number_of_steps():
    plasticity = settings(plasticity={"onset_steps": 1}).plasticity
    assert distribution.per_step(plasticity, 10.0, 50.0)["plasticity.onset_steps"] == 0
    assert distribution.per_step(plasticity, 10.0, 15.0)["plasticity.onset_steps"] == 1


def test_the_same_time_step_leaves_all_as_it_is():
    values = {"network.gain": 1.3, "network.time_step_ms": 10.0}
    assert distribution.in_keeping(settings(), values) == values
    assert set(distribution.in_keeping(settings(), {**values, "network.time_step_ms": 5.0})) == {
        *values,
        "plasticity.trace_decay",
        "plasticity.onset_steps",
    }


def test_whole_numbers_are_drawn_whole():
    made = settings()
    assert [distribution.like(made, "network.units", value) for value in (70.4, 70.6)] == [70, 71]
    assert distribution.like(made, "network.gain", 2) == 2.0
    assert distribution.like(made, "task.delay_ms", "") == ""


def test_corners_have_every_pair_of_ends():
    spreads = {
        "network.gain": {"between": [1.3, 1.8]},
        "network.units": {"among": [20, 30, 40]},
        "task.name": {"among": ["dnms", "dms"]},
    }
    ends = {"network.gain": (1.3, 1.8), "network.units": (20, 30, 40), "task.name": ("dnms", "dms")}
    found = list(distribution.corners(settings(spreads)))
    for first, second in itertools.combinations(ends, 2):
        pairs = {(one[first], one[second]) for one in found}
        assert pairs == set(itertools.product(ends[first], ends[second]))
    assert list(distribution.corners(settings({"network.gain": {"among": [1.2, 1.4]}}))) == [
        {"network.gain": 1.2},
        {"network.gain": 1.4},
    ]
