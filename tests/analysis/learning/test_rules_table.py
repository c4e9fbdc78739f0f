"""The table of rules for readers: what stands in each cell."""

import numpy as np

from made import crossed
from threefactor.analysis.learning.endings import ENDINGS
from threefactor.analysis.learning.rules_table import RuleFacts, rules_table
from threefactor.analysis.solutions.comparison_columns import LEVELS

FACTS = {
    "rflo": RuleFacts(
        "RFLO", "error", True, "Murray 2019",
        {"learning_rules.rflo.learning_rate": 0.0123456, "plasticity.clip": 3e-05},
    ),
    "bptt": RuleFacts("BPTT", "gradient", False, "", {}),
}  # fmt: skip


def levels():
    return crossed(
        LEVELS,
        learning_rule=["bptt", "rflo"],
        level=[0.5, 0.35],
        networks=12,
        reached=lambda table: np.where(table.level == 0.5, 11, 3),
        restricted_mean=lambda table: 1000 * table.level + np.where(table.learning_rule == "rflo", 50.4, 0),
        restricted_mean_low=99.6,
        restricted_mean_high=601.2,
    )


def endings():
    return crossed(
        ENDINGS,
        learning_rule=["bptt", "rflo"],
        error=lambda table: np.where(table.learning_rule == "rflo", 0.12345, np.nan),
    )


def test_a_row_per_rule_says_what_is_known_of_it():
    found = rules_table(FACTS, levels(), endings()).to_dict("records")
    assert found == [
        {
            "learning rule": "RFLO",
            "has access to": "error",
            "local": "yes",
            "source": "Murray 2019",
            "constants": "learning rate 0.0123, clip 3e-05",
            "trials to 0.5": "550 [100, 601], 11 of 12",
            "trials to 0.35": "400 [100, 601], 3 of 12",
            "error at the end": "0.123",
        },
        {
            "learning rule": "BPTT",
            "has access to": "gradient",
            "local": "no",
            "source": "",
            "constants": "",
            "trials to 0.5": "500 [100, 601], 11 of 12",
            "trials to 0.35": "350 [100, 601], 3 of 12",
            "error at the end": "nan",
        },
    ]
