"""One colour, one line and one name per learning rule, the same in every figure, by the rule's name alone.

=======================  ==========================================  ====================================================
rule                     colour                                      name
=======================  ==========================================  ====================================================
``theta_<k><l>``         cool, by its powers and deviation           θ with its powers, and the deviation if it has one
a file of a rule         by its place among the files                its ``LABEL``
``<key>``, meta-learned  warm, by its name                           its key; "from" before a start
``start_<key>``          that of the key, paler; its line is dashed  its key and "start"
=======================  ==========================================  ====================================================

Files stand in the order of what the rules have access to.  Colours are of Okabe and Ito and of Tol, whose schemes stay
apart under the common colour blindnesses.
"""

import re
import zlib
from collections.abc import Iterable

from threefactor.declarations import INFORMATION, MONOMIAL, PACKAGE, START, declared, names_in

COOL = (
    *("#88CCEE", "#6699CC", "#77AADD", "#0072B2", "#999999"),
    *("#332288", "#44AA99", "#4477AA", "#99DDFF"),
)
"""Colours of rules of one term: that of powers (k, l) is number 3 k + l, from the start again after the last."""

BEYOND = {"raw": 1, "normalised": 2, "standardised": 4}
"""How many colours further the same term stands on a deviation that its name says."""

FILES = (
    *("#999933", "#117733", "#009E73", "#225555", "#997700", "#663333", "#555555"),
    *("#661100", "#882255", "#000000", "#994455", "#004488", "#6F4C9B", "#666633"),
)
"""Colours of rules that have a file of their own, from the start again after the last."""

WARM = (
    *("#D55E00", "#E69F00", "#CC3311", "#CC79A7", "#AA4499"),
    *("#EE8866", "#BBAA22", "#FFAABB", "#EE3377"),
)
"""Colours of meta-learned rules: that of a name is chosen by its hash."""

SALT = 2522
"""Start of the hash, such that the rules of one experiment in ``config/`` have different colours as far as they go."""

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
    if rule.startswith(START):
        return _paler(colour(rule.removeprefix(START)))
    if found := MONOMIAL.fullmatch(rule):
        number = 3 * int(found[1]) + int(found[2]) + BEYOND.get(found[3], 0)
        return COOL[number % len(COOL)]
    if rule in (files := _files()):
        return FILES[files.index(rule) % len(FILES)]
    return WARM[zlib.crc32(rule.encode(), SALT) % len(WARM)]


def dashes(rule: str) -> str:
    """Return the line style of a learning rule: dashed where meta-learning began."""
    return "--" if rule.startswith(START) else "-"


def label(rule: str) -> str:
    """Return the name of a learning rule as people write it, with subscripts for the powers (k, l)."""
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

    def place(rule: str) -> tuple[int, str]:
        if rule in files:
            return 3 + files.index(rule), rule
        return 0 if MONOMIAL.fullmatch(rule) else 2 if rule.startswith(START) else 1, rule

    return sorted(set(rules), key=place)


def _files() -> list[str]:
    """List the rules that have a file of their own, by what they have access to and by name."""
    found = names_in("learning_rules", "update")
    return sorted(found, key=lambda rule: (INFORMATION.index(_declared(rule)["INFORMATION"]), rule))


def _declared(rule: str) -> dict[str, object]:
    """Read what the file of a rule declares."""
    return dict(declared(PACKAGE / "learning_rules" / f"{rule}.py"))


def _paler(colour: str) -> str:
    """Return a colour nearer to white."""
    parts = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return "#" + "".join(f"{round(part + PALE * (255 - part)):02X}" for part in parts)
