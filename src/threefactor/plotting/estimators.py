"""Estimators of the meta-gradient compared with the truth: bias, and error by networks and by seconds."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import SymmetricalLogLocator

COLOURS = {
    "difference": "#000000",
    "pathwise": "#0072B2",
    "reverse": "#56B4E9",
    "evolution": "#009E73",
    "score_local": "#E69F00",
    "score_total": "#D55E00",
    "score_local_running": "#E69F00",
    "score_total_running": "#D55E00",
}
LABELS = {
    "difference": "central differences",
    "score_local": "score, local",
    "score_total": "score, total derivative",
    "score_local_running": "score, local, running baseline",
    "score_total_running": "score, total derivative, running baseline",
}
LINES = ("-", "--", ":", "-.")
RUNNING = "_running"


def label(estimator: str) -> str:
    """Return the name of an estimator as people write it."""
    return LABELS.get(estimator, estimator)


def share(ax: Axes, data: pd.DataFrame) -> Axes:
    """Draw the share of the gradient in the mean of score estimators by horizon; a line per noise.

    ``data`` is of `analysis.gradients.estimator_summaries.shares`.
    """
    for at, (_, part) in enumerate(data.groupby("noise", sort=False)):
        for place, (name, rows) in enumerate(part.groupby("estimator", sort=False)):
            x = rows.horizon * (1 + 0.03 * (place - 1.5) + 0.015 * at)
            error = [rows.share - rows.share_low, rows.share_high - rows.share]
            colour, line = COLOURS[str(name)], LINES[at % len(LINES)]
            mark = "s" if str(name).endswith(RUNNING) else "o"
            ax.errorbar(
                x,
                rows.share,
                error,
                fmt=mark,
                ls=line,
                color=colour,
                elinewidth=0.8,
                lw=1,
                ms=3.5,
                mfc="white" if at else colour,
            )
    ax.axhline(1, color="0.6", lw=0.6)
    ax.axhline(0, color="0.6", lw=0.6, ls=":")
    ax.set(xscale="log", xlabel="horizon (trials)", ylabel="mean / truth")
    horizons = sorted(set(data.horizon))
    ax.set_xticks(horizons, [str(h) for h in horizons])
    ax.minorticks_off()
    return ax


def bias(ax: Axes, data: pd.DataFrame) -> Axes:
    """Draw biases with their intervals, a row per estimator; marks by noise and source.

    ``data`` is of `analysis.gradients.estimator_summaries.biases`.
    """
    names = [name for name in COLOURS if name in set(data.estimator)]
    marks = list(dict.fromkeys(zip(data.source, data.noise, strict=True)))
    for name in names:
        for source, noise in marks:
            row = data[(data.estimator == name) & (data.source == source) & (data.noise == noise)]
            if not len(row) or row.bias.isna().all():
                continue
            y = names.index(name) + 0.17 * (marks.index((source, noise)) - (len(marks) - 1) / 2)
            known = source == "expected"
            first = noise == marks[0][1]
            face = COLOURS[name] if first else "white"
            ends = [row.low.iloc[0], row.high.iloc[0]]
            ax.plot(ends, [y, y], color=COLOURS[name], lw=1, alpha=1 if known else 0.6)
            ax.plot(row.bias.iloc[0], y, "D" if known else "o", color=COLOURS[name], ms=3, mfc=face)
    ax.axvline(0, color="0.6", lw=0.6)
    ax.set_yticks(range(len(names)), [label(name) for name in names])
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.set_xscale("symlog", linthresh=1)
    ax.xaxis.set_major_locator(SymmetricalLogLocator(base=100, linthresh=1))
    ax.set_xlabel("bias along the truth (share of it)")
    return ax


def error(ax: Axes, data: pd.DataFrame, across: str) -> Axes:
    """Draw the error by the number of ``networks`` or the ``seconds``; a line per noise.

    ``data`` is of `analysis.gradients.estimator_summaries.curves`.
    """
    for at, (_, part) in enumerate(data.groupby("noise", sort=False)):
        for name, rows in part.groupby("estimator", sort=False):
            colour = COLOURS[str(name)]
            ax.plot(rows[across], rows.relative, ls=LINES[at % len(LINES)], marker=".", color=colour, lw=1.2)
            if at == 0:
                ax.plot(rows[across], rows.relative_clipped, "x", color=colour, ms=3.5, alpha=0.7)
    ax.axhline(1, color="0.6", lw=0.6)
    ax.set(xscale="log", yscale="log", ylabel="error / |gradient|")
    ax.set_xlabel("networks" if across == "networks" else "seconds of one processor core (s)")
    return ax
