"""The figure of `python -m threefactor learn`: how a small batch learns, and what one network does then."""

from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from threefactor.plotting import palette, style

Array = NDArray[np.float64]

HEADROOM = 1.25
"""Height of a panel over that of its curves, so that the legend lies above them."""


class FirstLook(NamedTuple):
    """What is drawn; times in ms, the rest without unit."""

    curve: Array  # b h, error of each network over trials, smoothed, held after stopping
    trials_to_criterion: Array  # b, NaN where it was not reached
    time: Array  # t
    trial_types: tuple[str, ...]  # trial types, y
    output: Array  # y t, of several outputs that which should be largest
    target: Array  # y, of that output
    window: Array  # t, positive in the response window
    rates: Array  # y t n, of a few units
    largest_other: Array | None = None  # y t, largest of the other outputs; None where there is one output


def learning(ax: Axes, data: FirstLook) -> Axes:
    """Draw the error of every network over trials, and their median."""
    trials = np.arange(1, data.curve.shape[1] + 1)
    ax.plot(trials, data.curve.T, color="0.75", lw=0.7)
    ax.plot(trials, np.median(data.curve, axis=0), color=palette.colour("theta_33"), lw=1.8, label="median")
    reached = np.isfinite(data.trials_to_criterion)
    when = data.trials_to_criterion[reached].astype(int)
    ax.plot(
        when, data.curve[reached, when - 1], "o", ms=3, color=palette.colour("theta_33"), label="at criterion"
    )
    ax.set(
        title=f"Learning: {len(when)} of {len(data.curve)} networks at criterion",
        xlabel="trial",
        ylabel="mean |y − y*|",
    )
    ax.set_ylim(0, HEADROOM * np.nanmax(data.curve))
    ax.legend(loc="upper right", ncols=2)
    return ax


def outputs(ax: Axes, data: FirstLook) -> Axes:
    """Draw the output in a trial of each type; the target stands in the response window."""
    inside = data.time[data.window > 0]
    ax.axvspan(inside[0], inside[-1], color="0.93", lw=0)
    for y, trial_type in enumerate(data.trial_types):
        colour = palette.INPUTS[y % len(palette.INPUTS)]
        ax.plot(data.time, data.output[y], color=colour, label=trial_type)
        if data.largest_other is not None:
            ax.plot(data.time, data.largest_other[y], color=colour, ls="--", lw=0.7)
        ax.plot(inside[[0, -1]], [data.target[y]] * 2, color=colour, ls=":", lw=1)
    several = "" if data.largest_other is None else ": right, largest other (dashed)"
    ax.set(title=f"One network: output{several}", xlabel="time (ms)", ylabel="output y")
    ax.set(ylim=(-1.1, 1.9), yticks=(-1, 0, 1))
    ax.legend(loc="upper left", ncols=4, title="trial type", columnspacing=1, handlelength=1.2)
    return ax


def rates(ax: Axes, data: FirstLook, y: int) -> Axes:
    """Draw the rates of a few units in a trial of type y."""
    ax.plot(data.time, data.rates[y], lw=0.9)
    ax.set(
        title=f"Rates, trial type {data.trial_types[y]}",
        xlabel="time (ms)",
        ylabel="rate r",
        ylim=(-1.1, 1.1 * max(1, data.rates[y].max())),
    )
    return ax


def page(data: FirstLook, title: str, dpi: float) -> Figure:
    """Lay out the figure, under a title that says what learned, what, and from which seed."""
    with style.look():
        figure = style.sheet(7.2, 5.2, dpi)
        figure.suptitle(title, fontsize=10)
        axes = figure.subplots(2, 2)
        learning(axes[0, 0], data)
        outputs(axes[0, 1], data)
        rates(axes[1, 0], data, 0)
        rates(axes[1, 1], data, 1 % len(data.trial_types))
    return figure
