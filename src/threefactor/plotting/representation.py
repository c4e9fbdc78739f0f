"""What networks represent, and when: trajectories and decoding."""

from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.image import AxesImage
from numpy.typing import NDArray

from threefactor.plotting import palette

Array = NDArray[np.float64]


class Trajectories(NamedTuple):
    """One network on its leading principal components."""

    rule: str
    network: int
    projection: Array  # y t c
    explained: Array  # c, fraction of variance
    trial_types: tuple[str, ...]
    points: Array  # f c, fixed points without input
    stable: NDArray[np.bool_]  # f


class CrossTemporal(NamedTuple):
    """Accuracy of a decoder trained at one time and tested at another."""

    rule: str
    time: Array  # t, ms
    accuracy: Array  # train t, test t
    chance: float


def trajectory(ax: Axes, data: Trajectories) -> Axes:
    """Draw the trials of one network on two components: circles at onset, squares at the end."""
    for y, path in enumerate(data.projection):
        colour = palette.INPUTS[y % len(palette.INPUTS)]
        ax.plot(
            path[:, 0],
            path[:, 1],
            color=colour,
            lw=1,
            label=data.trial_types[y] if y < len(data.trial_types) else str(y),
        )
        ax.plot(*path[0, :2], "o", color=colour, ms=3.5)
        ax.plot(*path[-1, :2], "s", color=colour, ms=3.5)
    # for the legend alone: the marks themselves have the colours of their trials
    ax.plot([], [], "o", color="0.3", ms=3.5, label="onset")
    ax.plot([], [], "s", color="0.3", ms=3.5, label="end of the trial")
    ax.plot(
        *data.points[data.stable, :2].T, "k*", ms=7, label="stable fixed point" if data.stable.any() else ""
    )
    free = ~data.stable
    ax.plot(
        *data.points[free, :2].T, "k*", mfc="white", mew=0.7, ms=7, label="unstable" if free.any() else ""
    )
    first, second = 100 * data.explained[:2]
    ax.set(title=f"{palette.label(data.rule)}, #{data.network}")
    ax.set(xlabel=f"PC 1 ({first:.0f} % of variance)", ylabel=f"PC 2 ({second:.0f} %)")
    ax.set_title(ax.get_title(loc="left"), color=palette.colour(data.rule))
    return ax


def cross_temporal(ax: Axes, data: CrossTemporal) -> AxesImage:
    """Draw the accuracy of decoders across time; returns the image, for a common colour bar."""
    ends = (0, float(data.time[-1]), 0, float(data.time[-1]))
    image = ax.imshow(
        data.accuracy, origin="lower", extent=ends, vmin=data.chance, vmax=1, cmap=palette.SEQUENTIAL
    )
    ax.set(title=palette.label(data.rule), xlabel="tested at (ms)", ylabel="trained at (ms)")
    ax.set_title(ax.get_title(loc="left"), color=palette.colour(data.rule))
    return image
