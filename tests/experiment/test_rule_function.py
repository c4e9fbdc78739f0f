"""Rules as functions reach as far as perturbations do."""

import numpy as np
import pandas as pd
import pytest

from threefactor.experiment.rule_function import surface
from threefactor.experiment.view import everything
from threefactor.pipeline.settings import load

THETA = pd.DataFrame({"k": [1, 2], "l": [3, 0], "theta": [-2.0, 0.5]})


@pytest.mark.parametrize(
    ("perturbation", "reach"),
    [({"kind": "sparse", "size": 0.4}, 0.4), ({"kind": "gaussian", "noise": 0.1}, 0.3)],
)
def test_the_deviation_reaches_up_to_the_size_of_a_perturbation(perturbation, reach):
    settings = everything(load.parse({"perturbation": perturbation}))
    found = surface(settings, THETA, "theta", "H")
    assert found.deviation[[0, -1]] == pytest.approx([-reach, reach])
    assert found.rate[[0, -1]] == pytest.approx([-1, 1])
    assert found.unit == ""


def test_a_standardised_deviation_is_in_units_of_the_floor():
    settings = everything(load.parse({"perturbation": {"size": 0.4}, "plasticity": {"deviation_floor": 0.1}}))
    found = surface(settings, THETA.assign(deviation="standardised"), "theta", "H")
    assert found.deviation[-1] == pytest.approx(4)
    assert found.unit


def test_a_bounded_deviation_reaches_no_further_than_it_is_seen():
    plasticity = {"deviation_floor": 0.1, "deviation_bound": 3.0}
    settings = everything(load.parse({"perturbation": {"size": 0.4}, "plasticity": plasticity}))
    found = surface(settings, THETA.assign(deviation="standardised"), "theta", "H")
    assert found.deviation[-1] == pytest.approx(4 / (1 + (4 / 3) ** 2) ** 0.5)
    raw = surface(settings, THETA.assign(deviation="raw"), "theta", "H")
    assert raw.deviation[-1] == pytest.approx(0.4)


def test_values_are_those_of_the_polynomial_by_its_largest_modulus():
    found = surface(everything(load.parse({})), THETA, "theta", "H")
    rate, deviation = np.meshgrid(found.rate, found.deviation, indexing="ij")
    values = -2.0 * rate * deviation**3 + 0.5 * rate**2
    assert found.growth == pytest.approx(values / np.abs(values).max())
