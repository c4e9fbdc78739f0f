"""One trial of one network: what comes in, what the units do, and what its synapses remember."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from threefactor.plotting import palette, style

Array = NDArray[np.float64]

RARE = 0.5
"""Share of perturbed steps up to which perturbations are marked."""


class OneTrial(NamedTuple):
    """What is drawn of one trial; times in ms since trial onset, other quantities without unit."""

    time: Array  # t
    inputs: Array  # t c
    rate: Array  # t u, rates of the chosen units
    deviation: Array  # t u, old trace minus new state
    perturbation: Array  # t u, jump of the state, zero where there was none
    units: Array  # u, indices of the chosen units
    output: Array  # t o
    target: Array  # t o
    window: Array  # t, positive in the response window
    eligibility: Array  # i j, onto i from j
    error: Array  # h, mean |y - y*| of this network in each trial of its training
    periods: Mapping[str, tuple[float, float]]  # onset and end, ms
    trial_type: str
    rule: str  # that trained the network


def inputs(ax: Axes, data: OneTrial) -> Axes:
    """Draw the input channels, one above the other, and name the periods."""
    style.periods(ax, data.periods)
    channels = data.inputs.shape[1]
    height = (0.4 if (data.inputs < 0).any() else 0.8) / max(1.0, float(np.abs(data.inputs).max()))
    for c, channel in enumerate(data.inputs.T):
        colour = palette.INPUTS[c % len(palette.INPUTS)]
        ax.fill_between(data.time, c + height * channel, c, step="pre", color=colour, lw=0.8, alpha=0.8)
    ax.set(title=f"Inputs of trial type {data.trial_type}", ylabel="channel", yticks=range(channels))
    ax.set_yticklabels([f"u{c}".translate(palette.SUBSCRIPTS) for c in range(channels)])
    for name, (onset, end) in data.periods.items():
        words = name.replace("_", " ")
        ax.text((onset + end) / 2, channels, words, ha="center", va="bottom", color="0.4", fontsize=6)
    ax.set_ylim(None, channels + 0.5)
    return ax


def rates(ax: Axes, data: OneTrial) -> Axes:
    """Draw the rates of the chosen units."""
    ax.plot(data.time, data.rate, color="0.35", lw=0.9)
    ax.set(title="Rates of a few units", ylabel="rate r", ylim=(-1.05, 1.05 * max(1, data.rate.max())))
    return ax


def deviations(ax: Axes, data: OneTrial) -> Axes:
    """Draw the deviations of the chosen units, shifted apart, each sparse perturbation marked."""
    step = 1.3 * max(float(np.abs(data.deviation).max()), 1e-9)
    are_sparse = np.mean(data.perturbation != 0) < RARE
    for at, (line, jump) in enumerate(zip(data.deviation.T, data.perturbation.T, strict=True)):
        hit = jump != 0
        ax.axhline(at * step, color="0.85", lw=0.6)
        ax.plot(data.time, line + at * step, color=palette.colour("theta_33"), lw=0.9)
        if are_sparse:
            ax.plot(
                data.time[hit],
                line[hit] + at * step,
                "v",
                color=palette.MARK,
                ms=3.5,
                label="" if at else "perturbation",
            )
    ax.set(title=r"Deviation Δx = old trace − new state", ylabel=f"unit (distance = {step:.2f})")
    ax.set(yticks=step * np.arange(len(data.units)), yticklabels=[f"{unit:.0f}" for unit in data.units])
    if are_sparse:
        ax.legend(loc="upper right", bbox_to_anchor=(1, 1.16), borderaxespad=0, handletextpad=0)
    return ax


def output(ax: Axes, data: OneTrial) -> Axes:
    """Draw the output against its target, which counts in the response window."""
    inside = data.window > 0
    ax.axvspan(*_ends(data.time[inside]), color="0.93", lw=0)
    for o, (y, target) in enumerate(zip(data.output.T, data.target.T, strict=True)):
        dashes = palette.OUTPUTS[o % len(palette.OUTPUTS)]
        several = f"{o}".translate(palette.SUBSCRIPTS) if data.output.shape[1] > 1 else ""
        ax.plot(data.time, y, color=palette.colour("theta_33"), ls=dashes, label=f"output y{several}")
        ax.plot(data.time[inside], target[inside], color=palette.MARK, lw=2, label="" if o else "target y*")
    ax.set(title="Output", xlabel="time since trial onset (ms)", ylabel="output y", ylim=(-1.15, 1.15))
    ax.legend(loc="lower left", ncols=2)
    return ax


def eligibility(ax: Axes, data: OneTrial) -> Axes:
    """Draw the eligibility of every synapse at the end of the trial."""
    bound = max(float(np.quantile(np.abs(data.eligibility), 0.995)), 1e-30)
    image = ax.imshow(data.eligibility, cmap=palette.DIVERGING, vmin=-bound, vmax=bound)
    ax.set(title="Eligibility at the end of the trial", xlabel="from unit j", ylabel="onto unit i")
    ax.figure.colorbar(image, ax=ax, shrink=0.8, label="eligibility e (ms)", extend="both")
    return ax


def training(ax: Axes, data: OneTrial) -> Axes:
    """Draw the error of this network in every trial of its training."""
    trained = np.isfinite(data.error)
    ax.plot(np.flatnonzero(trained) + 1, data.error[trained], ".", ms=1.5, color=palette.colour("theta_33"))
    ax.set(
        title=f"Training by {palette.label(data.rule)}",
        xlabel="trial",
        ylabel="error, mean |y − y*|",
        ylim=(0, None),
    )
    return ax


def _ends(time: Array) -> tuple[float, float]:
    return (float(time[0]), float(time[-1])) if len(time) else (0.0, 0.0)
