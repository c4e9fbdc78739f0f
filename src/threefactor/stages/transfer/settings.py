"""Settings of transfer: learning rules under other settings than those that they were learned or tuned in."""

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import Field

from threefactor.declarations import TUNED_MARK
from threefactor.experiment import conditions, rules
from threefactor.experiment.settings import learning
from threefactor.experiment.settings.block import Block, Name
from threefactor.experiment.settings.errors import SettingsError


class Transfer(Block):
    """Rules, as they are, on fresh networks under other settings."""

    conditions: Annotated[dict[Name, dict[str, Any]], Field(min_length=1)] = Field(
        {"sparse_large": {
            "perturbation.size": 1.0,
            "perturbation.rate_per_ms": 0.0005,
            "plasticity.learning_rate": 0.00245,
            "plasticity.clip": 0.00235,
            "plasticity.baseline_decay": 0.72,
            "plasticity.baseline_exponent": 2.04,
            "plasticity.trace_decay": 0.039,
            "learning_rules.node_perturbation.learning_rate": 0.0009,
        }},
        description="conditions by name, each with the settings that differ in it, by dotted key",
    )  # fmt: skip
    rules: Annotated[tuple[Name, ...], Field(strict=False)] = Field(
        (),
        description="learning rules as in retrain.rules, [] for theta_33, all of metalearn.rules and node_perturbation",
    )
    tuned_rules: Annotated[tuple[Name, ...], Field(strict=False)] = Field(
        (),
        description="learning rules that also run with constants tuned for each condition, as tuned_<rule>, [] for none",
    )
    tuning_draws: int = Field(
        16,
        ge=1,
        description="values of the constants that are tried for each of these, the usual ones first, number of draws",
    )
    tuning_networks: int = Field(
        16, ge=1, description="networks that learn with each, which nothing else uses, number of networks"
    )
    networks: int = Field(
        8, ge=1, description="networks of one job, the same under every rule, number of networks"
    )
    batches: int = Field(1, ge=1, description="jobs for each rule and condition, number of batches")


def conflicts(settings: Any) -> Iterator[str]:
    """Yield a line for each condition and each learning rule in it that does not hold."""
    transfer = settings.transfer
    for name in transfer.conditions:
        place = f"transfer.conditions.{name}"
        try:
            under = conditions.derive(settings, name)
        except SettingsError as problem:
            yield str(problem)
            continue
        yield from (f"{place}: {line}" for line in learning.conflicts(under))
        chosen = under.transfer.rules
        if chosen != transfer.rules:
            yield from rules.unknown(settings, f"{place}: transfer.rules", chosen)
        yield from rules.without_derivative(under, f"{place}: transfer.rules", chosen)
        yield from rules.moves_readout(under, f"{place}: transfer.rules", chosen)
        yield from _tuned(under, f"{place}: transfer.tuned_rules", under.transfer.tuned_rules)
    yield from rules.unknown(settings, "transfer.rules", transfer.rules)


def _tuned(under: Any, place: str, chosen: tuple[str, ...]) -> Iterator[str]:
    """Yield a line for each rule that cannot be tuned under a condition."""
    yield from rules.unknown(under, place, chosen)
    known = [rule for rule in chosen if rules.exists(under, rule)]
    yield from rules.without_derivative(under, place, known)
    yield from rules.moves_readout(under, place, known)
    yield from rules.without_constants(place, known)
    for rule in known:
        if rules.exists(under, TUNED_MARK + rule):
            yield f"{place}: {rule!r}: must be a rule without a namesake, {TUNED_MARK + rule!r}"
