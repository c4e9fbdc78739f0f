"""Ritz values and vectors against the whole eigendecomposition."""

import torch

from random_numbers import noise
from threefactor.analysis.landscape.lanczos import lanczos, unit_rest, without

SIZE = 9


def symmetric(count=3, rank=SIZE):
    basis = torch.linalg.qr(noise(count, SIZE, SIZE)).Q[:, :, :rank]
    values = noise(count, rank, seed=1) * 10
    return (basis * values[:, None]) @ basis.mT


def run(matrix, steps):
    source = torch.Generator().manual_seed(2)

    def draw():
        return torch.randn(matrix.shape[:2], generator=source, dtype=matrix.dtype)

    return lanczos(lambda v: (matrix @ v[:, :, None])[..., 0], draw, steps)


def test_as_many_steps_as_dimensions_find_all_eigenvalues():
    matrix = symmetric()
    found = run(matrix, SIZE)
    torch.testing.assert_close(found.values, torch.linalg.eigvalsh(matrix), rtol=1e-10, atol=1e-10)
    rest = matrix @ found.vectors.mT - found.vectors.mT * found.values[:, None]
    assert rest.abs().max() < 1e-10
    torch.testing.assert_close(found.share.sum(1), torch.ones(3).double())


def test_where_the_start_reaches_a_part_only_the_others_are_found_too():
    matrix = symmetric(rank=3)  # from any start four dimensions: three eigenvectors and one of the null space
    found = run(matrix, SIZE)
    torch.testing.assert_close(found.values, torch.linalg.eigvalsh(matrix), rtol=1e-9, atol=1e-9)
    identity = torch.eye(SIZE).double().expand(3, -1, -1)
    torch.testing.assert_close(found.vectors @ found.vectors.mT, identity, rtol=0, atol=1e-9)


def test_few_steps_are_exact_for_polynomials_and_bound_their_error():
    matrix, steps = symmetric(), 4
    found = run(matrix, steps)
    start = torch.randn(3, SIZE, generator=torch.Generator().manual_seed(2), dtype=matrix.dtype)
    start = start / start.norm(dim=1, keepdim=True)
    values, vectors = torch.linalg.eigh(matrix)
    share = (vectors.mT @ start[:, :, None])[..., 0].square()
    for power in range(2 * steps):
        exact = (share * values**power).sum(1)
        torch.testing.assert_close((found.share * found.values**power).sum(1), exact, rtol=1e-9, atol=1e-9)
    beyond = (found.share * found.values ** (2 * steps)).sum(1)
    assert ((beyond / (share * values ** (2 * steps)).sum(1) - 1).abs() > 1e-4).all()
    image = (matrix @ found.vectors.mT).mT - found.values[:, :, None] * found.vectors
    torch.testing.assert_close(found.rest, image.norm(dim=2), rtol=1e-8, atol=1e-10)
    nearest = (found.values[:, :, None] - values[:, None]).abs().amin(2)
    assert (nearest <= found.rest + 1e-10).all()


def test_a_rest_is_across_the_basis_and_nothing_where_it_is_rounding():
    basis = torch.linalg.qr(noise(2, SIZE, 3)).Q.mT
    vectors = noise(2, SIZE, seed=4)
    rest = unit_rest(vectors, basis)
    torch.testing.assert_close(rest.norm(dim=1), torch.ones(2).double())
    assert (basis @ rest[:, :, None]).abs().max() < 1e-14
    torch.testing.assert_close(rest * without(vectors, basis).norm(dim=1)[:, None], without(vectors, basis))
    within = (noise(2, 1, 3, seed=5) @ basis)[:, 0]
    assert not unit_rest(within, basis).any()
    assert not unit_rest(0 * within, basis).any()
