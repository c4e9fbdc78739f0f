"""What comes back to the states of a trial: compiled code equals PyTorch, for sizes on either side of every tile."""

import pytest
import torch

from kernels.test_eligibility_vjp import ODD, SIZES, close, problem
from threefactor.kernels import state_vjp
from threefactor.kernels.activation import ACTIVATIONS
from threefactor.kernels.torch import state_vjp as reference

pytest.importorskip("numba")


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
@pytest.mark.parametrize("decay", [0.0, 0.9, 1.0])
def test_onto_states(decay, dtype):
    for batch, units, steps in SIZES:
        _, _, deviation, rate, _, _, adjoint = problem(batch, units, steps, ODD, dtype)
        rates = torch.cat([rate, rate[:, :1]], 1)
        for activation in ACTIVATIONS:
            given = rates, deviation.flip(1), deviation.flip(2), deviation, adjoint[:, 0], decay, activation
            found = state_vjp.onto_states(*given)
            assert close(found, reference.onto_states(*given), dtype)
