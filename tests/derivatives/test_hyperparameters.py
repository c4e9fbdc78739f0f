"""The derivatives with respect to hyperparameters are those of learning, forwards and in reverse."""

import pytest
import torch

from derivatives.with_hyperparameters import (
    BOUNDED,
    TRIALS,
    WEIGHT_DEPENDENT,
    by_column,
    learned_with,
    names_under,
    slow,
    values,
)
from small_runs import (
    GATE_SHAPE,
    NORMALISED,
    OFF,
    ON,
    TRIAL_TYPES,
    experiences,
    late_types,
    network,
    relative,
)
from threefactor import seeding
from threefactor.derivatives import stepwise, two_pass
from threefactor.derivatives.end_of_trial import start_tangents
from threefactor.kernels.backend import using
from threefactor.kernels.standardise import Standard
from threefactor.metalearning.estimators import pathwise, reverse
from threefactor.metalearning.trial_record import Noise
from threefactor.training.objective import SmoothedErrorRate, objective_value
from threefactor.training.trial import learn, start_learning

SMOOTHED = SmoothedErrorRate(error=0.5, width=0.2)


VARIANTS = {
    "all on": ON,
    "all off": OFF,
    **{f"only {name}": {**OFF, name: ON[name]} for name in ("clip", "carry_trace", "weight_decay")},
    "no trace carried": {**ON, "carry_trace": False},
    "standardised deviation": {**ON, "standard": Standard(0.4, 0.8, 0.2)},
    "normalised deviation": {**ON, "standard": Standard(None, 0.7, 0.3)},
    "bounded deviation": {**ON, **BOUNDED},
    "all off, bounded deviation": {**OFF, **BOUNDED},
    "weight-dependent factor": {**ON, **WEIGHT_DEPENDENT},
    "momentum": {**ON, "momentum": 0.6},
    "momentum alone": {**OFF, "momentum": 0.6},
    "normalised updates": {**OFF, **NORMALISED},
    "normalised updates with clip and decay": {**ON, **NORMALISED},
    "normalised updates, momentum, bounded deviation": {**ON, **NORMALISED, **BOUNDED, "momentum": 0.6},
    "shaped gate": {**ON, **GATE_SHAPE},
    "shaped gate, no exponent": {**OFF, **GATE_SHAPE},
}


def tangents_by(jvp, learned, options, sampled):
    """Return rho (h b p), U (h b p i j), and the last tangents."""
    learner = start_learning(learned, network(options), TRIAL_TYPES)
    tangents = start_tangents(learned, learner)
    rhos, weights = [], []
    for experience in sampled:
        before = learner
        learner, outcome = learn(learned, before, *experience)
        tangents, rho = jvp(learned, before, experience.trial, outcome, tangents)
        rhos.append(rho)
        weights.append(tangents.weight)
    return torch.stack(rhos), torch.stack(weights), tangents


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("backend", ["cpu", "torch"])
def test_tangents_equal_autograd_through_learning(variant, backend):
    options, sampled = VARIANTS[variant], experiences(TRIALS)
    learned = learned_with(options)
    learning_run = slow(learned, options, sampled)
    rewards, weights = torch.func.jacfwd(lambda x: tuple(learning_run(x)[:2]))(values(learned))
    for jvp in (two_pass.jvp, stepwise.jvp):
        with using(backend):
            rho, weight_tangent, _ = tangents_by(jvp, learned, options, sampled)
        assert by_column(rho, rewards).max() < 1e-10
        assert by_column(weight_tangent, weights.movedim(-1, 2)).max() < 1e-10


def test_both_forms_carry_the_same_trace_and_baseline():
    learned, sampled = learned_with(ON), experiences(TRIALS)
    slow_, fast = (tangents_by(jvp, learned, ON, sampled)[2] for jvp in (stepwise.jvp, two_pass.jvp))
    torch.testing.assert_close(fast.trace, slow_.trace, rtol=1e-11, atol=1e-14)
    torch.testing.assert_close(fast.baseline, slow_.baseline, rtol=1e-11, atol=1e-14)
    assert (fast.trace[:, -len(names_under(ON)) :].abs().amax((0, 2)) > 0).all()


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("objective", [None, SMOOTHED])
def test_reverse_and_pathwise_equal_autograd(variant, objective):
    options, sampled = VARIANTS[variant], late_types(experiences(TRIALS))
    learned = learned_with(options)
    learning_run = slow(learned, options, sampled)

    def wanted(x):
        return objective_value(objective, learning_run(x).reward[learned.warm_up :])[0].mean(0)

    exact = torch.func.jacfwd(wanted)(values(learned))
    for estimator in (reverse, pathwise):
        found = estimator.estimate(
            learned,
            start_learning(learned, network(options), TRIAL_TYPES),
            sampled,
            noise=Noise(),
            objective=objective,
            generator=seeding.generator(0, "none"),
        )
        assert found.finite.all()
        assert by_column(found.gradient[None], exact[None]).max() < 1e-10
        torch.testing.assert_close(found.objective, wanted(values(learned)), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(
    "names",
    [
        ("clip",),
        ("trace_decay", "learning_rate"),
        ("perturbation_scale", "baseline_exponent"),
        ("gate_baseline", "gate_error"),
    ],
)
def test_any_choice_in_any_order_gives_the_columns_of_all(names):
    sampled = experiences(TRIALS)
    chosen = tangents_by(two_pass.jvp, learned_with(ON, names), ON, sampled)[0]
    every = tangents_by(two_pass.jvp, learned_with(ON), ON, sampled)[0]
    kept = [*range(9), *(9 + names_under(ON).index(name) for name in names)]
    torch.testing.assert_close(chosen, every[..., kept], rtol=1e-11, atol=1e-14)


def test_central_differences_converge_at_second_order():
    options = {**ON, **WEIGHT_DEPENDENT, **BOUNDED, **GATE_SHAPE, "clip": float("inf"), "momentum": 0.6}
    learned, sampled = learned_with(options), experiences(10)
    learning_run, at = slow(learned, options, sampled), values(learned)
    exact = tangents_by(two_pass.jvp, learned, options, sampled)[0][-1]
    for p in range(9, len(at)):
        if learned.params.hyperparameters[p - 9] == "clip":
            assert (exact[:, p] == 0).all()
            continue
        errors = []
        for step in (1e-2, 5e-3):
            moved = torch.zeros_like(at)
            moved[p] = step * at[p]
            up, down = (learning_run(at + sign * moved).reward[-1] for sign in (1, -1))
            errors.append(relative((up - down) / (2 * step * at[p]), exact[:, p]))
        assert errors[0] / errors[1] == pytest.approx(4, rel=0.2), learned.params.hyperparameters[p - 9]


def test_the_learning_rate_of_normalised_updates_does_not_count():
    options, sampled = {**OFF, **NORMALISED}, experiences(TRIALS)
    rho, _, _ = tangents_by(two_pass.jvp, learned_with(options, ("learning_rate",)), options, sampled)
    beside = rho.abs().amax((0, 1))
    assert beside[-1] < 1e-12 * beside[:-1].max()


def test_the_warm_up_counts_where_something_acts_in_it():
    """Perturbations and the decay of the baseline act from the first trial on: a later start would miss it."""
    learned, sampled = (
        learned_with(ON, ("perturbation_scale", "baseline_decay"), warm_up=6),
        experiences(TRIALS),
    )
    learning_run = slow(learned, ON, sampled)
    exact = torch.func.jacfwd(lambda x: learning_run(x).reward[6:].mean(0))(values(learned))
    found = reverse.estimate(
        learned,
        start_learning(learned, network(ON), TRIAL_TYPES),
        sampled,
        noise=Noise(),
        generator=seeding.generator(0, "none"),
    )
    assert by_column(found.gradient[None], exact[None]).max() < 1e-10


def test_what_has_no_derivative_is_said():
    learned = learned_with(OFF, ("perturbation_share",))
    with pytest.raises(
        ValueError, match="hyperparameters = 'perturbation_share': must be one of learning_rate"
    ):
        tangents_by(two_pass.jvp, learned, OFF, experiences(1))


@pytest.mark.parametrize(
    ("standard", "name"),
    [(None, "deviation_floor"), (Standard(None, 0.7, 0.3), "deviation_mean_decay")],
)
def test_a_constant_that_the_deviation_lacks_is_said(standard, name):
    options = {**OFF, "standard": standard}
    with pytest.raises(ValueError, match=f"hyperparameters = '{name}': must be of a deviation that has it"):
        tangents_by(two_pass.jvp, learned_with(options, (name,)), options, experiences(1))
