"""Families of learned rules: which of them differ in what they may be, and not only in where or how they were sought."""

from threefactor.metalearning import masks
from threefactor.config.metalearn import LearnedRule
from threefactor.pipeline.settings.model import Config

OWN_WEIGHT = "plasticity.weight_linear", "plasticity.weight_quadratic"
"""Settings by which a rule reads the own weight of a synapse."""


def member(rule: LearnedRule, config: Config) -> str:
    """Name what a rule may be: terms, rank, sparsity, deviation, time constant, own weight and task; no starts.

    What is as in the settings goes without saying, whether the rule says it or not.
    """
    own = config.plasticity
    more = [
        f"rank {rule.rank}" if rule.rank else "",
        f"sparse {rule.sparsity:g}" if rule.sparsity else "",
        f"τ_e {rule.eligibility_time_ms:g} ms"
        if rule.eligibility_time_ms not in ("", own.eligibility_time_ms)
        else "",
        f"{rule.deviation} deviation" if rule.deviation not in ("", own.deviation) else "",
        "own weight" if set(OWN_WEIGHT) & set(rule.learn) else "",
        f"on {rule.task}" if rule.task not in ("", config.task.name) else "",
    ]
    return ", ".join([_terms(rule, config.metalearn.degree), *filter(None, more)])


def _terms(rule: LearnedRule, degree: int) -> str:
    """Name the terms: by a mask that has the same, if there is one."""
    if not isinstance(rule.terms, tuple):
        return rule.terms.replace("_", " ")
    wanted = masks.chosen(rule.terms, degree)
    same = (name.replace("_", " ") for name in masks.MASKS if masks.chosen(name, degree) == wanted)
    return next(same, " ".join(sorted(rule.terms)))


def members(config: Config) -> dict[str, str]:
    """Return the member of each learned rule, by the rule's name."""
    return {name: member(rule, config) for name, rule in config.metalearn.rules.items()}


def search_of(config: Config, name: str) -> str:
    """Name the search that found a learned rule: `<name>` of its starts `<name>`, `<name>_2`, ..."""
    rules, (stem, _, number) = config.metalearn.rules, name.rpartition("_")
    return stem if number.isdecimal() and rules.get(stem) == rules[name] else name


def kinds(config: Config) -> dict[str, str]:
    """Name what each rule learned on the experiment's own task may be, and where it started, by the rule's name.

    Rules of one kind differ only in how they were sought, and in which of the random starts they had.
    """
    return {
        name: f"{member(rule, config)} from {rule.start} with {sorted(rule.learn)}"
        for name, rule in config.metalearn.rules.items()
        if rule.task in ("", config.task.name)
    }


def kin_of_evolved(config: Config) -> dict[str, list[str]]:
    """List, for each rule that evolution seeks, those of its kind that derivatives do."""
    of, rules = kinds(config), config.metalearn.rules
    return {
        evolved: [name for name in of if of[name] == of[evolved] and rules[name].estimator != "evolution"]
        for evolved in of
        if rules[evolved].estimator == "evolution"
    }


def first(config: Config, count: int) -> list[str]:
    """List the first of the learned rules."""
    return list(config.metalearn.rules)[:count]


def recoverable(config: Config) -> list[str]:
    """List the learned rules that are hidden to be recovered: the first of those of raw deviation, own weight aside."""
    usual = config.plasticity.deviation
    plain = [
        name
        for name, rule in config.metalearn.rules.items()
        if (rule.deviation or usual) == "raw" and not set(OWN_WEIGHT) & set(rule.learn)
    ]
    return plain[: config.recover.learned_rules]
