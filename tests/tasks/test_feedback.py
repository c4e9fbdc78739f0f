"""What the environment says of a trial."""

import torch

from small_runs import BATCH, ON, OUTPUTS, STEPS, TRIAL_TYPES, experiences, network, rule
from threefactor.tasks.feedback import compute_feedback, next_baseline, wanted
from threefactor.tasks.reward import reward
from threefactor.training.trial import start_learning


def test_what_is_wanted_is_the_target_where_it_counts():
    trial = experiences(1)[0].trial
    window = trial.window.clone()
    window[1, -2:] = 0
    share = torch.tensor([[0.5, 0.5], [0.0, 1.0]], dtype=torch.float64)
    found = wanted(trial._replace(window=window, share=share))
    for b in range(BATCH):
        for t in range(STEPS):
            for o in range(OUTPUTS):
                counts = window[b, t] > 0 and share[b, o] > 0
                assert found[b, t, o] == trial.target[b, t, o] if counts else found[b, t, o].isnan()
    assert torch.equal(wanted(trial)[:, -3:], trial.target[:, -3:])


def test_the_first_trial_of_a_type_sets_its_baseline_and_others_move_it():
    sampled, learned = experiences(TRIAL_TYPES + 1), rule(ON, 2)
    learner, output = start_learning(learned, network(ON), TRIAL_TYPES), torch.zeros(BATCH, STEPS, OUTPUTS)
    first = compute_feedback(learner, sampled[0].trial, output.double())
    assert torch.equal(first.baseline, first.reward)
    assert torch.equal(first.reward, reward(sampled[0].trial, output.double())[0])
    learner = learner._replace(baseline=next_baseline(learned, learner, sampled[0].trial, first))
    types = sampled[0].trial.trial_type
    for b, y in enumerate(types.tolist()):
        torch.testing.assert_close(learner.baseline[b, y], first.reward[b], rtol=1e-14, atol=0)
        assert learner.baseline[b].isnan().sum() == TRIAL_TYPES - 1
    later = compute_feedback(learner, sampled[-1].trial, output.double())
    assert torch.equal(sampled[-1].trial.trial_type, types)
    torch.testing.assert_close(later.baseline, first.reward, rtol=1e-14, atol=0)
    moved = next_baseline(learned, learner, sampled[-1].trial, later)
    for b, y in enumerate(types.tolist()):
        exact = learned.baseline_decay * first.reward[b] + (1 - learned.baseline_decay) * later.reward[b]
        torch.testing.assert_close(moved[b, y], exact, rtol=1e-14, atol=0)
