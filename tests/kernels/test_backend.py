"""Which backend runs."""

import pytest
import torch

from threefactor.kernels import scans
from threefactor.kernels.backend import choose, using

pytest.importorskip("numba")


def test_compiled_code_takes_real_numbers_of_one_precision():
    assert choose(torch.zeros(1)) == choose(torch.zeros(1).double(), torch.zeros(1) > 0) == "cpu"
    for tensors in (
        (torch.zeros(1), torch.zeros(1).double()),
        (torch.zeros(1).half(),),
        (torch.zeros(1, dtype=torch.int64),),
        (torch.zeros(1), torch.zeros(1, dtype=torch.complex64)),
    ):
        assert choose(*tensors) == "torch"
    weights, drive = torch.zeros(1, 32, 32).double(), torch.zeros(1, 3, 32)
    with pytest.raises(RuntimeError, match=r"same dtype|scalar type"):
        scans.scan(weights, drive, drive[:, 0], torch.zeros(32) > 0, 0.1)


def test_what_autograd_records_is_pytorchs_whatever_is_asked_for():
    recorded = torch.zeros(1, requires_grad=True)
    with using("cpu"):
        assert choose(recorded) == "torch"
        with torch.no_grad():
            assert choose(recorded) == "cpu"


def test_a_backend_that_is_asked_for_is_used_inside_the_block_alone():
    with using("torch"):
        assert choose(torch.zeros(1)) == "torch"
        with using("cuda"):
            assert choose(torch.zeros(1)) == "cuda"
        assert choose(torch.zeros(1)) == "torch"
    assert choose(torch.zeros(1)) == "cpu"
