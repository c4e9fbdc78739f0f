"""Large tensors in huge pages: whole, apart from each other, and mapped at once where Linux has such pages."""

import resource
from pathlib import Path

import pytest
import torch

memory = pytest.importorskip("threefactor.kernels.cpu.memory")

SETTING = Path("/sys/kernel/mm/transparent_hugepage/enabled")


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("units", [7, 600])  # small, and large
def test_a_tensor_is_whole_and_overlaps_no_other(units, dtype):
    shape = (3, 5, units, units)
    one, other = (memory.empty(*shape, dtype=dtype) for _ in range(2))
    one.fill_(1)
    other.fill_(2)
    assert one.shape == other.shape == shape
    assert one.dtype == dtype
    assert one.is_contiguous()
    assert (one == 1).all()
    assert (other == 2).all()
    if units == 600:
        assert one.data_ptr() % memory.PAGE == 0


@pytest.mark.skipif(
    not SETTING.exists() or "[never]" in SETTING.read_text(), reason="this system has no huge pages"
)
def test_a_large_tensor_is_mapped_in_few_pages():
    def faults(make):
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        make().fill_(1)
        return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

    size = 256 * 2**20  # bytes: more than the heap has left from other tests
    assert faults(lambda: memory.empty(size // 4, dtype=torch.float32)) < size / 4096 / 10
