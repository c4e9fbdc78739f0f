"""Files appear whole or not at all, and equal content is equal bytes."""

import contextlib
import json
import resource
import threading
import time

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import torch

from threefactor.pipeline.storage import arrays, outputs
from threefactor.pipeline.storage.checkpoint import Checkpoint, alone
from threefactor.pipeline.storage.trees import flatten, restore
from threefactor.pipeline.storage.whole import whole

CPU = torch.device("cpu")


def restored(saved):
    return restore({}, saved.load(CPU))


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


@contextlib.contextmanager
def full_disk():
    """Let no file grow beyond 64 KiB: the system then refuses to write, as it does on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (65536, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


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


def test_a_checkpoint_survives_a_full_disk(tmp_path):
    saved = Checkpoint(tmp_path / "c.checkpoint", "one")
    with full_disk():
        saved.save(flatten({"x": torch.ones(2)}))
        with pytest.raises(OSError, match="too large"):
            saved.save(flatten({"x": torch.ones(100_000)}))
    assert torch.equal(restored(saved)["x"], torch.ones(2))


def test_broken_arrays_are_an_error_of_the_system_that_names_the_file(tmp_path):
    (tmp_path / "a.safetensors").write_bytes(b"no arrays")
    with pytest.raises(OSError, match="safetensors: ") as raised:
        arrays.load(tmp_path / "a.safetensors")
    assert raised.value.filename == str(tmp_path / "a.safetensors")


def test_a_wrong_type_writes_nothing(tmp_path):
    good, bad = tmp_path / "good.json", tmp_path / "bad.csv"
    with pytest.raises(TypeError, match=r"bad\.csv: a dict cannot be written, a DataFrame"):
        outputs.save({good: {"a": 1}, bad: {"a": 1}})
    assert list(tmp_path.iterdir()) == []


def test_array_bytes_depend_on_the_arrays_alone(tmp_path):
    one, other = torch.arange(6.0).reshape(2, 3), torch.tensor([True, False])
    arrays.save(tmp_path / "a.safetensors", {"x": one, "y": other}, {"p": 1, "q": 2, "r": 3})
    arrays.save(tmp_path / "b.safetensors", {"y": other, "x": one}, {"r": 3, "q": 2, "p": 1})
    assert (tmp_path / "a.safetensors").read_bytes() == (tmp_path / "b.safetensors").read_bytes()
    assert arrays.metadata(tmp_path / "a.safetensors") == {"p": 1, "q": 2, "r": 3}


def test_arrays_come_back_as_they_were(tmp_path):
    square = torch.randn(3, 3, dtype=torch.float64)
    given = {"turned": square.T, "half": square[:2], "numpy": np.arange(4), "scalar": torch.tensor(2)}
    arrays.save(tmp_path / "a.safetensors", given)
    found = arrays.load(tmp_path / "a.safetensors")
    assert all(torch.equal(found[name], torch.as_tensor(value)) for name, value in given.items())


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


def test_a_checkpoint_of_other_code_or_settings_is_discarded(tmp_path):
    path = tmp_path / "c.checkpoint"
    Checkpoint(path, "one").save(flatten({"x": torch.ones(2)}))
    assert torch.equal(restored(Checkpoint(path, "one"))["x"], torch.ones(2))
    assert Checkpoint(path, "other").load(CPU) is None
    assert not path.exists()


def test_a_second_process_waits_for_the_first(tmp_path):
    order = []

    def second():
        with alone(tmp_path / "lock"):
            order.append("second")

    with alone(tmp_path / "lock"):
        waiting = threading.Thread(target=second)
        waiting.start()
        time.sleep(0.2)
        order.append("first")
    waiting.join()
    assert order == ["first", "second"]
    assert not (tmp_path / "lock").exists()
