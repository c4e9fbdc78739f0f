"""Turn settings into learning rules: polynomials by their θ, and rules that have a file of their own."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import torch
from torch import Tensor

from threefactor import seeding
from threefactor.contract import Exploration, Rule, Surroundings
from threefactor.declarations import MONOMIAL, START, imported
from threefactor.experiment import build, build_plasticity, rules
from threefactor.experiment.learned_rules import OF_RULES
from threefactor.experiment.view import value_at
from threefactor.learning_rules.polynomial import Polynomial
from threefactor.network import initial


def polynomial(
    settings: Any, terms: Sequence[tuple[int, int]], values: Tensor, hyperparameters: tuple[str, ...] = ()
) -> Rule:
    """Return the polynomial rule with these values (p) of the terms (k, l), all others being zero.

    Terms and hyperparameters are what is differentiated.
    """
    size = 1 + max(max(term) for term in terms)
    theta = torch.zeros(size, size, dtype=values.dtype, device=values.device)
    for (k, l), value in zip(terms, values, strict=True):
        theta[k, l] = value
    time_step, plasticity = settings.network.time_step_ms, settings.plasticity
    params = Polynomial(
        theta=theta,
        terms=tuple(terms),
        learning_rate=plasticity.learning_rate,
        clip=build_plasticity.clip(settings),
        baseline_exponent=plasticity.baseline_exponent,
        trace_decay=plasticity.trace_decay,
        carry_trace=plasticity.carry_trace,
        eligibility_decay=1 - time_step / build_plasticity.limit(plasticity.eligibility_time_ms),
        weight_decay=build.task(settings).steps
        * time_step
        / build_plasticity.limit(plasticity.weight_time_ms),
        time_step=time_step,
        onset=plasticity.onset_steps,
        standard=build_plasticity.standard(settings),
        weight_linear=plasticity.weight_linear,
        weight_quadratic=plasticity.weight_quadratic,
        weight_unit=build_plasticity.weight_unit(settings),
        shape=build_plasticity.gate_shape(settings),
        hyperparameters=hyperparameters,
    )
    return _rule(settings, rules.POLYNOMIAL, params)


def learning_rule(settings: Any, name: str, theta: pd.DataFrame | None, device: torch.device) -> Rule:
    """Return the learning rule of a name.

    Parameters
    ----------
    settings
        Of an experiment.
    name
        ``theta_<k><l>`` (on the deviation of the settings), ``theta_<k><l>_<deviation>``, a key of ``metalearn.rules``,
        ``start_<key>``, or a file of ``learning_rules/``.
    theta
        The table that meta-learning wrote, for a rule that was learned or its start.
    device
        Where the rule's tensors live.
    """
    if theta is not None:
        own = {f"plasticity.{key}": value for key, value in own_settings(theta).items()}
        settings = settings.changed(own)
        column = "start" if name.startswith(START) else "theta"
        terms = list(zip(theta["k"], theta["l"], strict=True))
        values = torch.tensor(theta[column].to_numpy(), dtype=build.dtype(settings), device=device)
        return polynomial(settings, terms, values)
    if found := MONOMIAL.fullmatch(name):
        term = (int(found[1]), int(found[2]))
        value = torch.tensor([monomial_sign(term)], dtype=build.dtype(settings), device=device)
        under = settings.changed({"plasticity.deviation": found[3]}) if found[3] else settings
        return polynomial(under, [term], value)
    return _rule(settings, name, _parameters(settings, name, device))


def own_settings(theta: pd.DataFrame) -> dict[str, Any]:
    """Return the settings of plasticity that a learned rule has instead of the experiment's, from its theta.csv."""
    return {key: theta[key].iloc[0] for key in OF_RULES if key in theta}


def monomial_sign(term: tuple[int, int]) -> float:
    """Return the coefficient ±1 of a rule of one term: perturbations raise x, so odd powers of old minus new fall."""
    return -1.0 if term[1] % 2 else 1.0


def deviation_of(settings: Any, theta: pd.DataFrame | None) -> str:
    """Return which deviation a rule is a function of, from theta.csv; None for a rule that was not learned."""
    if theta is None or "deviation" not in theta:
        return str(settings.plasticity.deviation)
    return str(theta["deviation"].iloc[0])


def with_hyperparameters(settings: Any, name: str, table: pd.DataFrame | None) -> Any:
    """Return the settings under which a learning rule runs: with the hyperparameters that were learned with it.

    A setting that is no longer as it was before it was learned, since a condition changed it, stays.

    Parameters
    ----------
    settings
        Of an experiment.
    name
        Of the learning rule; ``start_<key>`` began at the settings as they are.
    table
        ``hyperparameters.csv``, for a rule that was learned or its start.
    """
    if table is None or name.startswith(START):
        return settings
    rows = zip(table["name"], table["start"].tolist(), table["value"].tolist(), strict=True)
    learned: Mapping[str, float] = {
        key: value for key, start, value in rows if _is(settings, key, float(start))
    }
    return settings.changed(learned)


def _is(settings: Any, key: str, number: float) -> bool:
    """Tell whether a setting is a number, up to what a table loses."""
    found = value_at(settings, key)
    return found != "" and math.isclose(found, number, rel_tol=1e-9)


def _rule(settings: Any, file: str, params: Any) -> Rule:
    """Put a rule together."""
    module = imported(f"learning_rules.{file}")
    plasticity, explores = settings.plasticity, rules.about(file).explores
    return Rule(
        file,
        params,
        module.init,
        module.update,
        plasticity.baseline_decay,
        plasticity.warm_up_trials,
        Exploration(explores, params.exploration) if explores else None,
        getattr(module, "learn", None),
        plasticity.momentum,
        build_plasticity.normalisation(settings),
    )


def _parameters(settings: Any, name: str, device: torch.device) -> object:
    """Return the parameters of a rule that has a file of its own, from its own settings and what surrounds it."""
    module = imported(f"learning_rules.{name}")
    private = build.own_settings(settings, module, f"learning_rules.{name}")
    return module.parameters(private, _surroundings(settings, name, device))


def _surroundings(settings: Any, name: str, device: torch.device) -> Surroundings:
    """Return what a learning rule is made for."""
    plasticity, network = settings.plasticity, settings.network
    outputs, seed = build.task(settings).outputs, settings.seed
    read = None
    if network.readout == "unit":
        read = initial.unit_readout(network.units, outputs, network.clamped, network.activation)
    return Surroundings(
        learning_rate=plasticity.learning_rate,
        clip=build_plasticity.clip(settings),
        baseline_exponent=plasticity.baseline_exponent,
        time_step=network.time_step_ms,
        onset=plasticity.onset_steps,
        units=network.units,
        outputs=outputs,
        dtype=build.dtype(settings),
        device=device,
        unit_readout=read,
        generator=lambda purpose: seeding.generator(seed, name, purpose),
        shape=build_plasticity.gate_shape(settings),
    )
