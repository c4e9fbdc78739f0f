import numpy as np
import pandas as pd

from threefactor.analysis.learning import coefficients


def test_growth_puts_k_on_the_rate_and_l_on_the_deviation():
    theta = np.zeros((3, 3))
    theta[1, 2] = -4.0
    rate, deviation = np.array([0.5, 1.0]), np.array([-1.0, 0.5, 0.1])
    expected = -4 * rate[:, None] * deviation**2
    assert np.allclose(coefficients.growth(theta, rate, deviation), expected / 4, rtol=1e-14)
    table = pd.DataFrame({"k": [1], "l": [2], "theta": [-4.0]})
    assert np.array_equal(np.nan_to_num(coefficients.as_grid(table, "theta")), theta)
