"""Rules on either side of a rule."""

import torch

from derivatives.with_hyperparameters import learned_with
from small_runs import DOUBLE, OFF, experiences
from threefactor import seeding
from threefactor.metalearning import sides


def test_the_rate_of_perturbations_is_moved_by_common_marks():
    learned = learned_with(OFF, ("perturbation_share",))
    one = experiences(1)[0]
    marks = sides.draw_marks(learned, one, generator=seeding.generator(1, "marks"))
    shift = torch.zeros(3, 10, dtype=DOUBLE)
    shift[1, -1], shift[2, -1] = 0.05, -0.05
    middle, up, down = sides.moved_sides(learned, shift)
    assert middle.perturbation_share == sides.SHARE
    assert down.perturbation_share < 0.5 < up.perturbation_share
    perturbation = [sides.perturbed(side, one, marks).perturbation != 0 for side in (down, middle, up)]
    assert (perturbation[0] <= perturbation[1]).all()
    assert (perturbation[1] <= perturbation[2]).all()
    assert 0.25 < perturbation[1].double().mean() < 0.75
    assert perturbation[0].sum() < perturbation[2].sum()
