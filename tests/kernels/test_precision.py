"""TF32 is for products that ask for it, and for nothing else."""

import pytest
import torch

from threefactor.kernels.precision import matmul


def now() -> str:
    return torch.backends.cuda.matmul.fp32_precision


@pytest.fixture(params=["ieee", "tf32"])
def around(request):
    """Set what the process allows around the block."""
    before = now()
    torch.backends.cuda.matmul.fp32_precision = request.param
    yield request.param
    torch.backends.cuda.matmul.fp32_precision = before


def test_products_are_exact_unless_asked(around):
    with matmul():
        assert now() == "ieee"
    with matmul(tf32=True):
        assert now() == "tf32"
        with matmul():
            assert now() == "ieee"
        assert now() == "tf32"
    assert now() == around


def test_an_exception_leaves_the_precision_as_it_was(around):
    with pytest.raises(ZeroDivisionError), matmul(tf32=around == "ieee"):
        raise ZeroDivisionError
    assert now() == around


def test_a_product_on_a_cpu_does_not_change():
    x = torch.randn(8, 8, generator=torch.Generator().manual_seed(0))
    with matmul(tf32=True):
        inside = x @ x
    assert torch.equal(inside, x @ x)
