"""What contradicts itself in the settings under which networks learn: those of the experiment, or of a condition."""

from collections.abc import Iterator
from typing import Any

from threefactor.experiment.settings import criterion, network, perturbation, plasticity, task


def conflicts(settings: Any) -> Iterator[str]:
    """Yield a line for each key that does not fit the others: its value, and what it must be."""
    for block in (task, network, perturbation, plasticity, criterion):
        yield from block.conflicts(settings)
