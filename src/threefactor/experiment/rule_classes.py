"""Rule classes: which learned rules are under the same constraints, wherever and however they were sought."""

from typing import Any

from threefactor.metalearning import masks

WEIGHT_DEPENDENCE = ("plasticity.weight_linear", "plasticity.weight_quadratic")
"""Hyperparameters by which a rule depends on the weight of a synapse."""

GATE_SHAPE = (
    "plasticity.gate_error",
    "plasticity.gate_error_squared",
    "plasticity.gate_baseline",
    "plasticity.gate_baseline_squared",
)
"""Hyperparameters of the factor f(u, v) of the gate."""


def rule_class(rule: Any, settings: Any) -> str:
    """Name the constraints of a rule: terms, rank, sparsity, time constant, deviation, momentum, updates, gate, task.

    Where it starts is no constraint, and what is as in the settings goes without saying.

    Parameters
    ----------
    rule
        A value of ``metalearn.rules``.
    settings
        With blocks plasticity, task and metalearn.
    """
    shared = settings.plasticity
    is_own_time = rule.eligibility_time_ms not in ("", shared.eligibility_time_ms)
    more = [
        f"rank {rule.rank}" if rule.rank else "",
        f"sparse {rule.sparsity:g}" if rule.sparsity else "",
        f"τ_e {rule.eligibility_time_ms:g} ms" if is_own_time else "",
        f"{rule.deviation} deviation" if rule.deviation not in ("", shared.deviation) else "",
        f"momentum {rule.momentum:g}" if rule.momentum not in ("", shared.momentum) else "",
        "normalised updates" if rule.update_size not in ("", shared.update_size) else "",
        "shaped gate" if set(GATE_SHAPE) & set(rule.hyperparameters) else "",
        "weight-dependent" if set(WEIGHT_DEPENDENCE) & set(rule.hyperparameters) else "",
        f"on {rule.task}" if rule.task not in ("", settings.task.name) else "",
    ]
    return ", ".join([_terms(rule, settings.metalearn.degree), *filter(None, more)])


def _terms(rule: Any, degree: int) -> str:
    """Name the terms: by a mask that has the same, if there is one."""
    if not isinstance(rule.terms, tuple):
        return str(rule.terms.replace("_", " "))
    chosen = masks.chosen(rule.terms, degree)
    same = (name.replace("_", " ") for name in masks.MASKS if masks.chosen(name, degree) == chosen)
    return next(same, " ".join(sorted(rule.terms)))


def rule_classes(settings: Any) -> dict[str, str]:
    """Return the class of each learned rule, by the rule's name."""
    return {name: rule_class(rule, settings) for name, rule in settings.metalearn.rules.items()}


def search_of(settings: Any, name: str) -> str:
    """Name the search that found a learned rule: ``<name>`` of its starts ``<name>``, ``<name>_2``, ..."""
    rules, (stem, _, number) = settings.metalearn.rules, name.rpartition("_")
    return stem if number.isdecimal() and rules.get(stem) == rules[name] else name


def search_classes(settings: Any) -> dict[str, str]:
    """Name the class and the start of each rule that was learned on the experiment's own task, by the rule's name.

    Rules of one such class differ only in how they were sought, and in which of the random starts they had.
    """
    return {
        name: f"{rule_class(rule, settings)} from {rule.start} with {sorted(rule.hyperparameters)}"
        for name, rule in settings.metalearn.rules.items()
        if rule.task in ("", settings.task.name)
    }


def rivals_of_evolved(settings: Any) -> dict[str, list[str]]:
    """List, for each rule that evolution found, those of its class that derivatives found."""
    classes, rules = search_classes(settings), settings.metalearn.rules
    return {
        evolved: [
            name
            for name in classes
            if classes[name] == classes[evolved] and rules[name].estimator != "evolution"
        ]
        for evolved in classes
        if rules[evolved].estimator == "evolution"
    }


def first(settings: Any, count: int) -> list[str]:
    """List the first of the learned rules."""
    return list(settings.metalearn.rules)[:count]


def recoverable(settings: Any) -> list[str]:
    """List the learned rules that are recovered: the first of raw deviation and without weight dependence."""
    usual = settings.plasticity.deviation
    plain = [
        name
        for name, rule in settings.metalearn.rules.items()
        if (rule.deviation or usual) == "raw" and not set(WEIGHT_DEPENDENCE) & set(rule.hyperparameters)
    ]
    return plain[: settings.recover.learned_rules]
