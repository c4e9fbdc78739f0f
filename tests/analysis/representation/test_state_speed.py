"""Speed of the state."""

import torch

from threefactor.analysis.representation.state_speed import speed


def test_speed_of_uniform_motion_and_of_rest():
    state = torch.stack([torch.full((3,), 4.0 * t) for t in range(5)])[None]
    torch.testing.assert_close(speed(state, 10.0), torch.full((1, 4), 0.4))
    assert (speed(torch.ones(1, 5, 3), 10.0) == 0).all()
