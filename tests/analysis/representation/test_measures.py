import pytest
import torch

from threefactor.analysis.representation.kernel_alignment import kernel_alignment
from threefactor.analysis.representation.selectivity import selectivity
from threefactor.analysis.representation.state_speed import speed

FACTORS = {"first": (1, 1, 0, 0), "second": (1, 0, 1, 0), "choice": (0, 1, 1, 0)}


def noise(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_speed_of_uniform_motion_and_of_rest():
    state = torch.stack([torch.full((3,), 4.0 * t) for t in range(5)])[None]
    torch.testing.assert_close(speed(state, 10.0), torch.full((1, 4), 0.4))
    assert (speed(torch.ones(1, 5, 3), 10.0) == 0).all()


def test_selectivities_of_a_two_by_two_design_sum_to_one():
    found = selectivity(noise(2, 4, 6, 5), FACTORS)
    torch.testing.assert_close(sum(found.values()), torch.ones(2, dtype=torch.float64))


def test_selectivity_finds_the_variable_and_ignores_what_all_types_share():
    choice = torch.tensor(FACTORS["choice"])[:, None, None]
    rates = choice * noise(1, 1, 6, 5) + 7 * noise(1, 1, 6, 5, seed=1)
    found = selectivity(rates, FACTORS)
    assert {name: float(value) for name, value in found.items()} == pytest.approx(
        {"first": 0, "second": 0, "choice": 1}
    )


@pytest.mark.parametrize("classes", [(0, 1, 2, 2, 1), (0, 0, 0, 1, 0)])
def test_selectivity_is_the_variance_between_classes_of_any_number_and_frequency(classes):
    rates, label = noise(2, 5, 6, 3), torch.tensor(classes)
    between = torch.zeros_like(rates)
    for value in set(classes):
        between[:, label == value] = rates[:, label == value].mean(1, keepdim=True)
    wanted = between.var(1, correction=0).sum((1, 2)) / rates.var(1, correction=0).sum((1, 2))
    torch.testing.assert_close(selectivity(rates, {"factor": classes})["factor"], wanted)


def test_kernel_alignment_equals_the_loop_and_knows_rotations_from_other_maps():
    before, after = noise(2, 6, 4), noise(2, 6, 5, seed=1)
    first, second = before[1] @ before[1].T, after[1] @ after[1].T
    slow = torch.trace(first @ second) / (first.norm() * second.norm())
    assert float(kernel_alignment(before, after)[1]) == pytest.approx(float(slow))
    rotation = torch.linalg.qr(noise(4, 4, seed=2))[0]
    torch.testing.assert_close(
        kernel_alignment(before, 3 * before @ rotation), torch.ones(2, dtype=torch.float64)
    )
    assert (kernel_alignment(before, before @ noise(4, 4, seed=3)) < 0.999).all()
