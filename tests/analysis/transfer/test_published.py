"""Published medians are compared with those of as many networks."""

import numpy as np
import pytest
import torch

from analysis.transfer.trained import NETWORKS, networks, samples
from threefactor.analysis.transfer.condition_tables import rules_table
from threefactor.analysis.transfer.published import PUBLISHED, Published, published_table


def test_published_medians_are_sampled_from_ours():
    table, (_, counts) = networks(), samples()
    rules = rules_table(table, counts, "", "")
    is_own = (table.condition == "tuned") & (table.learning_rule == "theta_33")
    own = table.trials_to_criterion[is_own].to_numpy()

    def beside(median):
        papers = {"tuned": Published(median, (1.0, 2.0), 5), "absent": Published(1.0, (1.0, 1.0), 5)}
        return published_table(table, rules, papers, 200, generator=torch.Generator().manual_seed(1))

    low, middle, high = (beside(median) for median in (own.min() - 1, np.median(own), own.max()))
    assert list(low.columns) == PUBLISHED.names()
    assert list(low.condition) == ["tuned"]
    assert low.share_below.item() == 0
    assert high.share_below.item() == 1
    chosen = torch.randint(NETWORKS, (200, 5), generator=torch.Generator().manual_seed(1))
    drawn = [np.median([own[n] for n in sample]) for sample in chosen.tolist()]
    assert middle.share_below.item() == np.mean([median <= np.median(own) for median in drawn])
    assert [middle.median_of_runs_low.item(), middle.median_of_runs_high.item()] == pytest.approx(
        np.quantile(drawn, [0.025, 0.975])
    )
