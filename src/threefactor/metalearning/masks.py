"""Which coefficients (k, l) of θ a rule has, by name: k is the power of the presynaptic rate, l that of the deviation."""

from collections.abc import Callable

Terms = list[tuple[int, int]]

MASKS: dict[str, Callable[[int, int], bool]] = {
    "odd": lambda k, l: bool(k % 2 and l % 2),
    "all": lambda k, l: True,
    "even": lambda k, l: not (k % 2 or l % 2),
    "linear_rate": lambda k, l: k == 1 and bool(l % 2),
    "cubic_rate": lambda k, l: k == 3 and bool(l % 2),
    "linear_deviation": lambda k, l: l == 1 and bool(k % 2),
    "cubic_deviation": lambda k, l: l == 3 and bool(k % 2),
    "quintic_deviation": lambda k, l: l == 5 and bool(k % 2),
    "diagonal": lambda k, l: k == l and bool(k % 2),
    "no_rate": lambda k, l: k == 0,
    "no_deviation": lambda k, l: l == 0,
}
"""Whether a mask has a coefficient."""


def chosen(terms: str | tuple[str, ...], degree: int) -> Terms:
    """Return the (k, l) of a mask up to a degree, or those of a list as ``('33', '15')``, in order."""
    if isinstance(terms, tuple):
        return sorted((int(name[0]), int(name[1])) for name in terms)
    has = MASKS[terms]
    return [(k, l) for k in range(degree + 1) for l in range(degree + 1) if has(k, l)]


def is_grid(terms: Terms) -> bool:
    """Tell whether the terms are all pairs of some powers k and some powers l."""
    return len(terms) == len({k for k, _ in terms}) * len({l for _, l in terms})
