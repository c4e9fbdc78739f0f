"""The best rule has the smallest restricted mean over all levels."""

import pandas as pd
import pytest

from threefactor.analysis.solutions.best_rule import restricted_means

MEANS = {"theta_33": [100.0, 900.0], "learned": [300.0, 500.0], "bptt": [5.0, 9.0], "theta_11": [1.0, None]}


def test_the_best_rule_comes_first_and_others_do_not_count():
    rows = [
        (rule, level, mean)
        for rule, means in MEANS.items()
        for level, mean in zip((0.7, 0.5), means, strict=True)
    ]
    levels = pd.DataFrame(rows, columns=["learning_rule", "level", "restricted_mean"])
    found = restricted_means(levels, {"theta_33", "learned", "theta_11", "theta_99"})
    assert found.to_dict() == pytest.approx({"learned": 400.0, "theta_33": 500.0})
    assert list(found.index) == ["learned", "theta_33"]
    assert restricted_means(levels, {"theta_11"}).empty
