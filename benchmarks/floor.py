"""How many multiply-adds the exact algorithm needs at least, per trial and network, in units of N²T.

At the measured rate of a large matrix product this is a time that no program on this core can beat without another
algorithm. It is optimistic: a scan multiplies a matrix with one vector, which no core does at that rate.
"""

from benchmarks.settings import Case


def products(piece: str, case: Case) -> float:
    """Return the multiply-adds when each large sum over time is a matrix product.

    Terms with a power of zero are row or column sums, which cost nothing at this order. With n nonzero powers: the
    scan of the state 1, the eligibility n; a tangent: U r 1, its scan 1, z through the deviation n and the rate n;
    the direct part of z n² for all coefficients; reverse runs each trial twice, takes 2n products of Lambda = dL/dW with
    powers of rate and deviation, one scan back and one product.
    """
    n, count = _nonzero(case), case.coefficients
    tangents = 1 + n + count * (2 + 2 * n) + n**2
    units = {
        "forward": 1 + n,
        "bptt": 3,
        "tangents": tangents,
        "learning_run": tangents,
        "reverse": 2 * (1 + n) + 2 * n + 2,
    }
    return units[piece] * case.units**2 * case.steps


def fused(piece: str, case: Case) -> float:
    """Return the multiply-adds when z is summed over time without matrix products.

    At each (i, j, t) the two slopes A and B are formed once by Horner's rule (2n), then each coefficient takes its direct
    part, A times its deviation tangent, and B times its rate tangent (3).
    """
    if piece not in ("tangents", "learning_run"):
        return products(piece, case)
    n, count = _nonzero(case), case.coefficients
    return (1 + n + 2 * count + 3 * count + 2 * n) * case.units**2 * case.steps


def milliseconds(multiply_adds: float, gigaflops: float) -> float:
    """Return the time of so many multiply-adds at a rate."""
    return 2 * multiply_adds / gigaflops / 1e6


def _nonzero(case: Case) -> int:
    """Return how many powers of rate (and of deviation) are not zero."""
    return sum(power > 0 for power in case.powers)
