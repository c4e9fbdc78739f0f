"""The proximal step."""

import pytest
import torch

from threefactor.metalearning import proximal


def test_sparsity_that_leaves_nothing_says_so():
    with pytest.raises(FloatingPointError, match="no term of theta is left"):
        proximal.shrink(torch.tensor([0.1, -0.2]), torch.tensor(0.3))
