"""Where a killed job left off."""

import threading
import time

import pytest
import torch

from pipeline.storage.full_disk import full_disk
from threefactor.pipeline.storage.checkpoint import Checkpoint, alone
from threefactor.pipeline.storage.trees import flatten, restore

CPU = torch.device("cpu")


def restored(saved):
    return restore({}, saved.load(CPU))


def test_a_checkpoint_survives_a_full_disk(tmp_path):
    saved = Checkpoint(tmp_path / "c.checkpoint", "one")
    with full_disk():
        saved.save(flatten({"x": torch.ones(2)}))
        with pytest.raises(OSError, match="too large"):
            saved.save(flatten({"x": torch.ones(100_000)}))
    assert torch.equal(restored(saved)["x"], torch.ones(2))


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
