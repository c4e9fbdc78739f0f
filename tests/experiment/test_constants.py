"""Constants of learning rules: which come first, and that whole numbers stay whole."""

import pandas as pd
import pytest

from threefactor.experiment import rules
from threefactor.experiment.constants import below_one, bounds_for_condition, with_constants
from threefactor.experiment.view import View, everything, value_at
from threefactor.pipeline.settings import load

CLIP, RATE = "plasticity.clip", "learning_rules.rflo.learning_rate"
INTERVAL = "learning_rules.force.interval"
GIVEN = {"rflo": {CLIP: 0.5, RATE: 0.25}, "force": {INTERVAL: 3.0}}


@pytest.fixture
def settings():
    return everything(load.parse({"tune": {"constants": GIVEN}}))


def table(**constants):
    """Return the columns of ``tuned.csv`` that count; keys with dots are written with ``__``."""
    names = [name.replace("__", ".") for name in constants]
    return pd.DataFrame({"name": names, "value": list(constants.values())})


def values(settings, *keys):
    return [value_at(settings, key) for key in keys]


def test_each_rule_has_constants_of_its_own(settings):
    usual = values(settings, CLIP, RATE)
    assert values(with_constants(settings, "rflo", None), CLIP, RATE) == [0.5, 0.25]
    assert values(with_constants(settings, "eprop", None), CLIP, RATE) == usual
    assert values(settings, CLIP, RATE) == usual, "untouched"


def test_what_tuning_found_comes_first_and_leaves_the_others(settings):
    found = with_constants(settings, "rflo", table(plasticity__clip=0.125))
    assert values(found, CLIP, RATE) == [0.125, 0.25]


def test_whole_numbers_stay_whole_and_others_do_not_become_so(settings):
    (given,) = values(with_constants(settings, "force", None), INTERVAL)
    (tuned,) = values(with_constants(settings, "force", table(learning_rules__force__interval=7.0)), INTERVAL)
    assert (given, type(given), tuned, type(tuned)) == (3, int, 7, int)
    (clip,) = values(with_constants(settings, "rflo", table(plasticity__clip=1)), CLIP)
    assert (clip, type(clip)) == (1.0, float)


def test_a_job_reads_no_more_settings_than_those_of_its_constants():
    config = load.parse({"tune": {"constants": GIVEN}})
    own = View(config, ["tune.constants", "plasticity", "learning_rules.rflo"], "a test")
    assert values(with_constants(own, "rflo", None), CLIP, RATE) == [0.5, 0.25]


def test_constants_of_a_condition_are_those_of_all_polynomials_or_those_that_a_file_declares():
    assert bounds_for_condition("theta_33") == bounds_for_condition("learned_random")
    low, high = bounds_for_condition("theta_33")["plasticity.learning_rate"]
    assert low * high == pytest.approx(1)
    assert set(bounds_for_condition("theta_33")) > set(rules.tuned_keys("theta_33"))
    assert list(bounds_for_condition("rflo")) == list(rules.tuned_keys("rflo"))
    assert bounds_for_condition("rflo")[RATE] == (low, high)
    assert bounds_for_condition("rflo")[CLIP] == rules.tuned_keys("rflo")[CLIP]


@pytest.mark.parametrize("usual", [0.0, 0.3, 0.75, 0.999])
def test_decays_stay_below_one(usual):
    decay, rate = "plasticity.baseline_decay", "plasticity.learning_rate"
    found = below_one({decay: (0.5, 1.5), rate: (0.5, 4.0)}, {decay: usual, rate: 0.9})
    assert found[rate] == (0.5, 4.0)
    assert found[decay][0] == 0.5
    assert usual * found[decay][1] < 1
    assert 1 <= found[decay][1] <= 1.5
    assert (found[decay][1] == 1.5) == (usual < 0.6)
