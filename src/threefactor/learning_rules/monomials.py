"""The rules of single monomials: expected updates of polynomial rules lie in the subspace spanned by theirs.

Without a clip the expected update of a polynomial rule is ``sum_p theta_p G_p``, where G_p is that of the rule of term p
alone. No polynomial rule with that gate can follow the part of -dL/dW that is orthogonal to the subspace spanned by the
G_p.
"""

from collections.abc import Sequence

import torch

from threefactor.contract import Rule


def monomials(rule: Rule, terms: Sequence[tuple[int, int]]) -> dict[str, Rule]:
    """Return the rule of each term (k, l) alone, of coefficient one and without a clip, named ``term_<k><l>``.

    Parameters
    ----------
    rule
        A polynomial rule; its theta does not matter.
    terms
        (k, l), powers of rate and deviation.
    """
    found = {}
    for k, l in terms:
        theta = torch.zeros(k + 1, l + 1).to(rule.params.theta)
        theta[k, l] = 1
        params = rule.params._replace(theta=theta, terms=(), clip=float("inf"), weight_decay=0.0)
        found[f"term_{k}{l}"] = rule._replace(params=params)
    return found
