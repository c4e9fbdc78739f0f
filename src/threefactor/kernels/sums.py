"""The sums over the time of a trial: eligibility, its tangent and its adjoint, and the move of the weight tangent.

Each function stands in `products` or `pulls` (PyTorch) and, where numba is installed, compiled for the CPU; both are
the same equation, and the tests run over both.
"""

from torch import Tensor

from threefactor.kernels.backend import compiles
from threefactor.kernels.linearised import LinearisedTrial, Terms
from threefactor.kernels.torch import sums as products
from threefactor.kernels.torch import vjps as pulls
from threefactor.kernels.torch.vjps import Cotangents


def eligibility(
    theta: Tensor,
    terms: Terms,
    deviation: Tensor,
    rate: Tensor,
    step_weight: Tensor,
    gate: Tensor,
    bound: float,
) -> Tensor:
    """Return the gated eligibility within ±bound at the end of a trial.

    ``clip(gate sum_t w[t] sum_kl theta_kl deviation[t]^l outer r[t]^k)``.

    Parameters
    ----------
    theta
        k l, or b k l for networks with rules of their own.
    terms
        Coefficients that take part even where they are zero, for autograd.
    deviation
        b t i.
    rate
        b t j.
    moment
        t i, the weight w of each step; zero on clamped units.
    gate
        b, the third factor; one for the eligibility itself.
    bound
        Largest entry; inf for none.

    Returns
    -------
    Tensor
        b i j.
    """
    if compiles(theta, deviation, rate, step_weight, gate):
        from threefactor.kernels.cpu import (
            sums as compiled_sums,  # an import statement: an edit there reruns what uses it
        )

        return compiled_sums.eligibility(theta, deviation, rate, step_weight, gate, bound)
    return products.eligibility(theta, terms, deviation, rate, step_weight, gate, bound)


def vjp_eligibility(
    theta: Tensor,
    terms: Terms,
    deviation: Tensor,
    rate: Tensor,
    weight: Tensor,
    gate: Tensor,
    adjoint: Tensor,
) -> Cotangents:
    """Pull a derivative back through the gated eligibility at the end of a trial.

    ``gate sum_t weight[t] sum_kl theta_kl deviation[t]^l outer r[t]^k``.

    Parameters
    ----------
    theta
        k l.
    terms
        (k, l) of the p coefficients that are differentiated.
    deviation
        b t i.
    rate
        b t j.
    weight
        t, of each step.
    gate
        b, the third factor.
    adjoint
        A, derivative of a number L with respect to the gated eligibility, b i j; zero on clamped units i, and where the
        update is clipped.

    Returns
    -------
    Cotangents
        The derivatives of L with respect to theta (of the terms, b p), gate, deviation and rate.
    """
    if compiles(theta, deviation, rate, weight, gate, adjoint):
        from threefactor.kernels.cpu import vjps as compiled_reverse

        return compiled_reverse.vjp_eligibility(theta, terms, deviation, rate, weight, gate, adjoint)
    return pulls.vjp_eligibility(theta, terms, deviation, rate, weight, gate, adjoint)


def through_trial(
    theta: Tensor,
    terms: Terms,
    linearised: LinearisedTrial,
    weights: Tensor,
    clamped: Tensor,
    leak: float,
    trace_decay: float,
    weight_tangent: Tensor,
    trace_tangent: Tensor,
) -> tuple[Tensor, Tensor, Tensor]:
    """Push tangents through one trial, at given tangents of the weights.

    chi by `threefactor.kernels.scans.tangent_scan` driven by ``U r``, ``psi[t+1] = trace_decay psi[t] +
    (1 - trace_decay) chi[t+1]``, z the derivative of the eligibility, and rho that of the reward.

    Parameters
    ----------
    theta
        k l.
    terms
        (k, l) of the coefficients that carry tangents, the first of the p columns; all others have no direct part.
    course
        The trial.
    weights
        b i j.
    clamped
        i, bool.
    leak
        dt / tau.
    trace_decay
        Per step.
    weight_tangent
        U, b p i j.
    trace_tangent
        psi before the trial, b p i.

    Returns
    -------
    z : Tensor
        Eligibility tangent, b p i j.
    rho : Tensor
        Reward tangent, b p.
    psi : Tensor
        Trace tangent after the trial, b p i.
    """
    arguments = theta, terms, linearised, weights, clamped, leak, trace_decay, weight_tangent, trace_tangent
    plain = linearised.standard is None
    if plain and terms and compiles(theta, *linearised[:5], weights, weight_tangent, trace_tangent):
        from threefactor.kernels.cpu import tangents as compiled_tangents

        return compiled_tangents.through_trial(*arguments)
    return products.through_trial(*arguments)


def move(
    tangent: Tensor, z: Tensor, e: Tensor, gate: Tensor, gate_tangent: Tensor, bound: float, decay: float
) -> Tensor:
    """Return the weight tangent after a trial (the poster's weight tangent).

    ``U <- (1 - decay) U + 1[|gate e| < bound] (gate z + gate_tangent e)``.

    Parameters
    ----------
    tangent
        U, b p i j.
    z
        b p i j; used up, since its memory may become that of the result.
    e
        b i j.
    gate, gate_tangent
        b and b p.
    bound
        Of the update; inf for none.
    decay
        Of the weights, per trial.
    """
    if compiles(tangent, z, e, gate, gate_tangent):
        from threefactor.kernels.cpu import sums as compiled_sums

        return compiled_sums.move(tangent, z, e, gate, gate_tangent, bound, decay)
    return products.move(tangent, z, e, gate, gate_tangent, bound, decay)
