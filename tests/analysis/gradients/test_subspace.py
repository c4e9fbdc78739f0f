"""The best combination of monomials, and that it is fitted to other networks."""

import numpy as np
import pandas as pd
import pytest

from threefactor.analysis.gradients import subspace


def test_the_best_rule_finds_the_combination_that_follows_the_gradient():
    """Three monomials in a plane; the gradient is g = a - 2 b, plus a part outside: the cosine is known."""
    rng = np.random.default_rng(3)
    outside, sizes = 1.5, {"term_11": 1.0, "term_13": 5.0, "term_22": 0.2}
    rows, pairs = [], []
    for network in range(5):
        basis = np.linalg.qr(rng.normal(size=(40, 4)))[0].T
        a, b, c, out = basis
        vectors = {"term_11": a, "term_13": 5.0 * (b + 0.3 * a), "term_22": 0.2 * c}
        gradient = a - 2 * b + outside * out
        place = {"learning_rule": "theta_33", "network": network, "snapshot": 0, "trial_type": "all"}

        def cosine(x, y):
            return x @ y / np.linalg.norm(x) / np.linalg.norm(y)

        for name, v in vectors.items():
            own = cosine(v, gradient)
            size = np.linalg.norm(v)
            rows.append({**place, "compared": name, "cosine": own, "overlap": own, "signal": 1.0,
                         "gradient_signal": 1.0, "update_norm": size})  # fmt: skip
        for first, second in (("term_11", "term_13"), ("term_13", "term_22"), ("term_22", "term_11")):
            both = cosine(vectors[first], vectors[second])
            pairs.append({**place, "first": first, "second": second, "cosine": both, "overlap": both})
    assert set(sizes) == {"term_11", "term_13", "term_22"}
    found = subspace.best_rules(pd.DataFrame(rows), pd.DataFrame(pairs)).set_index("learning_rule")
    wanted = np.sqrt(5 / (5 + outside**2))
    assert found.terms.to_dict() == {"best_odd": 2, "best_polynomial": 3}
    assert found.noise_corrected["best_polynomial"] == pytest.approx(wanted, rel=1e-4)
    assert found.uncorrected["best_odd"] == pytest.approx(wanted, rel=1e-4)


def test_the_best_rule_is_fitted_to_other_networks():
    """Two snapshots of a network are left out together: each network prefers a monomial of its own."""
    rows, pairs = [], []
    for network, snapshot in ((0, 0), (0, 1), (1, 0), (1, 1)):
        place = {"learning_rule": "theta_33", "network": network, "snapshot": snapshot, "trial_type": "all"}
        for term, liked in (("term_11", 0), ("term_13", 1)):
            own = 0.9 if network == liked else 0.0
            rows.append({**place, "compared": term, "cosine": own, "overlap": own, "signal": 1.0,
                         "gradient_signal": 1.0, "update_norm": 1.0})  # fmt: skip
        pairs.append({**place, "first": "term_11", "second": "term_13", "cosine": 0.0, "overlap": 0.0})
    found = subspace.best_rules(pd.DataFrame(rows), pd.DataFrame(pairs)).iloc[0]
    assert found.uncorrected == pytest.approx(0, abs=1e-5), "what fits the other network does nothing here"
