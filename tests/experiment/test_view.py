"""Settings behind a list of keys: what is declared can be read and changed, all else raises."""

import pytest

from threefactor.experiment.view import UndeclaredError, View, changed, everything, value_at
from threefactor.pipeline.settings import load

RULES = {"one": {"start": "random"}, "two": {"start": "theta_33"}}
CONFIG = load.parse({"metalearn": {"rules": RULES}, "retrain": {"rules": ["bptt"]}})


def test_declared_keys_and_groups_are_read():
    view = View(CONFIG, ["network", "task.name", "metalearn.rules.one"], "a test")
    assert view.network.units == CONFIG.network.units
    assert view.task.name == "dnms"
    assert view.metalearn.rules["one"].start == "random"
    assert value_at(view, "network.gain") == 1.5


@pytest.mark.parametrize(
    ("read", "key"),
    [
        (lambda view: view.seed, "seed"),
        (lambda view: view.task.reward, "task.reward"),
        (lambda view: view.metalearn.rules["two"], "metalearn.rules.two"),
        (lambda view: view.metalearn.degree, "metalearn.degree"),
        (lambda view: view.plasticity, "plasticity"),
    ],
)
def test_other_keys_raise_with_the_key_and_who_read_it(read, key):
    view = View(CONFIG, ["network", "task.name", "metalearn.rules.one"], "a test")
    with pytest.raises(UndeclaredError, match=f"^a test reads {key}: "):
        read(view)


def test_a_walk_through_settings_meets_what_is_declared():
    view = View(CONFIG, ["network", "task.name", "metalearn.rules.one"], "a test")
    assert sorted(view) == ["metalearn", "network", "task"]
    assert list(view.metalearn.rules) == ["one"]
    assert list(everything(CONFIG).metalearn.rules) == ["one", "two"]


def test_a_key_is_no_prefix_of_another():
    view = View(CONFIG, ["network.time_step"], "a test")
    with pytest.raises(UndeclaredError):
        _ = view.network.time_step_ms


def test_changed_settings_leave_the_old_ones():
    view = everything(CONFIG)
    other = view.changed({"plasticity.clip": 0.5, "metalearn.rules.one.step": 0.25, "seed": 7})
    assert (other.plasticity.clip, other.metalearn.rules["one"].step, other.seed) == (0.5, 0.25, 7)
    assert (view.plasticity.clip, view.metalearn.rules["one"].step, view.seed) == (1.65e-3, 0.1, 1)
    assert changed(CONFIG, {"validate.networks": 3}).own_validate.networks == 3


def test_a_key_that_is_not_there_cannot_be_changed():
    with pytest.raises(AttributeError, match="no key 'unts'"):
        everything(load.parse({})).changed({"network.unts": 3})


def test_a_key_that_is_not_there_is_an_error():
    with pytest.raises(AttributeError, match="no key 'unts'"):
        _ = (
            everything(CONFIG).network.unts
            if isinstance(everything(CONFIG).network, View)
            else value_at(CONFIG, "network.unts")
        )
