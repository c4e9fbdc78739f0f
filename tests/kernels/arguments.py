"""Arguments of the scans, of any size, with clamped units."""

from typing import Any

import torch
from torch import Tensor

LEAK = 0.1


def draw(name: str, units: int, count: int = 1, *, batch: int = 2, steps: int = 12, seed: int = 0) -> tuple:
    """Return the arguments of one scan in float32."""
    g = torch.Generator().manual_seed(seed)

    def normal(*shape: int) -> Tensor:
        return torch.randn(batch, *shape, generator=g)

    weights, clamped = 1.5 * normal(units, units) / units**0.5, torch.arange(units) % 7 == 2
    return {
        "scan": lambda: (weights, normal(steps, units), normal(units), clamped, LEAK),
        "tangent_scan": lambda: (
            weights,
            normal(steps, units),
            normal(steps, count, units),
            normal(count, units),
            clamped,
            LEAK,
        ),
        "adjoint_scan": lambda: (weights, normal(steps + 1, units), normal(steps + 1, units), clamped, LEAK),
        "trace_scan": lambda: (normal(steps, count, units), normal(count, units), 0.7),
    }[name]()


def double(arguments: tuple) -> tuple:
    """Return the arguments in float64."""
    return tuple(cast(x, torch.float64) for x in arguments)


def cast(value: Any, *to: Any) -> Any:
    """Return a bundle with its tensors elsewhere or in another precision, which integers and flags do not take."""
    if isinstance(value, Tensor):
        return value.to(*(x for x in to if value.is_floating_point() or not isinstance(x, torch.dtype)))
    if isinstance(value, list):
        return [cast(x, *to) for x in value]
    return type(value)(*(cast(x, *to) for x in value)) if hasattr(value, "_fields") else value


def results(found: Tensor | tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """Return the results of a scan as a tuple."""
    return found if isinstance(found, tuple) else (found,)


def close(found: Tensor | tuple[Tensor, ...], exact: Tensor | tuple[Tensor, ...], tolerance: float) -> bool:
    """Tell whether every result is within a part of the largest number; NaN is not."""
    pairs = zip(results(found), results(exact), strict=True)
    return all(bool((x - y).abs().max() < tolerance * y.abs().max()) for x, y in pairs)


def same(found: Tensor | tuple[Tensor, ...], other: Tensor | tuple[Tensor, ...]) -> bool:
    """Tell whether two results are bitwise equal."""
    return all(torch.equal(x, y) for x, y in zip(results(found), results(other), strict=True))
