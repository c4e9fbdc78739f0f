"""A batch of rate networks as a module of torch, in a file that runs alone: it needs torch and nothing else.

    from rate_network import load

    module = load("networks.pt")
    output, state = module(inputs)  # b t c -> b t o, b t+1 i

Axes: b network and its trial, t time step, i and j unit, c input, o output; ``weights[b, i, j]`` is onto i from j.
"""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

OF_NETWORK = ("weights", "input_weights", "output_weights", "exists", "feedback_weights", "numbers")
"""Tensors with a network axis."""

SHARED = ("clamped", "clamped_state", "sign")
"""Tensors that all networks have in common."""

SMALL = 40.0
"""State up to which softplus differs from the identity in double precision."""


class RateNetwork(nn.Module):
    """Rate networks that can be run, and trained further: only ``weights`` has a gradient, unless others are asked for.

    ``x[t+1] = x[t] + m leak (-x[t] + W phi(x[t]) + W_in u[t] + xi[t])`` with m = 0 on clamped units, and
    ``y[t] = W_out phi(x[t+1])``, as `threefactor.network.simulate.simulate` has it.

    Parameters
    ----------
    weights, input_weights, output_weights
        W b i j, W_in b i c, W_out b o i.
    clamped, clamped_state
        Units whose state is held, and that state; i.
    leak
        dt / tau.
    activation
        phi: ``tanh``, ``relu`` or ``softplus``.
    exists
        b i j, bool: synapses that exist; None for all.
    sign
        j, of all weights from unit j: 1, -1, or 0 for either; None for either.
    feedback_weights
        b i o, by which outputs are fed back to units, which `weights` contain; None for no feedback.
    numbers
        b, by which networks are known elsewhere; None for 0, 1, …
    about
        Texts and numbers that tell where the networks come from.
    """

    weights: nn.Parameter
    input_weights: nn.Parameter
    output_weights: nn.Parameter
    clamped: Tensor
    clamped_state: Tensor
    exists: Tensor | None
    sign: Tensor | None
    feedback_weights: Tensor | None
    numbers: Tensor

    def __init__(
        self,
        weights: Tensor,
        input_weights: Tensor,
        output_weights: Tensor,
        clamped: Tensor,
        clamped_state: Tensor,
        leak: float,
        activation: str = "tanh",
        exists: Tensor | None = None,
        sign: Tensor | None = None,
        feedback_weights: Tensor | None = None,
        numbers: Tensor | None = None,
        about: dict[str, Any] | None = None,
    ) -> None:
        super().__init__()
        self.weights = nn.Parameter(weights.detach().clone())
        self.input_weights = nn.Parameter(input_weights.detach().clone(), requires_grad=False)
        self.output_weights = nn.Parameter(output_weights.detach().clone(), requires_grad=False)
        buffers = {"clamped": clamped, "clamped_state": clamped_state, "exists": exists, "sign": sign}
        buffers["feedback_weights"] = feedback_weights
        buffers["numbers"] = torch.arange(len(weights)) if numbers is None else numbers
        for name, part in buffers.items():
            self.register_buffer(name, None if part is None else part.detach().clone())
        self.leak, self.activation, self.about = leak, activation, dict(about or {})

    def forward(
        self, inputs: Tensor, start: Tensor | None = None, perturbation: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Run each network through its trial.

        Parameters
        ----------
        inputs
            u, b t c: a trial for each network. A module of one network takes any number of trials.
        start
            b i, the state at t = 0, clamped units at their value; None for zero elsewhere.
        perturbation
            xi, b t i, added to the input before the leak; None for none.

        Returns
        -------
        output : Tensor
            y, b t o.
        state : Tensor
            x, b t+1 i.

        Raises
        ------
        ValueError
            If the inputs are not of that shape.
        """
        batch, steps = self._expect(inputs)
        weights, input_weights, output_weights = (
            part.expand(batch, -1, -1) for part in (self.weights, self.input_weights, self.output_weights)
        )
        if start is None:
            start = self.clamped_state.to(inputs.dtype).expand(batch, -1)
        if perturbation is None:
            perturbation = inputs.new_zeros(batch, steps, weights.shape[1])
        drive = torch.baddbmm(perturbation, inputs, input_weights.mT)
        gain = self.leak * (~self.clamped).to(start.dtype)
        states, rates = [start], [self.rate(start)]
        for driven in drive.unbind(1):
            recurrent = (weights @ rates[-1][..., None])[..., 0]
            states.append(states[-1] + gain * (recurrent + driven - states[-1]))
            rates.append(self.rate(states[-1]))
        return torch.stack(rates, 1)[:, 1:] @ output_weights.mT, torch.stack(states, 1)

    def rate(self, state: Tensor) -> Tensor:
        """Return phi of states, elementwise."""
        if self.activation == "softplus":
            return nn.functional.softplus(state, threshold=SMALL)
        return {"tanh": torch.tanh, "relu": torch.relu}[self.activation](state)

    @torch.no_grad()
    def hold(self) -> None:
        """Set weights to zero that no synapse can have; to be called after each step of an optimiser."""
        if self.exists is not None:
            self.weights.masked_fill_(~self.exists, 0)
        if self.sign is not None:
            self.weights.masked_fill_((self.sign != 0) & (self.sign * self.weights < 0), 0)

    def one(self, place: int) -> "RateNetwork":
        """Return a module of the one network at a place of the batch, from 0."""
        parts = {name: getattr(self, name) for name in OF_NETWORK}
        own: dict[str, Any] = {
            name: None if part is None else part[place, None] for name, part in parts.items()
        }
        return RateNetwork(**own, **{name: getattr(self, name) for name in SHARED}, **self._constants())

    def save(self, path: str | Path) -> None:
        """Write the networks, to be read by `load`."""
        torch.save({"tensors": self.state_dict(), "constants": self._constants()}, path)

    def _constants(self) -> dict[str, Any]:
        return {"leak": self.leak, "activation": self.activation, "about": self.about}

    def _expect(self, inputs: Tensor) -> tuple[int, int]:
        """Return how many trials and steps inputs have, if they fit the networks."""
        networks, channels = len(self.weights), self.input_weights.shape[2]
        if inputs.dim() != 3 or inputs.shape[2] != channels or networks not in (1, len(inputs)):
            trials = "any number of" if networks == 1 else networks
            raise ValueError(
                f"inputs of shape {tuple(inputs.shape)}: must be {trials} trials, time steps, {channels} channels"
            )
        return inputs.shape[0], inputs.shape[1]


class Answers:
    """What `mlflow.pyfunc` loads: the outputs of every network in every trial, as arrays."""

    def __init__(self, module: RateNetwork) -> None:
        self.networks = [module.one(place) for place in range(len(module.weights))]

    def predict(self, inputs: Any) -> Any:
        """Return outputs (trial, network, time, output) for inputs (trial, time, channel), without noise."""
        with torch.no_grad():
            given = torch.as_tensor(inputs, dtype=self.networks[0].weights.dtype)
            return torch.stack([one(given)[0] for one in self.networks], 1).numpy()


def load(path: str | Path) -> RateNetwork:
    """Read networks that `RateNetwork.save` wrote."""
    found = torch.load(path, map_location="cpu", weights_only=True)
    return RateNetwork(**found["tensors"], **found["constants"])


def _load_pyfunc(path: str) -> Answers:
    """Read networks for `mlflow.pyfunc.load_model`."""
    return Answers(load(path))
