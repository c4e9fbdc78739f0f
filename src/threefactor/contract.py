"""The types that travel between the packages, and nothing else.

Axes stand in one order everywhere: b network, h trial, p coefficient, t time, i post, j pre; c input, o output,
y trial type. ``weights[b, i, j]`` is onto i from j. ``rate[:, t]`` pairs with ``state[:, t + 1]`` in every product.
Nothing here draws: starts and perturbations are arguments, so that noise can be common to two calls.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Generator, Tensor


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
    exists: Tensor | None = None  # b i j, bool: synapses that exist; None for all, see network/synapses.py
    sign: Tensor | None = None  # j, int8, of all weights from unit j: 1, -1, or 0 for either; None for either
    feedback_weights: Tensor | None = None  # b i o, W_fb; ``weights`` contain W_fb W_out; None for none


class Experience(NamedTuple):
    """A trial with its noise: everything that the environment brings to a network."""

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
    """What the environment says of a trial."""

    reward: Tensor  # b
    baseline: Tensor  # b, running mean of the reward of this trial type
    output_gradient: Tensor  # b t o, dR/dy
    exploration: Tensor | None = (
        None  # b t o or b i j, the rule's own noise on the outputs or weights rewarded
    )
    target: Tensor | None = None  # b t o, y*; NaN where no output is wanted


class Exploration(NamedTuple):
    """Noise of its own by which a learning rule explores, instead of the perturbations of units.

    One number a trial for each weight, or for each output, the latter held over the response window
    (`threefactor.training.trial.draw_exploration`).
    """

    of: str  # outputs | weights
    size: float  # standard deviation, in units of the output or of a weight


class Normalisation(NamedTuple):
    """Constants of normalised updates, see `threefactor.training.normalised_update`."""

    size: float  # root mean square of a unit's steps in one trial, in the unit that follows
    unit: float  # a weight: gain / sqrt(N)
    keep: float  # decay of the running mean square, per trial
    bound: float  # of an update, in units of its root mean square


class GateShape(NamedTuple):
    """Coefficients of the factor f(u, v) of the third factor, see `threefactor.learning_rules.third_factor`."""

    gate_error: float = 0.0  # of u, the relative reward prediction error
    gate_error_squared: float = 0.0
    gate_baseline: float = 0.0  # of v, the size of the baseline
    gate_baseline_squared: float = 0.0


class Surroundings(NamedTuple):
    """What the parameters of a learning rule may depend on beside its own settings."""

    learning_rate: float  # of plasticity, for rules that have none of their own, per ms of eligibility
    clip: float  # largest change of a weight in one trial; inf for none
    baseline_exponent: float  # s, power of the baseline in the gate
    time_step: float  # dt, ms
    onset: int  # first step of a trial that counts in the eligibility
    units: int  # N
    outputs: int  # o, of the task
    dtype: torch.dtype  # of all tensors among the parameters
    device: torch.device
    unit_readout: Tensor | None  # o i, float64: W_out where single units are read; None for a random readout
    generator: Callable[[str], Generator]  # of what is drawn once for the rule, by its purpose
    shape: GateShape = GateShape()  # of the gate


class Rule(NamedTuple):
    """A learning rule: a value with two pure functions.

    A learning rule is one file of ``learning_rules/``, the name of which is that of the rule. It defines

    ``parameters(settings, surroundings) -> params``
        Make the parameters from the rule's own settings, by name, and from `Surroundings`.
    ``init(params, network) -> memory``
        Make what crosses trials: a number, a text, None, a tensor, or a tuple, list or dict of these in any nesting.
        Its tensors are batch first, and learning never changes one in place.
    ``update(params, network, memory, trajectory, feedback) -> (update, memory)``
        Return the change of the weights (b i j) after a whole trial, in which the weights rest, and the memory after it.
        A pure function, in which networks do not know of each other. Rows of clamped units are zero.
    ``learn(rule, learner, trial, start, perturbation) -> (learner, outcome)``
        Run one trial, as `threefactor.training.trial.learn` does for all other rules. Only a rule that changes weights
        within a trial, or moves the readout, defines it; its ``update`` then is what it would do to a network at rest.

    and declares as literals, which are read without importing the file,

    ``LABEL``
        As figures write it.
    ``INFORMATION``
        What an update has access to: ``"reward"`` (reward, activity and weights), ``"perturbation"`` (the
        perturbations too), ``"error"`` (the derivative of the reward with respect to the output, or the target) or
        ``"gradient"`` (that with respect to all weights).
    ``LOCAL``
        False where a synapse needs what only other synapses know, as under BPTT; left out elsewhere.
    ``SOURCE``
        Who proposed the rule, and when.
    ``MOVES_READOUT``
        True where the rule changes the weights of the readout too, which must then be no unit; left out elsewhere.
    ``TUNED``
        Keys of the settings that stage ``tune`` draws, each with the lowest and the highest multiple of its default
        (``learning_rate`` is that of the rule, ``plasticity.clip`` one of the experiment).
    ``MIXES_TRIAL_TYPES``
        True where an update depends on past trials of other types; left out elsewhere.
    ``EXPLORES``
        ``"outputs"`` or ``"weights"`` where the rule explores with noise on these (`Exploration`), the size of which is
        ``params.exploration``; left out elsewhere.
    ``SETTINGS``
        The rule's own settings, left out if there are none: by name a dictionary of ``default``, ``meaning`` and, as far
        as they apply, ``unit``, ``choices`` and the bounds ``above``, ``at_least``, ``below``, ``at_most``.
    """

    name: str
    params: Any
    init: Callable[[Any, Network], Any]
    update: Callable[[Any, Network, Any, Trajectory, Feedback], tuple[Tensor, Any]]
    baseline_decay: float  # alpha_R, per trial of one type
    warm_up: int  # trials without plasticity at the start of a learning run
    exploration: Exploration | None = None
    learn: Callable[..., tuple["Learner", "Outcome"]] | None = None
    momentum: float = (
        0.0  # beta of the running mean of steps by which weights move; 0 for the steps themselves
    )
    normalisation: Normalisation | None = None  # of updates, which makes steps of them; None for none


class Learner(NamedTuple):
    """All that crosses trials: the checkpoint of inner learning."""

    network: Network
    memory: Any
    baseline: Tensor  # b y, reward baseline of each trial type; NaN until its first trial
    trials: int
    change: Tensor | None = (
        None  # b i j, the last change of the weights, of a rule with momentum; None without
    )
    square: Tensor | None = None  # b i, running mean square of a unit's updates, where they are normalised


class Outcome(NamedTuple):
    """What one trial of learning produced."""

    trajectory: Trajectory
    feedback: Feedback
    update: Tensor  # b i j, as the rule proposes it
    step: Tensor  # b i j, the same normalised, where the rule has a normalisation
    change: Tensor  # b i j, what the weights then move by, before synapses constrain them: see Rule.momentum


class Tangents(NamedTuple):
    """Derivatives with respect to p coefficients that cross trials."""

    weight: Tensor  # b p i j, U
    trace: Tensor  # b p i, psi
    baseline: Tensor  # b p y, of the reward baseline
    change: Tensor | None = None  # b p i j, of the last change of the weights, of a rule with momentum
    square: Tensor | None = None  # b p i, of the running mean square of a unit's updates


class MetaGradient(NamedTuple):
    """An estimate of dJ/dtheta, one per network."""

    gradient: Tensor  # b p
    objective: Tensor  # b, the mean over the trials of a learning run
    finite: Tensor  # b, bool: False where the estimate overflowed
