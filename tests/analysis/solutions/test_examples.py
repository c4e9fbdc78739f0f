import pandas as pd

from threefactor.analysis.solutions.examples import examples


def test_the_same_network_of_all_rules_with_known_fixed_points_after_the_longest_training():
    rows = [("a", 0, 900, 1.0), ("a", 1, 300, 1.0), ("a", 2, 400, 2.0), ("b", 1, 200, 1.0)]
    rows += [("b", 2, 250, 1.0), ("c", 0, 100, 1.0), ("c", 1, 100, None), ("c", 2, 150, None)]
    names = ["learning_rule", "network", "trials", "stable_fixed_points"]
    table = pd.DataFrame(rows, columns=names)
    assert examples(table[table.learning_rule != "c"]) == {"a": 2, "b": 2}
    assert examples(table)["c"] == 2, "of those known under as many rules, the one that took longest"
    assert examples(table.iloc[:0]) == {}
