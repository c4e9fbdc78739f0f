"""What stages compute, written to files."""

import json
import time

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import torch

from threefactor.pipeline.storage import outputs


def test_a_wrong_type_writes_nothing(tmp_path):
    good, bad = tmp_path / "good.json", tmp_path / "bad.csv"
    with pytest.raises(TypeError, match=r"bad\.csv: a dict cannot be written, a DataFrame"):
        outputs.save({good: {"a": 1}, bad: {"a": 1}})
    assert list(tmp_path.iterdir()) == []


def test_tables_come_back_to_the_last_digit(tmp_path):
    table = pd.DataFrame({"rule": ["a", "NA"], "x": [0.1 + 0.2, np.nan], "n": [1, 2], "ok": [True, False]})
    outputs.save({tmp_path / "t.csv": table})
    pd.testing.assert_frame_equal(outputs.read_table(tmp_path / "t.csv"), table, check_exact=True)


def test_json_has_null_for_what_is_not_a_number(tmp_path):
    outputs.save({tmp_path / "s.json": {"a": float("nan"), "b": [np.float32(0.5), torch.tensor(3)]}})
    assert json.loads((tmp_path / "s.json").read_text()) == {"a": None, "b": [0.5, 3]}


@pytest.mark.parametrize("suffix", ["svg", "pdf", "png"])
def test_equal_figures_are_equal_bytes(tmp_path, suffix):
    for name in ("a", "b"):
        figure, axes = plt.subplots()
        axes.plot([1, 2], [3, 4], clip_on=True, label="$x$")
        axes.legend()
        outputs.save({tmp_path / f"{name}.{suffix}": figure})
        plt.close(figure)
        time.sleep(1.1 if suffix != "png" and name == "a" else 0)  # a date would differ
    assert (tmp_path / f"a.{suffix}").read_bytes() == (tmp_path / f"b.{suffix}").read_bytes()
