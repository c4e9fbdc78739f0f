"""Normal numbers for tests."""

import torch


def noise(*shape, seed=0):
    """Draw normal numbers of double precision, the same for the same seed."""
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
