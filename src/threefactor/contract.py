"""The types that travel between the rooms, and nothing else.

Axes stand in one order everywhere: b network, h trial, p coefficient, t time, i post, j pre; c input, o output,
y trial type. ``weights[b, i, j]`` is onto i from j. ``rate[:, t]`` pairs with ``state[:, t + 1]`` in every product.
Nothing here draws: starts and perturbations are arguments, so that noise can be common to two calls.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from torch import Tensor


class Trial(NamedTuple):
    """One trial of a task, for a batch of networks."""

    inputs: Tensor  # b t c
    target: Tensor  # b t o
    window: Tensor  # b t, the response window; sums to one over t
    trial_type: Tensor  # b, int64, trial type
    reward: str  # graded | squared | correct, see tasks/reward.py
    share: Tensor | None = None  # b o, of each output in error and reward, sums to one; None: equal shares


class Network(NamedTuple):
    """A batch of rate networks; only ``weights`` is plastic."""

    weights: Tensor  # b i j
    input_weights: Tensor  # b i c
    output_weights: Tensor  # b o i, fixed readout of the rates
    clamped: Tensor  # i, bool: units held at ``clamped_state``
    clamped_state: Tensor  # i
    leak: float  # alpha = dt / tau, dimensionless
    activation: str = "tanh"  # phi of every unit, see kernels/activation.py
    exists: Tensor | None = (
        None  # b i j, bool: synapses that there are; None for all. See network/synapses.py
    )
    sign: Tensor | None = None  # j, int8, of all weights from unit j: 1, -1, or 0 for either; None for either


class Experience(NamedTuple):
    """A trial with its noise: everything that the outside brings to a network."""

    trial: Trial
    start: Tensor  # b i, state at t = 0
    perturbation: Tensor  # b t i, xi, added to the input before the leak


class Trajectory(NamedTuple):
    """What a network did in one trial."""

    state: Tensor  # b t+1 i
    rate: Tensor  # b t i, of the presynaptic side: rate[:, t] = phi(state[:, t])
    perturbation: Tensor  # b t i
    output: Tensor  # b t o, W_out phi(state[:, t + 1])


class Feedback(NamedTuple):
    """What the outside says of a trial."""

    reward: Tensor  # b
    baseline: Tensor  # b, running mean of the reward of this trial type
    output_gradient: Tensor  # b t o, dR/dy


class Rule(NamedTuple):
    """A learning rule: a value with two pure functions.

    ``init(params, network) -> memory`` makes what crosses trials; its tensors are batch first.
    ``update(params, network, memory, trajectory, feedback) -> (update bij, memory)``.
    """

    name: str
    params: Any
    init: Callable[[Any, Network], Any]
    update: Callable[[Any, Network, Any, Trajectory, Feedback], tuple[Tensor, Any]]
    baseline_decay: float  # alpha_R, per trial of one type
    warm_up: int  # trials without plasticity at the start of a lifetime


class Learner(NamedTuple):
    """All that crosses trials: the checkpoint of inner learning."""

    network: Network
    memory: Any
    baseline: Tensor  # b y, reward baseline of each trial type; NaN until its first trial
    trials: int


class Outcome(NamedTuple):
    """What one trial of learning produced."""

    trajectory: Trajectory
    feedback: Feedback
    update: Tensor  # b i j, as the rule wants it, whatever synapses forbid


class Tangents(NamedTuple):
    """Derivatives with respect to p coefficients that cross trials."""

    weight: Tensor  # b p i j, U
    trace: Tensor  # b p i, psi
    baseline: Tensor  # b p y, of the reward baseline


class MetaGradient(NamedTuple):
    """An estimate of dJ/dtheta, one per network."""

    gradient: Tensor  # b p
    objective: Tensor  # b, the mean reward of the lifetime
    finite: Tensor  # b, bool: False where the estimate overflowed
