"""One colour, line, mark and name per learning rule, the same in every figure, by the rule's name alone.

=======================  ==========================================  ====================================================
rule                     colour                                      name
=======================  ==========================================  ====================================================
``theta_<k><l>``         cool, by its powers and deviation           θ with its powers, and the deviation if it has one
a file of a rule         by its place among files of its access      its ``LABEL``
``<key>``, meta-learned  warm, by its name                           its key; "from" before a start
``start_<key>``          that of the key, paler                      its key and "start"
``tuned_<rule>``         that of the rule                            its name and "tuned"
=======================  ==========================================  ====================================================

There are more rules than colours that a reader can tell apart. Lines and marks therefore go by what a rule has access to
(`STYLES`), and the colours of rules that share them stay apart under red and green blindness: those of one access, and
those of single terms, of meta-learned rules and of files that have access to the reward. Colours were chosen for the
largest least distance in CIELAB under these (Machado et al. 2009).
"""

import re
import zlib
from collections.abc import Iterable
from typing import Literal

from threefactor.declarations import (
    INFORMATION,
    MONOMIAL,
    PACKAGE,
    START,
    TUNED_MARK,
    broken,
    declared,
    names_in,
)

COOL = (
    *("#004433", "#22CC99", "#334466", "#0072B2", "#66BBFF"),
    *("#0077EE", "#008877", "#112288", "#00CCCC"),
)
"""Colours of rules of one term: that of powers (k, l) is number 3 k + l, from the start again after the last."""

BEYOND = {"raw": 1, "normalised": 2, "standardised": 4}
"""How many colours further the same term stands on a deviation that its name says."""

FILES = {
    "reward": ("#550000", "#222266", "#3399BB"),
    "perturbation": ("#DD9911", "#330077", "#77AACC", "#553300", "#2288FF", "#CC9977", "#333344"),
    "error": ("#11AACC", "#BBAA00", "#550044", "#55BB88", "#770000", "#2255CC"),
    "gradient": ("#000000", "#88AAAA", "#999900", "#4455CC"),
}
"""Colours of rules that have a file of their own, by what they have access to, from the start again after the last."""

WARM = (
    *("#CCBB22", "#BB7700", "#EEAA66", "#885533", "#991100"),
    *("#DD7766", "#990044", "#DD2266", "#BB6633"),
)
"""Colours of meta-learned rules: that of a name is chosen by its hash."""

SALT = 48503
"""Start of the hash, such that the rules of one experiment in ``config/`` have different colours as far as they go."""

Dashes = Literal["-", "--", "-.", ":"] | tuple[float, tuple[float, ...]]
"""A line style of matplotlib."""

STYLES: dict[str, tuple[Dashes, str]] = {
    "reward": ("-", "o"),
    "perturbation": ("-.", "s"),
    "error": ((0, (5, 1)), "D"),
    "gradient": (":", "^"),
    "deviation": ((0, (3, 1, 1, 1, 1, 1)), "P"),
    "start": ("--", "v"),
    "tuned": ((0, (1, 1)), "X"),
}
"""Line and mark of rules by what they have access to, of terms whose name says the deviation, of starts and of rules
that were tuned for a condition."""

OTHERS = ("#AA4499", "#332288", "#117733", "#DDCC77", "#88CCEE", "#999933", "#CC6677")
"""Colours of what is no learning rule."""

PALE = 0.5
"""How far towards white the colour of a rule's start lies from that of the rule."""

DIVERGING = "RdBu_r"
"""Colour map of signed quantities."""

SEQUENTIAL = "viridis"
"""Colour map of quantities that have no sign."""

INPUTS = ("#332288", "#CC79A7", "#117733", "#DDCC77", "#88CCEE", "#882255", "#44AA99", "#AA4499")
"""Colours of input channels and of trial types."""

MARK = "#D55E00"
"""Colour of marks and targets."""

OUTPUTS = ("-", "--", ":", "-.")
"""Line styles of outputs."""

SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")

_TERM = re.compile(r"theta_?(\d)(\d)")  # also within the key of a learned rule


def colour(rule: str) -> str:
    """Return the colour of a learning rule."""
    rule = rule.removeprefix(TUNED_MARK)
    if rule.startswith(START):
        return _paler(colour(rule.removeprefix(START)))
    if found := MONOMIAL.fullmatch(rule):
        number = 3 * int(found[1]) + int(found[2]) + BEYOND.get(found[3], 0)
        return COOL[number % len(COOL)]
    if rule in (files := _files()):
        alike = [name for name in files if _access(name) == _access(rule)]
        own = FILES[_access(rule)]
        return own[alike.index(rule) % len(own)]
    return WARM[zlib.crc32(rule.encode(), SALT) % len(WARM)]


def dashes(rule: str) -> Dashes:
    """Return the line style of a learning rule."""
    return STYLES[_kind(rule)][0]


def mark(rule: str) -> str:
    """Return the mark of a learning rule where networks or estimates are points of a plane."""
    return STYLES[_kind(rule)][1]


def label(rule: str) -> str:
    """Return the name of a learning rule as people write it, with subscripts for the powers (k, l)."""
    if rule.startswith(TUNED_MARK):
        return f"{label(rule.removeprefix(TUNED_MARK))} tuned"
    if rule.startswith(START):
        return f"{label(rule.removeprefix(START).removeprefix('learned_'))} start"
    if rule in _files():
        return str(_declared(rule).get("LABEL", rule.replace("_", " ")))
    named = _TERM.sub(lambda found: term("".join(found.groups())), rule)
    return re.sub(r"^learned_(?=θ|random)", "learned from ", named).replace("_", " ")


def term(powers: str) -> str:
    """Return the name of a coefficient by its powers: '33' is θ₃₃."""
    return f"θ{powers.translate(SUBSCRIPTS)}"


def ordered(rules: Iterable[str]) -> list[str]:
    """Return the rules in the order of the legend: of one term, meta-learned, where those began, rules of files."""
    files = _files()

    def place(rule: str) -> tuple[int, str, bool]:
        own = rule.removeprefix(TUNED_MARK)
        if own in files:
            return 3 + files.index(own), own, rule != own
        return 0 if MONOMIAL.fullmatch(own) else 2 if own.startswith(START) else 1, own, rule != own

    return sorted(set(rules), key=place)


def _files() -> list[str]:
    """List the rules that have a file of their own, by what they have access to and by name."""
    access = {rule: _access(rule) for rule in names_in("learning_rules", "update")}
    found = [rule for rule, one in access.items() if one in INFORMATION]
    return sorted(found, key=lambda rule: (INFORMATION.index(access[rule]), rule))


def _access(rule: str) -> str:
    """Return what a rule that has a file has access to; empty where its file does not say so."""
    return "" if broken("learning_rules", rule) else str(_declared(rule).get("INFORMATION", ""))


def _kind(rule: str) -> str:
    """Return the key of a rule among `STYLES`."""
    if rule.startswith(TUNED_MARK):
        return "tuned"
    if rule.startswith(START):
        return "start"
    if found := MONOMIAL.fullmatch(rule):
        return "deviation" if found[3] else "reward"
    return _access(rule) if rule in _files() else "reward"


def _declared(rule: str) -> dict[str, object]:
    """Read what the file of a rule declares."""
    return dict(declared(PACKAGE / "learning_rules" / f"{rule}.py"))


def _paler(colour: str) -> str:
    """Return a colour nearer to white."""
    parts = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return "#" + "".join(f"{round(part + PALE * (255 - part)):02X}" for part in parts)
