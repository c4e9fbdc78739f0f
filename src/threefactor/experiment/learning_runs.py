"""Draw the learning runs that a rule is meta-learned by, of each step and held out, under one condition or several.

Without a distribution, all networks learn under the settings of the experiment. With one, each step draws conditions,
the same for all rules, and shares its networks among them. Held-out networks have conditions of their own.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple, cast

import torch

from threefactor import seeding
from threefactor.contract import Experience, Network
from threefactor.declarations import imported
from threefactor.experiment import build, build_rule, distribution
from threefactor.experiment.hyperparameters import names, with_hyperparameters
from threefactor.experiment.settings.errors import SettingsError
from threefactor.metalearning import draws, masks
from threefactor.metalearning.problem import HeldOut, Sample
from threefactor.metalearning.sides import SHARE
from threefactor.network.perturbation import Sparse
from threefactor.training.environment import Environment, experience
from threefactor.training.trial import start_learning


class Source(NamedTuple):
    """A rule of ``metalearn.rules``, and where its learning runs come from."""

    settings: Any  # under which it is learned, see `threefactor.experiment.learned_rules.effective`
    key: str
    device: torch.device
    schedule: tuple[int, ...]  # trials of the learning runs of each step
    hyperparameters: tuple[str, ...]  # keys of the settings that are meta-learned
    conditions: int = 0  # drawn in each step from ``metalearn.distribution``; 0: the settings alone
    purpose: str = "metalearn"  # of networks and noise

    @property
    def rule(self) -> Any:
        """The value of ``metalearn.rules``."""
        return self.settings.metalearn.rules[self.key]

    @property
    def terms(self) -> tuple[tuple[int, int], ...]:
        """The terms (k, l) that are learned."""
        return tuple(masks.chosen(self.rule.terms, self.settings.metalearn.degree))

    @property
    def networks(self) -> int:
        """Networks of a step."""
        return int(self.rule.networks or self.settings.metalearn.networks)

    @property
    def estimator(self) -> Any:
        """The module of the estimator."""
        return imported(f"metalearning.estimators.{self.rule.estimator}")

    @property
    def learning_runs(self) -> int:
        """Learning runs that a step simulates: evolution lets every network learn twice."""
        return self.networks * getattr(self.estimator, "RUNS_PER_NETWORK", 1)


class Share(NamedTuple):
    """Networks that learn under one condition."""

    values: Mapping[str, Any]  # of the condition, by key of the settings
    ids: range  # numbers of its networks
    place: tuple[str | int, ...]  # tells its noise from that of other conditions


def source(settings: Any, key: str, device: torch.device) -> Source:
    """Return the source of a rule of ``metalearn.rules``, given the settings under which it is learned."""
    rule = settings.metalearn.rules[key]
    runs = schedule(settings.metalearn, rule)
    return Source(settings, key, device, runs, rule.hyperparameters, rule.conditions)


def schedule(metalearn: Any, rule: Any) -> tuple[int, ...]:
    """Return the trials of each step: each share of the curriculum holds for an equal part of the steps."""
    shares, longest = metalearn.curriculum, rule.trials or metalearn.trials
    steps = rule.steps or metalearn.steps
    return tuple(round(shares[step * len(shares) // steps] * longest) for step in range(steps))


def of_step(origin: Source, step: int) -> list[Share]:
    """Return the networks of one step by condition."""
    ids = range(step * origin.networks, (step + 1) * origin.networks)
    return _shares(origin, ids, origin.conditions, origin.purpose, step)


def of_held_out(origin: Source, count: int) -> list[Share]:
    """Return so many held-out networks by condition."""
    conditions = origin.settings.metalearn.held_out_conditions if origin.conditions else 0
    return _shares(origin, range(count), conditions, _held_out(origin))


def draw(origin: Source, step: int, values: Mapping[str, float]) -> list[Sample]:
    """Draw the learning runs of one step, under these values of the hyperparameters; one sample a condition."""
    learned = with_hyperparameters(origin.settings, origin.hyperparameters, values)
    return [_sample(origin, learned, step, share) for share in of_step(origin, step)]


def draw_held_out(origin: Source, count: int, trials: int, values: Mapping[str, float]) -> list[HeldOut]:
    """Draw so many held-out networks that learn for so many trials, under these values; one bundle a condition."""
    learned = with_hyperparameters(origin.settings, origin.hyperparameters, values)
    return [_of_held_out(origin, learned, trials, share) for share in of_held_out(origin, count)]


def expect_fit(origin: Source, held_out: int) -> None:
    """Refuse a distribution of which some condition, of a step or of so many held-out networks, contradicts itself.

    Raises
    ------
    SettingsError
        In one line, with the values of the condition.
    """
    if not origin.conditions:
        return
    found = [share for step in range(len(origin.schedule)) for share in of_step(origin, step)]
    for share in [*found, *of_held_out(origin, held_out)]:
        _expect_fit(origin.settings, share.values)


def _expect_fit(settings: Any, values: Mapping[str, Any]) -> None:
    """Refuse one condition that contradicts itself."""
    under = settings.changed(distribution.in_keeping(settings, values))
    try:
        for conflict in distribution.conflicts(under):
            raise SettingsError(conflict)
        build.environment(under)
    except SettingsError as problem:
        raise SettingsError(f"{distribution.named(values)}: {problem}") from None


def _held_out(origin: Source) -> str:
    """Return the purpose of held-out networks, of their conditions and of their noise."""
    return f"{origin.purpose} held out"


def _shares(origin: Source, ids: range, conditions: int, *purpose: str | int) -> list[Share]:
    """Share networks evenly among conditions that are drawn for a purpose; without conditions, leave them together."""
    if not conditions:
        return [Share({}, ids, ())]
    bounds = [len(ids) * n // conditions for n in range(conditions + 1)]
    return [
        Share(_condition(origin.settings, *purpose, "condition", n), ids[first:last], ("condition", n))
        for n, (first, last) in enumerate(pairwise(bounds))
    ]


def _condition(settings: Any, *purpose: str | int) -> dict[str, Any]:
    """Draw one condition; a value depends on the seed, the purpose and its key, not on other keys."""
    found = {}
    for key, spread in settings.metalearn.distribution.items():
        generator = seeding.generator(settings.seed, *purpose, key)
        share = torch.rand((), generator=generator, dtype=torch.float64).item()
        value = (
            draws.between(1.0, spread.between, share) if spread.between else draws.among(spread.among, share)
        )
        found[key] = distribution.like(settings, key, value)
    return found


def _sample(origin: Source, learned: Any, step: int, share: Share) -> Sample:
    """Draw the learning runs of one step under one condition."""
    settings = learned.changed(distribution.in_keeping(learned, share.values))
    networks = build.network(settings, share.ids, origin.device, purpose=origin.purpose)
    ones = torch.ones(len(origin.terms)).to(networks.weights)
    rule = build_rule.polynomial(settings, origin.terms, ones, names(origin.hyperparameters))
    surround = build.environment(settings)
    if "perturbation_share" in names(origin.hyperparameters):  # all candidates are given
        sparse = cast(Sparse, surround.perturbation)  # conflicts of stage metalearn see to it
        candidates = sparse._replace(probability=sparse.probability / SHARE)
        surround = surround._replace(perturbation=candidates)
    learner = start_learning(rule, networks, len(surround.task.trial_types))
    trials = _trials(origin, surround, networks, (step, *share.place), origin.schedule[step])
    noise = seeding.generator(settings.seed, origin.purpose, "weight noise", step, *share.place)
    return Sample(rule, learner, trials, noise)


def _trials(
    origin: Source, surround: Environment, networks: Network, place: Sequence[str | int], count: int
) -> Iterator[Experience]:
    """Draw so many trials, one after the other."""
    noise = build.noise(origin.settings, origin.purpose, *place)
    for h in range(count):
        yield experience(surround, networks, h, generator=noise(h))


def _of_held_out(origin: Source, learned: Any, trials: int, share: Share) -> HeldOut:
    """Draw held-out networks under one condition."""
    settings, purpose = learned.changed(distribution.in_keeping(learned, share.values)), _held_out(origin)
    networks = build.network(settings, share.ids, origin.device, purpose=purpose)
    ones = torch.ones(len(origin.terms)).to(networks.weights)
    rule = build_rule.polynomial(settings, origin.terms, ones)
    noise, surround = build.noise(settings, purpose, *share.place), build.environment(settings)
    return HeldOut(rule, networks, surround, build.criterion(settings, trials), noise)
