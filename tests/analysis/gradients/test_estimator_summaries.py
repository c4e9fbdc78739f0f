"""What estimators need, and which rows are shown of them."""

import numpy as np
import pandas as pd
import pytest

from analysis.gradients.known_samples import compared, row
from threefactor.analysis.gradients import estimator_summaries


def test_what_is_needed_counts_bias_and_spread():
    table, _ = compared()
    found = estimator_summaries.needed(table).set_index("estimator")
    spread = row(table, "score_total", "norm")
    room = (0.5 * spread["truth"]) ** 2 - spread["bias"] ** 2
    assert found.networks_needed["score_total"] == pytest.approx(spread["deviation"] ** 2 / room)
    assert found.seconds_needed["score_total"] == pytest.approx(
        found.networks_needed["score_total"] * 40 * 0.002
    )
    hopeless = table.assign(bias=table.bias.where(table.estimator != "evolution", 10.0))
    assert np.isinf(estimator_summaries.needed(hopeless).set_index("estimator").networks_needed["evolution"])


def test_shares_biases_and_curves_are_of_the_right_rows():
    table, errors = compared()
    assert set(estimator_summaries.shares(table).estimator) == {"score_total"}
    biased = estimator_summaries.biases(table).set_index(["source", "estimator"])
    assert biased.bias["expected", "score_total"] == pytest.approx(0.25, rel=0.05)
    assert biased.bias["sample", "evolution"] == pytest.approx(-4 / 25, abs=0.01)
    assert "difference" not in biased.index.get_level_values(1)
    curve = estimator_summaries.curves(errors)
    assert np.allclose(curve.relative * curve.truth, curve.rmse)
    both = pd.concat([errors, errors.assign(horizon=80)])
    assert set(estimator_summaries.curves(both).horizon) == {80}
