"""Loops over the numbers of contiguous rows, each of which the compiler turns into vectors."""

# mypy: disable-error-code="no-untyped-def, call-arg"

from threefactor.kernels.cpu.jit import fast


@fast
def times(x, y, result):
    """Write the product."""
    for i in range(len(result)):
        result[i] = x[i] * y[i]


@fast
def add_times(x, y, result):
    """Add the product."""
    for i in range(len(result)):
        result[i] += x[i] * y[i]


@fast
def dot(x, y):
    """Return the sum of the products."""
    total = x.dtype.type(0)
    for i in range(len(x)):
        total += x[i] * y[i]
    return total


@fast
def scaled(x, factor, result):
    """Write x times a number."""
    for i in range(len(result)):
        result[i] = factor * x[i]


@fast
def polynomial(x, coefficients, factor, result, degree):
    """Write the polynomial of x times the factor."""
    for i in range(len(x)):
        total = coefficients[len(degree)]
        for n in range(len(degree)):
            total = total * x[i] + coefficients[len(degree) - 1 - n]
        result[i] = factor[i] * total


@fast
def add_slope(x, coefficients, factor, result, degree):
    """Add the polynomial of x times the factor, its coefficients standing one further up; nothing of degree 0."""
    if len(degree) == 0:
        return
    for i in range(len(x)):
        total = coefficients[len(degree)]
        for n in range(len(degree) - 1):
            total = total * x[i] + coefficients[len(degree) - 1 - n]
        result[i] += factor[i] * total
