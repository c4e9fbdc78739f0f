"""The vjp of the eligibility: compiled code equals PyTorch, for sizes on either side of every tile."""

import pytest
import torch

from threefactor.kernels import eligibility_sums
from threefactor.kernels.torch import eligibility_vjp as products

compiled = pytest.importorskip("threefactor.kernels.cpu.eligibility_vjp")

DENSE = [tuple((k, l) for k in range(d + 1) for l in range(d + 1)) for d in range(6)]
ODD = tuple((k, l) for k in (1, 3, 5) for l in (1, 3, 5))
# Smaller than a vector of any processor; one and a bit; several; time within one tile, and in several.
SIZES = [(3, 1, 4), (2, 5, 7), (1, 16, 33), (2, 21, 50), (1, 37, 163)]
TERMS = {
    "constant": ((0, 0),),
    "Miconi's": ((3, 3),),
    "rate alone": ((2, 0), (1, 0)),
    "deviation alone": ((0, 2), (0, 3)),
    "few of the rate": ((1, 1), (1, 2), (1, 3), (0, 2), (2, 3)),
    "few of the deviation": ((1, 1), (2, 1), (2, 0), (5, 1)),
    "odd": ODD,
    "dense 3": DENSE[3],
    "dense 5": DENSE[5],
}


def problem(batch, units, steps, terms, dtype):
    """Return the arguments, one unit being clamped."""
    g = torch.Generator().manual_seed(0)

    def normal(*shape):
        return torch.randn(*shape, generator=g, dtype=torch.float64).to(dtype)

    theta = torch.zeros(1 + max(k for k, _ in terms), 1 + max(l for _, l in terms), dtype=dtype)
    for k, l in terms:
        theta[k, l] = normal(1)[0]
    weight = (0.9 ** torch.arange(steps)).to(dtype)
    weight[0] = 0
    adjoint = normal(batch, units, units)
    if units > 1:
        adjoint[:, units // 2] = 0
    deviation, rate = 0.5 * normal(batch, steps, units), torch.tanh(normal(batch, steps, units))
    return theta, terms, deviation, rate, weight, normal(batch), adjoint


def close(found, exact, dtype):
    tolerance = 1e-12 if dtype == torch.float64 else 1e-4
    differences = [
        (x - y).abs().max() / y.abs().max().clamp_min(1) for x, y in zip(found, exact, strict=True)
    ]
    return max(differences) < tolerance


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
@pytest.mark.parametrize("name", TERMS)
def test_compiled_equals_torch(name, dtype):
    for size in SIZES:
        arguments = problem(*size, TERMS[name], dtype)
        found = compiled.vjp_eligibility(*arguments)
        assert close(found, products.vjp_eligibility(*arguments), dtype)


def test_torch_equals_autograd():
    """With some terms that are not differentiated, and networks whose gate is shut."""
    theta, _, deviation, rate, weight, gate, adjoint = problem(2, 5, 7, DENSE[3], torch.float64)
    gate[1] = 0
    inputs = theta.expand(2, -1, -1).clone(), gate, deviation, rate
    for x in inputs:
        x.requires_grad_()
    value = 0
    for k in range(4):
        for l in range(4):
            step_weight = weight[:, None] * inputs[2] ** l
            value = value + inputs[0][:, k, l, None, None] * (step_weight.mT @ inputs[3] ** k)
    exact = torch.autograd.grad((adjoint * inputs[1][:, None, None] * value).sum(), inputs)
    terms = (3, 1), (0, 2), (1, 0)
    chosen = torch.stack([exact[0][:, k, l] for k, l in terms], 1)
    plain = [x.detach() for x in (deviation, rate, weight, gate, adjoint)]
    for vjp in (products.vjp_eligibility, eligibility_sums.vjp_eligibility):
        assert close(vjp(theta, terms, *plain), (chosen, *exact[1:]), torch.float64)


def test_networks_do_not_know_of_each_other():
    theta, terms, *rest = problem(3, 21, 50, ODD, torch.float32)
    deviation, rate, weight, gate, adjoint = rest
    deviation[0, 3, 4] = rate[0, 7, 1] = torch.nan
    whole = compiled.vjp_eligibility(theta, terms, *rest)
    one = slice(1, 2)
    alone = compiled.vjp_eligibility(theta, terms, deviation[one], rate[one], weight, gate[one], adjoint[one])
    assert all(torch.equal(x[one], y) for x, y in zip(whole, alone, strict=True))
    assert whole.theta[0].isnan().any()
