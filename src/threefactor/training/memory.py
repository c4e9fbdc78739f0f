"""What the memory of a learning rule can be made of: all that a checkpoint keeps, for as many networks as there are."""

from collections.abc import Iterator
from typing import Any

from torch import Tensor

from threefactor.declarations import ContractError

PLAIN = (bool, int, float, str, type(None))
"""What may stand beside tensors, and be a key."""

MADE_OF = "tensors (network first), numbers, texts, None, and tuples, lists and dicts of them"


def expect_memory(rule: str, memory: Any, networks: int) -> None:
    """Refuse a memory that would be lost.

    Parameters
    ----------
    rule
        Name of the learning rule, for the message.
    memory
        What its ``init`` or ``update`` returned.
    networks
        b, the length of the first axis of every tensor.

    Raises
    ------
    ContractError
        If it holds what a checkpoint cannot keep, or a tensor that has not one row a network.
    """
    for line in faults(memory, networks):
        raise ContractError(f"learning rule {rule!r}: {line}")


def faults(memory: Any, networks: int, place: str = "memory") -> Iterator[str]:
    """Yield a line for each part of a memory that would be lost; see `expect_memory`."""
    if isinstance(memory, Tensor):
        if memory.ndim == 0 or len(memory) != networks:
            yield f"{place} = tensor of shape {tuple(memory.shape)}: must have {networks} networks on its first axis"
    elif type(memory) in (list, tuple, dict) or hasattr(memory, "_fields"):
        names = memory if isinstance(memory, dict) else getattr(memory, "_fields", range(len(memory)))
        parts = memory.values() if isinstance(memory, dict) else memory
        for name, part in zip(names, parts, strict=True):
            if not isinstance(name, PLAIN):
                yield f"{place}: key {name!r}: must be a text, a number or None"
            yield from faults(part, networks, f"{place}.{name}")
    elif not isinstance(memory, PLAIN):
        yield f"{place} = {type(memory).__name__}: must be made of {MADE_OF}"
