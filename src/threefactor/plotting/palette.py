"""One colour, one line and one name per learning rule, the same in every figure.

Colours are Okabe and Ito's, which stay apart under the common colour blindnesses, and two dark reds of Tol's;
where a rule began is dashed, and rules that this file does not know get a colour of Tol's muted scheme that depends on
their name alone.
"""

import re
import zlib
from collections.abc import Iterable

COLOURS = {
    "theta_33": "#0072B2",
    "theta_11": "#999999",
    "learned_theta33": "#D55E00",
    "learned_random": "#E69F00",
    "learned_standardised": "#CC3311",
    "learned_score": "#CC79A7",
    "start_learned_random": "#56B4E9",
    "start_learned_theta33": "#56B4E9",
    "node_perturbation": "#009E73",
    "rflo": "#882255",
    "eprop": "#661100",
    "bptt": "#000000",
}

OTHERS = ("#AA4499", "#332288", "#117733", "#DDCC77", "#88CCEE", "#999933", "#CC6677")

LABELS = {
    "node_perturbation": "node perturbation",
    "bptt": "BPTT",
    "rflo": "RFLO",
    "eprop": "e-prop",
    "force": "FORCE",
    "learned_score": "learned by score",
    "learned_standardised": "learned, standardised",
}

DIVERGING = "RdBu_r"
"""Colour map of signed quantities."""

SEQUENTIAL = "viridis"
"""Colour map of quantities that have no sign."""

INPUTS = ("#332288", "#CC79A7", "#117733", "#DDCC77", "#88CCEE", "#882255", "#44AA99", "#AA4499")
"""Colours of input channels and of trial types, which are no learning rules."""

OUTPUTS = ("-", "--", ":", "-.")
"""Line styles of outputs."""

SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def colour(rule: str) -> str:
    """Return the colour of a learning rule."""
    return COLOURS.get(rule) or OTHERS[zlib.crc32(rule.encode()) % len(OTHERS)]


def dashes(rule: str) -> str:
    """Return the line style of a learning rule: dashed where learning of the rule began."""
    return "--" if rule.startswith("start_") else "-"


def label(rule: str) -> str:
    """Return the name of a learning rule as people write it, with subscripts for the powers (k, l)."""
    if rule in LABELS:
        return LABELS[rule]
    if rule.startswith("start_"):
        return f"{label(rule.removeprefix('start_').removeprefix('learned_'))} start"
    if rule.startswith("learned_"):
        start = rule.removeprefix("learned_")
        return f"learned{' from' if start.startswith(('theta', 'random')) else ':'} {label(start)}"
    return re.sub(r"theta_?(\d+)", lambda found: term(found[1]), rule).replace("_", " ")


def term(powers: str) -> str:
    """Return the name of a coefficient by its powers: '33' is θ₃₃."""
    return f"θ{powers.translate(SUBSCRIPTS)}"


def ordered(rules: Iterable[str]) -> list[str]:
    """Return the rules in the order of the legend: known ones first, then the others by name."""
    known = list(COLOURS)
    return sorted(set(rules), key=lambda rule: (known.index(rule) if rule in known else len(known), rule))
