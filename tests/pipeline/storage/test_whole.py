"""Files that appear whole or not at all."""

import contextlib
import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import torch

from pipeline.storage import killed_writer
from pipeline.storage.full_disk import full_disk
from threefactor.pipeline.storage import outputs
from threefactor.pipeline.storage.whole import whole


def test_all_files_appear_together_or_none(tmp_path):
    first, second = tmp_path / "a" / "first.txt", tmp_path / "second.txt"
    first.parent.mkdir()
    first.write_text("old")
    with contextlib.suppress(RuntimeError), whole([first, second]) as (one, two):
        one.write_text("new")
        two.write_text("new")
        raise RuntimeError
    assert first.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["a"], "nothing half written remains"
    with whole([first, second]) as (one, two):
        one.write_text("new")
        two.write_text("new")
        assert first.read_text() == "old", "no name changes before the block ends"
    assert first.read_text() == second.read_text() == "new"


@pytest.mark.parametrize(
    ("name", "large"),
    [
        ("b.csv", pd.DataFrame({"x": np.arange(1e5)})),
        ("b.safetensors", {"x": torch.zeros(100_000)}),
        ("b.json", {"x": list(range(100_000))}),
    ],
)
def test_a_full_disk_costs_nothing_that_was_there_and_is_named(tmp_path, name, large):
    old = {tmp_path / "a.txt": "old", tmp_path / name: type(large)({"x": [1.0]} if "csv" in name else {})}
    outputs.save(old)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with full_disk(), pytest.raises(OSError, match=r"cannot be written: .*too large") as raised:
        outputs.save({tmp_path / "a.txt": "new", tmp_path / name: large})
    assert raised.value.filename == str(tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_what_a_killed_process_left_is_swept_and_what_a_living_one_writes_is_not(tmp_path):
    place, other = tmp_path / "a[1].csv", tmp_path / f".a[1].csv.{os.getppid()}.partial"
    killed = subprocess.run([sys.executable, killed_writer.__file__, str(place)], check=False)
    assert killed.returncode == -9
    (left,) = tmp_path.iterdir()
    assert left.read_text() == "half"
    other.write_text("of a process that lives")
    outputs.save({place: pd.DataFrame({"x": [1.0]})})
    assert set(tmp_path.iterdir()) == {place, other}
