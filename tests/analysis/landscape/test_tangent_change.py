"""How learning changed gradients: as autograd has it, and the limit in which learning is lazy."""

import torch

from analysis.landscape.slow_gradients import AT, gradients, kernel, made, outputs, trials
from random_numbers import noise
from small_runs import BATCH, ON, UNITS
from threefactor.analysis.landscape.tangent_change import tangent_change
from threefactor.analysis.landscape.tangent_kernel import (
    tangent_kernel_alignment,
    tangent_kernel_growth,
)

CHANGE = (
    noise(BATCH, UNITS, UNITS, seed=9) * torch.tensor([1, 1, 0, 1, 1.0])[:, None]
)  # none onto clamped units


def learned(size, connectivity="dense"):
    """Return networks before and after a change of their weights."""
    initial = made(ON, "tanh", connectivity)
    change = CHANGE if initial.exists is None else CHANGE * initial.exists
    return initial, initial._replace(weights=initial.weights + size * change)


def test_every_part_is_that_of_the_gradients_by_autograd():
    initial, final = learned(0.3, "sparse")
    found = tangent_change(initial, final, trials(), AT)
    before, after = gradients(initial), gradients(final)
    step = outputs(final, final.weights) - outputs(initial, initial.weights)
    residual = step - torch.einsum("bqij,bij->bq", before, final.weights - initial.weights)
    norms = before.flatten(1).norm(dim=1) * after.flatten(1).norm(dim=1)
    kernels = [kernel(one) for one in (initial, final)]
    torch.testing.assert_close(found.gradient, (before * after).sum((1, 2, 3)) / norms)
    torch.testing.assert_close(found.residual, residual.norm(dim=1) / step.norm(dim=1))
    torch.testing.assert_close(found.kernel, tangent_kernel_alignment(*kernels))
    torch.testing.assert_close(found.growth, tangent_kernel_growth(*kernels))
    assert (found.gradient < 0.99).all()


def test_small_changes_are_lazy():
    """The residual is of the order of the change, what cosines lack of one is of its square."""
    near, nearer = (tangent_change(*learned(size), trials(), AT) for size in (2e-3, 1e-3))
    torch.testing.assert_close(
        near.residual / nearer.residual, torch.full((BATCH,), 2.0).double(), rtol=0.02, atol=0
    )
    for name in ("gradient", "kernel"):
        lack, less = (1 - getattr(one, name) for one in (near, nearer))
        torch.testing.assert_close(lack / less, torch.full((BATCH,), 4.0).double(), rtol=0.04, atol=0)


def test_the_order_of_units_matters_to_gradients_but_not_to_kernels():
    initial = made(ON, "tanh", "dense")
    order = torch.tensor([3, 0, 2, 4, 1])  # the clamped unit stays
    final = initial._replace(
        weights=initial.weights[:, order][:, :, order],
        input_weights=initial.input_weights[:, order],
        output_weights=initial.output_weights[:, :, order],
    )
    found = tangent_change(initial, final, trials(), AT)
    torch.testing.assert_close(found.kernel, torch.ones(BATCH).double())
    torch.testing.assert_close(found.growth, torch.ones(BATCH).double())
    assert (found.gradient < 0.9).all()


def test_without_any_change_nothing_is_known_of_the_residual():
    initial, final = learned(0.0)
    found = tangent_change(initial, final, trials(), AT)
    assert found.residual.isnan().all()
    torch.testing.assert_close(found.gradient, torch.ones(BATCH).double())
