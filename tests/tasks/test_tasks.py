"""Tasks: their periods, their trials against a slow construction, chance, and that gradients learn them."""

import itertools

import pytest
import torch

from threefactor import seeding
from threefactor.contract import Rule
from threefactor.declarations import names_in
from threefactor.learning_rules import bptt
from threefactor.network import initial
from threefactor.network.perturbation import Sparse
from threefactor.network.simulate import simulate
from threefactor.tasks import context, dms, dnms, dpa, pulses
from threefactor.tasks.reward import correct, mean_error, reward
from threefactor.training.environment import Environment, experience
from threefactor.training.learning_run import Criterion, train

DURATION, STEP, TARGET = 1000.0, 20.0, 0.9
TASKS = {
    "context": context.make(DURATION, STEP, TARGET, "graded", strength=0.6, noise=0.3),
    "dms": dms.make(DURATION, STEP, TARGET, "graded"),
    "dnms": dnms.make(DURATION, STEP, TARGET, "graded"),
    "dpa": dpa.make(DURATION, STEP, TARGET, "graded", cues=3),
    "pulses": pulses.make(DURATION, STEP, TARGET, "graded", noise=0.3),
}
EASY = {  # what a small network learns within seconds
    **TASKS,
    "context": context.make(DURATION, STEP, TARGET, "graded", strength=1.0, noise=0.1),
    "pulses": pulses.make(DURATION, STEP, TARGET, "graded", noise=0.1),
}
each = pytest.mark.parametrize("name", TASKS)


def source(*purpose):
    return seeding.generator(3, *purpose)


def every(task, repeats=1):
    return torch.arange(len(task.trial_types)).repeat(repeats)


def draw(task, repeats=1, noisy=False):
    return task.draw(every(task, repeats), generator=source("task") if noisy else None, dtype=torch.float64)


def test_no_task_is_left_out():
    assert {*TASKS, "neurogym"} == set(names_in("tasks", "make"))


@each
def test_shapes_and_periods(name):
    task = TASKS[name]
    trial = draw(task, 2)
    batch = 2 * len(task.trial_types)
    assert trial.inputs.shape == (batch, task.steps, task.inputs)
    assert trial.target.shape == (batch, task.steps, task.outputs)
    assert torch.equal(trial.trial_type, every(task, 2))
    assert task.steps == DURATION / STEP
    ends = [0.0, *(end for _, end in task.periods.values())]
    assert [onset for onset, _ in task.periods.values()] == ends[:-1]
    assert ends[-1] == DURATION
    assert {"delay", "decision"} <= set(task.periods)
    assert all(
        set(task.factors[factor]) == set(range(max(task.factors[factor]) + 1)) for factor in task.factors
    )
    assert all(len(classes) == len(task.trial_types) for classes in task.factors.values())


@each
def test_window_is_the_decision_and_sums_to_one(name):
    task = TASKS[name]
    window = draw(task).window
    onset, end = (round(time / STEP) for time in task.periods["decision"])
    inside = torch.zeros(task.steps, dtype=torch.bool)
    inside[onset:end] = True
    assert torch.equal(window > 0, inside.expand_as(window))
    torch.testing.assert_close(window.sum(1), torch.ones(len(window), dtype=torch.float64))


def obvious(name, trial_type, step):
    """Return inputs at a step of 20 ms of 50, and the wanted output, of a trial type by its name."""
    fifth = step // 10
    if name in ("dnms", "dms"):
        sample, test = (0, 2) if name == "dnms" else (1, 3)
        shown = {sample: trial_type[0], test: trial_type[1]}.get(fifth)
        differ = (trial_type[0] != trial_type[1]) == (name == "dnms")
        return [float(shown == letter) for letter in "ab"], [TARGET if differ else -TARGET]
    if name == "dpa":
        cues = [float(fifth == 1 and letter == trial_type) for letter in "abc"]
        return cues, [TARGET if letter == trial_type else -TARGET for letter in "abc"]
    if name == "pulses":
        pulse = [float(fifth == 1 and letter == trial_type) for letter in "ab"]
        return pulse, [TARGET if trial_type == "a" else -TARGET]
    motion, colour = ((0.6 if sign == "+" else -0.6) * (fifth in (1, 2)) for sign in trial_type[1:])
    counts = trial_type[1] if trial_type[0] == "m" else trial_type[2]
    contexts = [float(trial_type[0] == letter) for letter in "mc"]
    return [motion, colour, *contexts], [TARGET if counts == "+" else -TARGET]


@each
def test_trials_are_those_of_their_names(name):
    task = TASKS[name]
    trial = draw(task)
    for y, trial_type in enumerate(task.trial_types):
        for t in range(task.steps):
            inputs, wanted = obvious(name, trial_type, t)
            assert trial.inputs[y, t].tolist() == pytest.approx(inputs)
            assert trial.target[y, t].tolist() == pytest.approx(wanted)


@each
def test_factors_say_what_the_names_say(name):
    task = TASKS[name]
    for y, trial_type in enumerate(task.trial_types):
        found = {factor: classes[y] for factor, classes in task.factors.items()}
        if name in ("dnms", "dms"):
            wanted = {"first": "ab".index(trial_type[0]), "second": "ab".index(trial_type[1])}
            wanted["choice"] = int(trial_type[0] != trial_type[1])
        elif name == "context":
            wanted = {"motion": "-+".index(trial_type[1]), "colour": "-+".index(trial_type[2])}
            wanted |= {
                "context": "mc".index(trial_type[0]),
                "choice": wanted["motion" if trial_type[0] == "m" else "colour"],
            }
        else:
            wanted = {"cue" if name == "dpa" else "choice": "abc".index(trial_type)}
        assert found == wanted


@each
def test_a_longer_delay_moves_what_follows_and_nothing_else(name):
    module = {"context": context, "dms": dms, "dnms": dnms, "dpa": dpa, "pulses": pulses}[name]
    short, long = (
        module.make(DURATION, STEP, TARGET, "graded"),
        module.make(DURATION, STEP, TARGET, "graded", delay=700),
    )
    usual = short.periods["delay"][1] - short.periods["delay"][0]
    assert long.periods["delay"][1] - long.periods["delay"][0] == 700
    assert long.steps * STEP == DURATION + 700 - usual
    for period, (onset, end) in short.periods.items():
        assert long.periods[period][1] - long.periods[period][0] == (
            700 if period == "delay" else end - onset
        )
    before = round(short.periods["delay"][0] / STEP)
    assert torch.equal(draw(short).inputs[:, :before], draw(long).inputs[:, :before])


@pytest.mark.parametrize("module", [context, dms, dnms, dpa, pulses])
def test_times_that_do_not_fit_are_refused(module):
    with pytest.raises(ValueError, match="duration = 130 ms: must be a multiple of 5 time steps"):
        module.make(130, STEP, TARGET, "graded")
    for delay in (30, 0):
        with pytest.raises(ValueError, match=f"delay = {delay} ms: must be a multiple of the time step"):
            module.make(DURATION, STEP, TARGET, "graded", delay=delay)


@pytest.mark.parametrize("name", ["context", "pulses"])
def test_noise_has_the_size_that_it_claims_whatever_the_time_step(name):
    module = {"context": context, "pulses": pulses}[name]
    for step in (5.0, 20.0):
        task = module.make(DURATION, step, TARGET, "graded", noise=0.3)
        trial_type = every(task, 400)
        noisy = task.draw(trial_type, generator=source("noise"), dtype=torch.float64)
        noise = noisy.inputs - task.draw(trial_type, generator=None, dtype=torch.float64).inputs
        onset, end = (
            round(time / step) for time in task.periods["stimulus" if name == "context" else "delay"]
        )
        part = noise[:, onset:end, :2].unfold(1, round(100 / step), round(100 / step)).mean(-1)
        assert part.std().item() == pytest.approx(0.3, rel=5 / (2 * part.numel()) ** 0.5)
        assert part.mean().item() == pytest.approx(0, abs=5 * 0.3 / part.numel() ** 0.5)
        assert noise[0].ne(noise[len(task.trial_types)]).any()
        if name == "context":
            assert (noise[:, :, 2:] == 0).all()
            assert (noise[:, :onset] == 0).all()


@each
def test_noise_is_reproducible_and_drawn_after_start_and_perturbations(name):
    task = TASKS[name]
    net = network(task, 3)
    sampled, again = (
        experience(Environment(task, 0.1, Sparse(0.5, 0.02)), net, 1, generator=source("trial", 1))
        for _ in range(2)
    )
    other = experience(
        Environment(TASKS["dms"], 0.1, Sparse(0.5, 0.02)), net, 1, generator=source("trial", 1)
    )
    assert torch.equal(sampled.trial.inputs, again.trial.inputs)
    assert torch.equal(sampled.start, other.start)
    assert torch.equal(sampled.perturbation, other.perturbation)


def network(task, count, units=24, seed=1):
    return initial.draw(
        units=units, inputs=task.inputs, outputs=task.outputs, gain=1.3, input_scale=2.0, clamped={1: 1.0},
        readout="unit", leak=STEP / 100, generators=[seeding.generator(seed, "net", n) for n in range(count)],
    )  # fmt: skip


@each
def test_chance_is_chance(name):
    task = TASKS[name]
    trial = draw(task, 2000 // len(task.trial_types), noisy=True)
    random = torch.randn(*trial.target.shape[::2], generator=source("guess"), dtype=torch.float64)
    right = correct(trial, random[:, None].expand_as(trial.target)).double()
    interval = 4 * (task.chance * (1 - task.chance) / len(right)) ** 0.5
    assert right.mean().item() == pytest.approx(task.chance, abs=interval)


@each
def test_constant_and_silent_outputs_do_not_solve_it(name):
    task = TASKS[name]
    trial = draw(task)
    assert not correct(trial, torch.zeros_like(trial.target)).any()
    for levels in itertools.product((-TARGET, -0.1, TARGET), repeat=task.outputs):
        output = torch.tensor(levels, dtype=torch.float64).expand_as(trial.target)
        assert correct(trial, output).double().mean().item() <= task.chance + 1e-12
        assert mean_error(trial, output).mean().item() == pytest.approx(TARGET)
        assert reward(trial, output)[0].mean().item() == pytest.approx(-TARGET)


@each
def test_an_untrained_network_is_at_chance(name):
    task = TASKS[name]
    net, environment, found = network(task, 40, units=12), Environment(task, 0.1, Sparse(0.5, 0.02)), []
    for h in range(len(task.trial_types)):
        sampled = experience(environment, net, h, generator=source("untrained", h))
        trajectory = simulate(net, sampled.trial.inputs, sampled.start, sampled.perturbation)
        found.append(correct(sampled.trial, trajectory.output).double())
    # networks are independent, the trials of one are not
    per_network = torch.stack(found).mean(0)
    interval = 4 * max(per_network.std().item(), 0.05) / len(per_network) ** 0.5
    assert per_network.mean().item() == pytest.approx(task.chance, abs=interval)


@each
def test_bptt_solves_it(name):
    task = EASY[name]
    rule = Rule("bptt", bptt.Bptt(0.003, 0.9, 0.999, 1e-8), bptt.init, bptt.update, 0.7, 0)
    criterion = Criterion(window=40, fraction=0.95, error=0.6, horizon=1200)
    net = network(task, 2, units=40)
    sampled = train(
        rule, net, Environment(task, 0.1, Sparse(0.2, 0.01)), criterion,
        generator=lambda h: seeding.generator(5, "trial", h),
    )  # fmt: skip
    assert sampled.reached.all(), sampled.trials_to_criterion
    last = torch.stack([row[~row.isnan()][-40:].mean() for row in sampled.correct])
    assert (last > 0.9).all()
