"""The cosine that infinitely many draws would have."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from threefactor.analysis.gradients.noise_corrected import mean_cosine


def networks(**columns):
    table = {"cosine": 0.2, "overlap": 0.18, "signal": 0.09, "other_signal": 1.0} | columns
    return pd.DataFrame(table | {"network": range(len(next(v for v in table.values() if np.ndim(v))))})


def test_a_noise_corrected_cosine_is_the_mean_overlap_over_the_roots_of_mean_signals():
    signal, overlap = np.array([0.1, 0.2, 0.12, 0.14]), np.array([0.15, 0.2, 0.25, 0.2])
    found = mean_cosine(networks(signal=signal, overlap=overlap, other_signal=0.9))
    wanted = overlap.mean() / np.sqrt(signal.mean() * 0.9)
    assert found["noise_corrected"] == pytest.approx(wanted)
    left = [np.delete(overlap, n).mean() / np.sqrt(np.delete(signal, n).mean() * 0.9) for n in range(4)]
    half = stats.t.ppf(0.975, 3) * np.sqrt(3 * np.var(left))
    assert (found["low"], found["high"]) == pytest.approx((wanted - half, wanted + half))
    assert found["uncorrected"] == pytest.approx(0.2)


def test_a_signal_that_noise_hides_is_not_divided_by():
    found = mean_cosine(networks(signal=np.array([0.3, -0.2, 0.1, -0.1])))
    assert found["networks"] == 4
    assert np.isnan(found["noise_corrected"])
    assert found["uncorrected"] == pytest.approx(0.2)
    assert np.isnan(mean_cosine(networks(signal=np.array([0.1, 0.1])))["noise_corrected"]), "two networks"
    nothing = mean_cosine(networks(cosine=np.array([np.nan, np.nan])))
    assert nothing["networks"] == 0


def test_several_snapshots_of_a_network_count_once():
    twice = networks(signal=np.array([0.1, 0.2, 0.12, 0.14]))
    both = pd.concat([twice, twice])
    assert mean_cosine(both)["high"] == pytest.approx(mean_cosine(twice)["high"])
