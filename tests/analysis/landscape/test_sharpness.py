"""Sharpness against the whole Hessian, ARPACK, and what it must not depend on."""

import pytest
import torch
from scipy.sparse.linalg import LinearOperator, eigsh

from dnms_run import environment, networks
from network_options import options_network
from random_numbers import noise
from small_runs import DOUBLE, ON
from threefactor import seeding
from threefactor.analysis.landscape.sharpness import (
    Effort,
    Spectrum,
    free_weights,
    hessian_spectrum,
    sharpness,
    spectrum,
)
from threefactor.analysis.landscape.stiff_directions import stiff_directions
from threefactor.derivatives.hessian import linearise, product
from threefactor.training.batch import convert, select

TASK = environment().task
UNITS = 12


def source(name="sharpness"):
    return seeding.generator(4, name)


def sparse_networks(count=2):
    net = convert(networks(count), dtype=DOUBLE)
    exists = noise(*net.weights.shape, seed=9) > -0.5
    return net._replace(weights=net.weights * exists, exists=exists)


def whole_hessian(net, b):
    """Return the Hessian of one network over its free weights, column by column."""
    alone, free = select(net, slice(b, b + 1)), free_weights(net)[b].flatten()
    point = linearise(alone, TASK)
    columns = [product(point, e.view(1, UNITS, UNITS)).flatten() for e in torch.eye(len(free)).double()[free]]
    return torch.stack(columns)[:, free]


def test_with_enough_effort_every_measure_is_that_of_the_whole_hessian():
    nets, flatness = sparse_networks(), 1e-3
    for b in range(2):
        net = select(nets, slice(b, b + 1))
        found = hessian_spectrum(net, TASK, generator=source(), effort=Effort(steps=10**4))
        measured = sharpness(found, net, flatness)
        values = torch.linalg.eigvalsh(whole_hessian(nets, b))
        size, free = values.abs(), free_weights(net)[0]
        assert float(found.number[0].sum()) == pytest.approx(len(values))
        exact = [
            values.max(),
            values.max() * net.weights[0][free].square().mean(),
            values.sum(),
            size.sum() ** 2 / values.square().sum(),
            (size < flatness * size.max()).double().mean(),
            size[values < 0].sum() / size.sum(),
        ]
        for one, reference in zip(measured, exact, strict=True):
            assert float(one[0]) == pytest.approx(float(reference), rel=1e-6)


def test_networks_of_other_sizes_that_all_steps_are_enough_for_are_refused():
    with pytest.raises(ValueError, match="steps = 10000: must be below 82, or one network at a time"):
        hessian_spectrum(sparse_networks(), TASK, generator=source(), effort=Effort(steps=10**4))


def test_quadrature_is_unbiased_where_most_of_the_spectrum_is_not_known():
    values = torch.cat([torch.tensor([100.0, -30.0]), torch.linspace(-1, 2, 98)]).double()
    rotation = torch.linalg.qr(noise(100, 100)).Q
    matrix = (rotation * values) @ rotation.mT
    free = torch.ones(200, 100, dtype=torch.bool)  # copies of one matrix: repeated estimates
    found = spectrum(
        lambda v: v @ matrix, free, generator=source(), effort=Effort(12, 1, 8), dtype=torch.float64
    )
    torch.testing.assert_close(found.number.sum(1), torch.full((200,), 100.0).double())
    for power in (1, 2):
        estimates = (found.number * found.value**power).sum(1)
        error = float(estimates.std() / 200**0.5)
        assert float(estimates.mean()) == pytest.approx(float((values**power).sum()), abs=4 * error)
        assert error < 0.2 * float((values[2:] ** power).sum().abs()), "what is known adds no noise"
    torch.testing.assert_close(found.largest, torch.full((200,), 100.0).double())


def test_the_largest_eigenvalues_are_those_of_arpack():
    net = convert(networks(1), dtype=DOUBLE)
    point = linearise(net, TASK)

    def times(vector):
        return product(point, torch.as_tensor(vector).view_as(net.weights)).flatten().numpy()

    operator = LinearOperator((UNITS**2, UNITS**2), matvec=times, dtype=float)
    values, vectors = eigsh(operator, k=3, which="LM", v0=noise(UNITS**2).numpy())
    order = abs(values).argsort()[::-1].copy()
    found = hessian_spectrum(net, TASK, generator=source(), effort=Effort(steps=40))
    assert float(found.largest[0]) == pytest.approx(values.max(), rel=1e-9)
    assert float(found.error[0]) < 1e-6 * values.max()
    stiff = stiff_directions(net, TASK, 3, 40, generator=source())[0]
    overlap = (stiff @ torch.as_tensor(vectors[:, order])).abs()
    torch.testing.assert_close(overlap, torch.eye(3).double(), rtol=0, atol=1e-5)


def test_relative_sharpness_knows_no_unit_of_weights():
    net = sparse_networks()
    found = Spectrum(
        *(noise(2, 5, seed=s).abs() for s in (1, 2)), largest=noise(2).abs(), error=torch.zeros(2)
    )
    before = sharpness(found, net, 1e-3)
    scaled = found._replace(value=found.value / 9, largest=found.largest / 9)
    after = sharpness(scaled, net._replace(weights=3 * net.weights), 1e-3)
    torch.testing.assert_close(after.relative, before.relative)
    torch.testing.assert_close(after.participation, before.participation)
    assert not torch.allclose(after.largest, before.largest)


def test_weights_that_cannot_be_and_clamped_rows_do_not_count():
    net = options_network(ON, "tanh", "sparse")
    free = free_weights(net)
    assert torch.equal(free, net.exists & ~net.clamped[:, None])
    assert net.clamped.any()
    dense = free_weights(net._replace(exists=None))
    assert int(dense.sum()) == len(net.weights) * 4 * 5
