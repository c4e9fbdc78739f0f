"""The figures of a saved run."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.show import OURS, digits
from threefactor.plotting import style

Row = dict[str, Any]
NAMES = {
    "forward": "Forward",
    "tangents": "Tangents",
    "reverse": "Reverse",
    "bptt": "BPTT",
    "learning_run": "Learning run",
}
COLOURS = {
    OURS: "#D55E00",
    "JAX products": "#0072B2",
    "JAX scan": "#56B4E9",
    "torch.func jvp + vmap": "#CC79A7",
    "eager torch, in place": "#009E73",
    "eager torch, einsum": "#666666",
    "eager torch, double loop": "#999999",
}
AXES = {
    "units": "units N",
    "steps": "steps T of a trial",
    "coefficients": "coefficients P",
    "networks": "networks B",
    "trials": "trials of a learning run",
}
LINES = {
    "forward": "#0072B2",
    "tangents": "#D55E00",
    "reverse": "#009E73",
    "bptt": "#CC79A7",
    "learning_run": "#E69F00",
}
MARKS = {"forward": "o", "tangents": "s", "reverse": "^", "bptt": "v", "learning_run": "D"}


def speed(result: dict[str, Any]) -> Figure | None:
    """Draw the time of each peer in each piece, a row for each preset."""
    rows = [row for row in result["speed"]["rows"] if "ms" in row]
    pieces = [piece for piece in NAMES if any(row["piece"] == piece for row in rows)]
    presets = list(dict.fromkeys(row["preset"] for row in rows))
    if not rows:
        return None
    figure = style.sheet(2.0 * len(pieces) + 1.2, 1.9 * len(presets) + 0.2, 150)
    grid = figure.subplots(len(presets), len(pieces), squeeze=False)
    for line, preset in zip(grid, presets, strict=True):
        shown = _one_case([row for row in rows if row["preset"] == preset])
        peers = [peer for peer in COLOURS if any(row["peer"] == peer for row in shown)]
        for ax, piece in zip(line, pieces, strict=True):
            dots(ax, [row for row in shown if row["piece"] == piece], peers)
            ax.set_yticks(range(len(peers)), peers if piece == pieces[0] else [])
            ax.set_title(f"{NAMES[piece]}, {preset}")
    return figure


def dots(ax: Axes, rows: list[Row], peers: list[str]) -> Axes:
    """Draw a dot for each peer, and the floor of fused sums as a line; ms per trial and network."""
    for row in rows:
        at = peers.index(row["peer"])
        ax.plot(row["ms"], at, "o", color=COLOURS[row["peer"]], ms=6)
        ax.annotate(
            digits(row["ms"]), (row["ms"], at), (6, 0), textcoords="offset points", va="center", fontsize=6
        )
        if row["peer"] == OURS:
            ax.axvline(row["floor_fused"], color="0.3", lw=0.8, ls=":")
    ax.set(xscale="log", xlabel="ms per trial and network\n(dotted: floor)", ylim=(len(peers) - 0.5, -0.5))
    ax.grid(axis="y", color="0.9", lw=0.6)
    ax.margins(x=0.25)
    return ax


def scaling(result: dict[str, Any]) -> Figure | None:
    """Draw our time against each size."""
    rows = [row for row in result.get("scaling", []) if "ms" in row]
    if not rows:
        return None
    varied = list(dict.fromkeys(row["varied"] for row in rows))
    figure = style.sheet(2.2 * len(varied) + 0.4, 2.5, 150)
    grid = figure.subplots(1, len(varied), squeeze=False, sharey=True)[0]
    for ax, name in zip(grid, varied, strict=True):
        curves(ax, [row for row in rows if row["varied"] == name], "coefficients" if name == "grid" else name)
    grid[0].set_ylabel("ms per trial and network")
    named = {}
    for ax in grid:
        handles, labels = ax.get_legend_handles_labels()
        named |= dict(zip(labels, handles, strict=True))
    figure.legend(named.values(), named.keys(), loc="outside lower center", ncols=5)
    return figure


def curves(ax: Axes, rows: list[Row], size: str) -> Axes:
    """Draw a line for each piece against a size."""
    for piece in dict.fromkeys(row["piece"] for row in rows):
        line = [row for row in rows if row["piece"] == piece]
        ax.plot(
            [row[size] for row in line],
            [row["ms"] for row in line],
            marker=MARKS[piece],
            color=LINES[piece],
            label=NAMES[piece],
        )
    ax.set(xscale="log", yscale="log", xlabel=AXES[size])
    values = sorted({row[size] for row in rows})
    ax.set_xticks(values, [str(value) for value in values])
    ax.set_xticks([], minor=True)
    return ax


def _one_case(rows: list[Row]) -> list[Row]:
    """Return the rows of the case that stands for a preset: the dense grid of 16, the fewest networks."""
    chosen = [row for row in rows if row["grid"] == "4x4"] or rows
    fewest = min(row["networks"] for row in chosen)
    first = chosen[0]["grid"]
    return [row for row in chosen if row["networks"] == fewest and row["grid"] == first]
