"""The rules of single monomials."""

import torch

from dnms_run import environment, networks, noise, theta33
from small_runs import DOUBLE
from threefactor.contract import Rule
from threefactor.learning_rules.monomials import monomials
from threefactor.training.batch import convert
from threefactor.training.expected_update import Draws, expected

DRAWS = Draws(burn_in=4, blocks=2, trials=3, quiet=2)


def test_polynomial_rules_are_sums_of_their_monomials():
    """Without a clip: E[dW] of theta is sum theta_kl of the monomials' own, block by block."""
    net, surroundings = convert(networks(2), dtype=DOUBLE), environment()
    theta = torch.zeros(4, 4, dtype=DOUBLE)
    theta[3, 3], theta[1, 2] = -1.0, 0.3
    params = theta33().params._replace(theta=theta, clip=float("inf"))
    rule = Rule("polynomial", params, theta33().init, theta33().update, 0.7, 0)
    single = monomials(rule, [(3, 3), (1, 2)])
    found = expected({"whole": rule, **single}, net, surroundings, DRAWS, generator=noise).update
    torch.testing.assert_close(found["whole"], -found["term_33"] + 0.3 * found["term_12"])
    assert found["term_12"].abs().max() > 0
