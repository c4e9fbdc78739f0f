"""The sums over the time of a trial, each by the backend of its tensors (`threefactor.kernels.backend`).

They are the eligibility, its tangent and its adjoint, and the move of the weight tangent. Each function stands in
``torch/`` (eligibility_sums.py and eligibility_vjp.py; matrix products, which a GPU runs too) and in ``cpu/``
(eligibility_sums.py, tangents.py and eligibility_vjp.py, compiled with numba): one equation, and the tests run over both.
"""

from torch import Tensor

from threefactor.kernels.backend import choose
from threefactor.kernels.linearised import LinearisedTrial, Terms
from threefactor.kernels.torch import eligibility_sums as reference
from threefactor.kernels.torch import eligibility_vjp as reference_vjps
from threefactor.kernels.torch.eligibility_vjp import Cotangents


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
        k l, or b k l for a rule per network.
    terms
        Coefficients that take part even where they are zero, for autograd.
    deviation
        b t i.
    rate
        b t j.
    step_weight
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
    if choose(theta, deviation, rate, step_weight, gate) == "cpu":
        from threefactor.kernels.cpu import eligibility_sums as compiled

        return compiled.eligibility(theta, deviation, rate, step_weight, gate, bound)
    return reference.eligibility(theta, terms, deviation, rate, step_weight, gate, bound)


def vjp_eligibility(
    theta: Tensor,
    terms: Terms,
    deviation: Tensor,
    rate: Tensor,
    weight: Tensor,
    gate: Tensor,
    adjoint: Tensor,
) -> Cotangents:
    """Take a derivative back through the gated eligibility at the end of a trial (vjp).

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
    if choose(theta, deviation, rate, weight, gate, adjoint) == "cpu":
        from threefactor.kernels.cpu import eligibility_vjp as compiled

        return compiled.vjp_eligibility(theta, terms, deviation, rate, weight, gate, adjoint)
    return reference_vjps.vjp_eligibility(theta, terms, deviation, rate, weight, gate, adjoint)


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
    """Take tangents through one trial (jvp), at given tangents of the weights.

    chi by `threefactor.kernels.scans.tangent_scan` driven by ``U r``, ``psi[t+1] = trace_decay psi[t] +
    (1 - trace_decay) chi[t+1]``, z the derivative of the eligibility, and rho that of the reward.

    Parameters
    ----------
    theta
        k l.
    terms
        (k, l) of the coefficients that carry tangents, the first of the p columns; all others have no direct part.
    linearised
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
    chosen = choose(theta, *linearised[:5], weights, weight_tangent, trace_tangent)
    if plain and terms and chosen == "cpu":
        from threefactor.kernels.cpu import tangents as compiled

        return compiled.run(compiled.prepare(*arguments))
    return reference.through_trial(*arguments)


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
    if choose(tangent, z, e, gate, gate_tangent) == "cpu":
        from threefactor.kernels.cpu import eligibility_sums as compiled

        return compiled.move(tangent, z, e, gate, gate_tangent, bound, decay)
    return reference.move(tangent, z, e, gate, gate_tangent, bound, decay)
