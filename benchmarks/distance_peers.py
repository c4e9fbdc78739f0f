"""Published packages that measure distances between networks, each on the same data as ours.

A function for each package gives rows: what is compared, the largest difference from ours, and the CPU time that the
package takes for a pair.
"""

import itertools
import time
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from threefactor.analysis.solutions import cka, dsa, procrustes, rsa, shape, svcca
from threefactor.analysis.solutions.compared import Compared
from threefactor.analysis.solutions.linear_dynamics import LinearDynamics, fit

FEW_COMPONENTS = (
    5  # all of them hold less than 99 % of the variance, so that SVCCA keeps as many of each network
)
TYPES_APART = 10  # every so many samples are conditions, of which whitening needs few
DESCENT = {"iters": 1500, "lr": 5e-3}  # the defaults of DSA


def against(what: str, ours: Tensor, pair: Callable[[int, int], float]) -> list[str]:
    """Compare all pairs with another function of the numbers of two networks."""
    pairs = list(itertools.combinations(range(len(ours)), 2))
    began = time.process_time()
    theirs = [pair(first, second) for first, second in pairs]
    milliseconds = 1000 * (time.process_time() - began) / len(pairs)
    own = [float(ours[first, second]) for first, second in pairs]
    return [what, f"{np.abs(np.subtract(own, theirs)).max():.1g}", f"{milliseconds:.2g}"]


def netrep(compared: Compared) -> list[list[str]]:
    """Compare with netrep (Williams et al. 2021)."""
    from netrep.metrics import LinearCKA, LinearMetric

    samples = compared.samples
    rates, whole = samples.numpy(), shape.sample_coordinates(samples, samples.shape[2])
    leading = shape.sample_coordinates(samples, FEW_COMPONENTS).numpy()
    rotation, linear = (LinearMetric(alpha=alpha, score_method="angular") for alpha in (1.0, 0.0))
    return [
        against("CKA", cka.cka_distance(samples), lambda a, b: LinearCKA().score(rates[a], rates[b])),
        against(
            "Procrustes",
            procrustes.procrustes_distance(whole),
            lambda a, b: rotation.fit_score(rates[a], rates[b]),
        ),
        against(
            f"SVCCA, {FEW_COMPONENTS} components",
            svcca.svcca_distance(samples, FEW_COMPONENTS),
            lambda a, b: linear.fit_score(leading[a], leading[b]),
        ),
    ]


def rsatoolbox(compared: Compared) -> list[list[str]]:
    """Compare with rsatoolbox: RSA as here, and whitened RSA, which is CKA."""
    from rsatoolbox.data import Dataset
    from rsatoolbox.rdm import calc_rdm, compare

    samples = compared.samples[:, ::TYPES_APART]
    matrices = [calc_rdm(Dataset(one), method="euclidean") for one in samples.numpy()]

    def angle(method: str) -> Callable[[int, int], float]:
        return lambda a, b: np.arccos(compare(matrices[a], matrices[b], method=method).item())

    return [
        against("RSA", rsa.rsa_distance(samples), angle("corr")),
        against("CKA as whitened RSA", cka.cka_distance(samples), angle("cosine_cov")),
    ]


def dsa_metric(compared: Compared) -> list[list[str]]:
    """Compare with dsa-metric 2.0.2 (Ostrow et al. 2023; InputDSA), in our components and with our offset as an input.

    It computes in single precision. Two rows show where it errs: its decomposition with control takes the step from the
    end of a trial to the start of the next for dynamics, and its joint score turns the state the wrong way, so that a
    system lies far from itself in other coordinates. Its parts, put together, give our numbers.
    """
    alone = compared._replace(rates=compared.rates[:, 1:2], inputs=compared.inputs[1:2])
    ours = fit(compared.rates, compared.dynamics_components, inputs=compared.inputs)
    return [
        ["eigenvalues of A, one trial", f"{_fits_apart(alone):.1g}", ""],
        ["eigenvalues of A, all trials", f"{_fits_apart(compared):.1g}", ""],
        *_scores(ours),
        ["joint score, a system rotated", f"{_rotated(ours):.2g}", ""],
        _descent(ours),
    ]


def _scores(ours: LinearDynamics) -> list[list[str]]:
    """Compare the distances that follow from our A and B."""
    from DSA import ControllabilitySimilarityTransformDist, SimilarityTransformDist

    system = ControllabilitySimilarityTransformDist(score_method="angular", compare="control")
    wasserstein = SimilarityTransformDist(score_method="wasserstein")
    eigenvalues = torch.linalg.eigvals(ours.state)
    state, drive = (part.numpy() for part in ours)
    reached = [system.get_controllability_matrix(*one) for one in zip(state, drive, strict=True)]
    return [
        against(
            "controllability, its matrix and rotation",
            dsa.controllability_distance(ours),
            lambda a, b: system.fit_score(state[a], state[b], reached[a], reached[b]),
        ),
        against(
            "spectral, its Wasserstein distance",
            dsa.spectral_distance(ours),
            lambda a, b: wasserstein.fit_score(eigenvalues[a], eigenvalues[b]) ** 0.5,
        ),
    ]


def _rotated(ours: LinearDynamics) -> float:
    """Give the joint score of one system and the same in rotated coordinates, which is zero by ours."""
    from DSA import ControllabilitySimilarityTransformDist

    state, drive = (part[0].numpy() for part in ours)
    turn = np.linalg.qr(np.random.default_rng(0).normal(size=state.shape))[0]
    joint = ControllabilitySimilarityTransformDist(score_method="angular")
    return float(joint.fit_score(state, turn @ state @ turn.T, drive, turn @ drive))


def _fits_apart(compared: Compared) -> float:
    """Give the largest difference between the eigenvalues of our A and of theirs."""
    ours = fit(compared.rates, compared.dynamics_components, inputs=compared.inputs).state
    found = 0.0
    for number, own in enumerate(torch.linalg.eigvals(ours).numpy()):
        other = torch.linalg.eigvals(_their_fit(compared, number).double()).numpy()
        found = max(found, float(np.abs(own[:, None] - other).min(1).max()))
    return found


def _their_fit(compared: Compared, number: int) -> Tensor:
    """Fit A of one network by dsa-metric, which pairs each state with the input that is given beside it."""
    from DSA import DMDc

    place = shape.sample_coordinates(compared.samples, compared.dynamics_components)[number]
    states = place.unflatten(0, compared.rates.shape[1:3])
    following = torch.cat([compared.inputs[:, 1:], compared.inputs[:, :1]], 1)
    drive = torch.cat([following, torch.ones_like(following[..., :1])], -1)
    one = (states[0], drive[0]) if len(states) == 1 else (states, drive)
    model = DMDc(*one, lamb=0)
    model.fit()
    return model.A_v


def _descent(dynamics: LinearDynamics) -> list[str]:
    """Time the comparison of A by a descent over rotations, as DSA was published, on one pair."""
    from DSA import SimilarityTransformDist

    state = dynamics.state.float()
    began = time.process_time()
    SimilarityTransformDist(score_method="angular", **DESCENT).fit_score(state[0].clone(), state[1].clone())
    return ["angle of A by descent: time alone", "", f"{1000 * (time.process_time() - began):.2g}"]


PEERS = {"netrep": netrep, "rsatoolbox": rsatoolbox, "dsa-metric": dsa_metric}
"""By the name of the package."""
