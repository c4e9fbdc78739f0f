"""Panels of a rule: its coefficients, and the function of rate and deviation that they define."""

from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import SymLogNorm
from numpy.typing import NDArray

from threefactor.plotting import palette

Array = NDArray[np.float64]


class Coefficients(NamedTuple):
    """The coefficients of one rule: a grid of powers, NaN where a term is not part of the rule."""

    name: str
    grid: Array  # k l


class Surface(NamedTuple):
    """The rate at which eligibility grows, as a function of presynaptic rate and postsynaptic deviation."""

    name: str
    rate: Array  # r
    deviation: Array  # d
    growth: Array  # r d, scaled to a largest modulus of one
    unit: str = ""  # of the deviation, where it has one


def grid(ax: Axes, data: Coefficients) -> Axes:
    """Draw θ as a grid, powers of the rate downward and of the deviation to the right, with its values."""
    bound = max(float(np.nanmax(np.abs(data.grid), initial=0.0)), 1e-12)
    ax.imshow(data.grid, cmap=palette.DIVERGING, vmin=-bound, vmax=bound)
    for pre, post in np.argwhere(np.isfinite(data.grid)):
        value = data.grid[pre, post]
        dark = "white" if abs(value) > 0.6 * bound else "black"
        ax.text(post, pre, _short(value), ha="center", va="center", fontsize=5.6, color=dark)
    powers = range(len(data.grid))
    ax.set(
        title=data.name,
        xlabel="power l of Δx",
        ylabel="power k of r",
        xticks=powers,
        yticks=powers,
    )
    return ax


def surface(ax: Axes, data: Surface) -> Axes:
    """Draw H(r, Δx) = Σ θ_kl Δx^l r^k."""
    image = ax.pcolormesh(
        data.deviation,
        data.rate,
        data.growth,
        cmap=palette.DIVERGING,
        norm=SymLogNorm(0.01, vmin=-1, vmax=1),
        rasterized=True,
    )
    ax.contour(data.deviation, data.rate, data.growth, levels=[0], colors="0.4", linewidths=0.5)
    ax.set(
        title=data.name,
        xlabel=f"deviation Δx ({data.unit})" if data.unit else "deviation Δx",
        ylabel="rate r",
    )
    ax.figure.colorbar(
        image, ax=ax, label="H / max |H|", ticks=[-1, -0.1, -0.01, 0, 0.01, 0.1, 1], format="{x:g}"
    )
    return ax


def _short(value: float) -> str:
    """Write a coefficient in few characters."""
    if value == 0:
        return "0"
    if 0.005 <= abs(value) < 1000:
        word = f"{value:.2f}" if abs(value) < 10 else f"{value:.0f}"
    else:
        size = int(np.floor(np.log10(abs(value))))
        word = f"{value / 10.0**size:.0f}e{size}"
    return word.replace("-", "−")
