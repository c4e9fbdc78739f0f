"""The derivatives with respect to scalar meta-parameters are those of learning, forwards and in reverse."""

import pytest
import torch

import references
from core.settings import DOUBLE, KINDS, OFF, ON, experiences, network, rule
from core.test_reverse import late_kinds
from core.test_tangents import relative
from threefactor import seeding
from threefactor.derivatives import hyperparameters, stepwise, two_pass
from threefactor.derivatives.end_of_trial import start_tangents
from threefactor.kernels import backend
from threefactor.kernels.standardise import Standard
from threefactor.metalearning import sides, transforms
from threefactor.metalearning.estimators import evolution, pathwise, reverse, score_total
from threefactor.metalearning.trial_record import Noise
from threefactor.training.objective import SmoothedErrorRate, objective_value
from threefactor.training.trial import learn, start_learning

TRIALS = 12
NAMES = tuple(hyperparameters.DIRECT)
SOFT = SmoothedErrorRate(error=0.5, width=0.2)
OWN = {"weight_linear": 0.4, "weight_quadratic": -0.3}
VARIANTS = {
    "all on": ON,
    "all off": OFF,
    **{f"only {name}": {**OFF, name: ON[name]} for name in ("clip", "carry_trace", "weight_decay")},
    "no trace carried": {**ON, "carry_trace": False},
    "standardised deviation": {**ON, "standard": Standard(0.4, 0.8, 0.2)},
    "own weight": {**ON, **OWN},
}


def learned_with(options, names=NAMES, degree=2, warm_up=3):
    made = rule(options, degree, warm_up=warm_up)
    return made._replace(params=made.params._replace(hyperparameters=names))


def values(learned):
    """Return theta and the hyperparameters in one vector; a factor of all kicks is one."""
    own = {**learned.params._asdict(), "baseline_decay": learned.baseline_decay, "perturbation_scale": 1.0}
    chosen = torch.tensor([own[name] for name in learned.params.hyperparameters], dtype=DOUBLE)
    return torch.cat([learned.params.theta.flatten(), chosen])


def slow(learned, options, sampled):
    """Return the slow lifetime as a function of theta and the hyperparameters."""
    net, count = network(options), learned.params.theta.numel()

    def run(value):
        given = dict(zip(learned.params.hyperparameters, value[count:], strict=True))
        decay, scale = (
            given.pop("baseline_decay", learned.baseline_decay),
            given.pop("perturbation_scale", 1.0),
        )
        perturbed = [one._replace(perturbation=scale * one.perturbation) for one in sampled]
        params = learned.params._replace(**given)
        theta = value[:count].view(params.theta.shape)
        return references.learn(theta, params, net, perturbed, decay, learned.warm_up, KINDS)

    return run


def pushed(jvp, learned, options, sampled):
    """Return rho (h b p), U (h b p i j), and the last tangents."""
    learner = start_learning(learned, network(options), KINDS)
    tangents = start_tangents(learned, learner)
    rhos, weights = [], []
    for experience in sampled:
        before = learner
        learner, outcome = learn(learned, before, *experience)
        tangents, rho = jvp(learned, before, experience.trial, outcome, tangents)
        rhos.append(rho)
        weights.append(tangents.weight)
    return torch.stack(rhos), torch.stack(weights), tangents


def by_column(found, exact):
    """Return the relative error of each column of h b p …, zero where both are zero."""
    found, exact = (x.movedim(2, 0).flatten(1) for x in (found, exact))
    size = exact.norm(dim=1)
    return torch.where(size == 0, found.norm(dim=1), (found - exact).norm(dim=1) / size)


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("numba", [True, False])
def test_tangents_equal_autograd_through_learning(variant, numba, monkeypatch):
    if not numba:
        monkeypatch.setattr(backend, "_numba", lambda: False)
    options, sampled = VARIANTS[variant], experiences(TRIALS)
    learned = learned_with(options)
    life = slow(learned, options, sampled)
    rewards, weights = torch.func.jacfwd(lambda x: tuple(life(x)[:2]))(values(learned))
    for jvp in (two_pass.jvp, stepwise.jvp):
        rho, weight_tangent, _ = pushed(jvp, learned, options, sampled)
        assert by_column(rho, rewards).max() < 1e-10
        assert by_column(weight_tangent, weights.movedim(-1, 2)).max() < 1e-10


def test_both_forms_carry_the_same_trace_and_baseline():
    learned, sampled = learned_with(ON), experiences(TRIALS)
    slow_, fast = (pushed(jvp, learned, ON, sampled)[2] for jvp in (stepwise.jvp, two_pass.jvp))
    torch.testing.assert_close(fast.trace, slow_.trace, rtol=1e-11, atol=1e-14)
    torch.testing.assert_close(fast.baseline, slow_.baseline, rtol=1e-11, atol=1e-14)
    assert (fast.trace[:, -len(NAMES) :].abs().amax((0, 2)) > 0).all()


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("objective", [None, SOFT])
def test_reverse_and_pathwise_equal_autograd(variant, objective):
    options, sampled = VARIANTS[variant], late_kinds(experiences(TRIALS))
    learned = learned_with(options)
    life = slow(learned, options, sampled)

    def wanted(x):
        return objective_value(objective, life(x).reward[learned.warm_up :])[0].mean(0)

    exact = torch.func.jacfwd(wanted)(values(learned))
    for estimator in (reverse, pathwise):
        found = estimator.estimate(
            learned,
            start_learning(learned, network(options), KINDS),
            sampled,
            noise=Noise(),
            objective=objective,
            generator=seeding.generator(0, "none"),
        )
        assert found.finite.all()
        assert by_column(found.gradient[None], exact[None]).max() < 1e-10
        torch.testing.assert_close(found.objective, wanted(values(learned)), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(
    "names", [("clip",), ("trace_decay", "learning_rate"), ("perturbation_scale", "baseline_exponent")]
)
def test_any_choice_in_any_order_gives_the_columns_of_all(names):
    sampled = experiences(TRIALS)
    chosen = pushed(two_pass.jvp, learned_with(ON, names), ON, sampled)[0]
    every = pushed(two_pass.jvp, learned_with(ON), ON, sampled)[0]
    kept = [*range(9), *(9 + NAMES.index(name) for name in names)]
    torch.testing.assert_close(chosen, every[..., kept], rtol=1e-11, atol=1e-14)


def test_central_differences_converge_at_second_order():
    options = {**ON, **OWN, "clip": float("inf")}
    learned, sampled = learned_with(options), experiences(10)
    life, at = slow(learned, options, sampled), values(learned)
    exact = pushed(two_pass.jvp, learned, options, sampled)[0][-1]
    for p in range(9, len(at)):
        if learned.params.hyperparameters[p - 9] == "clip":
            assert (exact[:, p] == 0).all()
            continue
        errors = []
        for step in (1e-2, 5e-3):
            moved = torch.zeros_like(at)
            moved[p] = step * at[p]
            up, down = (life(at + sign * moved).reward[-1] for sign in (1, -1))
            errors.append(relative((up - down) / (2 * step * at[p]), exact[:, p]))
        assert errors[0] / errors[1] == pytest.approx(4, rel=0.2), learned.params.hyperparameters[p - 9]


def test_the_warm_up_counts_where_something_acts_in_it():
    """Kicks and the decay of the baseline act from the first trial on: a later start would miss it."""
    learned, sampled = (
        learned_with(ON, ("perturbation_scale", "baseline_decay"), warm_up=6),
        experiences(TRIALS),
    )
    life = slow(learned, ON, sampled)
    exact = torch.func.jacfwd(lambda x: life(x).reward[6:].mean(0))(values(learned))
    found = reverse.estimate(
        learned,
        start_learning(learned, network(ON), KINDS),
        sampled,
        noise=Noise(),
        generator=seeding.generator(0, "none"),
    )
    assert by_column(found.gradient[None], exact[None]).max() < 1e-10


def test_what_has_no_derivative_is_said():
    learned = learned_with(OFF, ("perturbation_share",))
    with pytest.raises(ValueError, match="'perturbation_share' has no derivative, allowed are learning_rate"):
        pushed(two_pass.jvp, learned, OFF, experiences(1))


def test_evolution_moves_scalars_as_the_exact_gradient_says():
    """Along each network's own perturbation, at small steps."""
    options = {**ON, "clip": float("inf")}
    names = tuple(name for name in NAMES if name != "clip")
    learned, sampled = learned_with(options, names), experiences(12)
    learner = start_learning(learned, network(options), KINDS)
    size = torch.linspace(0.5e-5, 2e-5, 9 + len(names), dtype=DOUBLE)
    arguments = learned, learner, sampled
    generator = seeding.generator(4, "noise")
    found = evolution.estimate(
        *arguments, noise=Noise(0.01, size), objective=SOFT, generator=seeding.generator(4, "noise")
    )
    direction = torch.randn(2, len(size), generator=generator, dtype=DOUBLE)
    exact = pathwise.estimate(*arguments, noise=Noise(0.01), objective=SOFT, generator=generator)
    along = (exact.gradient * direction * size).sum(1, keepdim=True)
    torch.testing.assert_close(found.gradient, along * direction / size, rtol=1e-5, atol=1e-9)
    assert (exact.gradient[:, 9:].abs() > 1e-6).all()


def test_evolution_along_one_scalar_is_the_smoothed_gradient_of_its_line():
    """Against differences of the slow loops along log learning_rate, at a step that is not small."""
    learned, sampled = learned_with(OFF, ("learning_rate",)), experiences(9)
    at, step = values(learned), 0.3
    size = torch.tensor([*[1e-12] * 9, step * at[-1]], dtype=DOUBLE)
    found = evolution.estimate(
        learned,
        start_learning(learned, network(OFF), KINDS),
        sampled,
        noise=Noise(0.0, size),
        generator=seeding.generator(3, "noise"),
    )
    direction = torch.randn(2, 10, generator=seeding.generator(3, "noise"), dtype=DOUBLE)[:, -1]
    life, wanted = slow(learned, OFF, sampled), []
    for b, drawn in enumerate(direction):
        moved = [torch.cat([at[:-1], at[-1:] * torch.exp(sign * step * drawn)]) for sign in (1, -1)]
        up, down = (life(x).reward[learned.warm_up :, b].mean() for x in moved)
        wanted.append((up - down) / 2 * drawn / size[-1])
    torch.testing.assert_close(found.gradient[:, -1], torch.stack(wanted), rtol=1e-8, atol=1e-10)


def test_how_often_kicks_come_is_moved_by_common_marks():
    learned = learned_with(OFF, ("perturbation_share",))
    one = experiences(1)[0]
    marks = sides.draw_marks(learned, one, generator=seeding.generator(1, "marks"))
    shift = torch.zeros(3, 10, dtype=DOUBLE)
    shift[1, -1], shift[2, -1] = 0.05, -0.05
    middle, up, down = sides.moved_sides(learned, shift)
    assert middle.perturbation_share == sides.SHARE
    assert down.perturbation_share < 0.5 < up.perturbation_share
    perturbation = [sides.perturbed(side, one, marks).perturbation != 0 for side in (down, middle, up)]
    assert (perturbation[0] <= perturbation[1]).all()
    assert (perturbation[1] <= perturbation[2]).all()
    assert 0.25 < perturbation[1].double().mean() < 0.75
    assert perturbation[0].sum() < perturbation[2].sum()


def test_evolution_sees_what_more_kicks_do():
    """Half of what the rewards of both sides differ by, each side lived by itself through the same marks."""
    learned = learned_with(OFF, ("perturbation_share",), warm_up=0)
    sampled = [one._replace(perturbation=40 * one.perturbation.sign()) for one in experiences(4)]
    learner = start_learning(learned, network(OFF), KINDS)
    size = torch.full((10,), 1e-9, dtype=DOUBLE)
    size[-1] = 0.2
    found = evolution.estimate(
        learned, learner, sampled, noise=Noise(0.0, size), generator=seeding.generator(2, "noise")
    )
    source = seeding.generator(2, "noise")
    direction = torch.randn(2, 10, generator=source, dtype=DOUBLE)
    marks = [sides.draw_marks(learned, one, generator=source) for one in sampled]

    def life(side):
        after, rewards = learner, []
        for one, marked in zip(sampled, marks, strict=True):
            after, outcome = learn(side.rule, after, *sides.perturbed(side, one, marked))
            rewards.append(outcome.feedback.reward)
        return torch.stack(rewards).mean(0)

    for b in range(2):
        up, down = (life(*sides.moved_sides(learned, s * direction[b : b + 1] * size))[b] for s in (1, -1))
        assert (up - down).abs() > 1e-3
        wanted = (up - down) / 2 * direction[b] / size
        torch.testing.assert_close(found.gradient[b], wanted, rtol=1e-8, atol=0)


@pytest.mark.parametrize("name", [*NAMES, "perturbation_share"])
def test_lines_invert_and_never_leave_what_is_allowed(name):
    for value in (1e-4, 0.3, 0.97):
        there = transforms.coordinate(name, value)
        assert transforms.value_at(name, there) == pytest.approx(value, rel=1e-12)
        step = 1e-6
        rise = (transforms.value_at(name, there + step) - transforms.value_at(name, there - step)) / (
            2 * step
        )
        assert transforms.slope(name, value) == pytest.approx(rise, rel=1e-6)
        assert transforms.moved(name, value, 1e-7 * value) == pytest.approx(value * (1 + 1e-7), rel=1e-9)
        for by in (-9 * transforms.slope(name, value), 9 * transforms.slope(name, value)):
            moved = transforms.moved(name, value, by)
            assert moved > 0 or name in transforms.COEFFICIENTS
            assert moved < 1 or name not in transforms.DECAYS


def test_free_steps_stay_within_reach_of_the_start():
    free = torch.tensor([-50.0, -1.0, 0.0, 0.3, 50.0], dtype=DOUBLE, requires_grad=True)
    kept = transforms.bounded(free)
    assert (kept.abs() <= transforms.REACH).all()
    assert kept[2] == 0
    slope = torch.autograd.grad(kept.sum(), free)[0]
    torch.testing.assert_close(slope, transforms.bounded_slope(free.detach()), rtol=1e-12, atol=1e-14)
    assert transforms.bounded_slope(free)[2] == 1


@pytest.mark.parametrize(("name", "value"), [("clip", 0.0), ("trace_decay", 0.0), ("eligibility_decay", 1.0)])
def test_a_start_from_where_no_step_leads_away_is_said(name, value):
    with pytest.raises(ValueError, match=f"{name} = {value}: to be learned it must be"):
        transforms.coordinate(name, value)


def test_scores_are_for_theta_alone():
    learned = learned_with(OFF, ("baseline_exponent",))
    with pytest.raises(ValueError, match="score estimators are for theta alone"):
        score_total.estimate(
            learned,
            start_learning(learned, network(OFF), KINDS),
            experiences(5),
            noise=Noise(0.1),
            generator=seeding.generator(0, "none"),
        )


def test_the_soft_error_is_a_share_of_bad_trials_with_its_slope():
    reward = -torch.linspace(0, 1, 6, dtype=DOUBLE)
    value = objective_value(SmoothedErrorRate(0.5, 0.01), reward)[0]
    torch.testing.assert_close(value, torch.tensor([0, 0, 0, -1, -1, -1], dtype=DOUBLE), atol=1e-4, rtol=0)
    free = reward.clone().requires_grad_()
    exact = torch.autograd.grad(objective_value(SOFT, free)[0].sum(), free)[0]
    torch.testing.assert_close(objective_value(SOFT, reward)[1], exact, rtol=1e-10, atol=1e-14)
