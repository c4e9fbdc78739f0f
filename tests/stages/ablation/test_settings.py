"""Horizons of the ablation grow beyond the warm-up."""

import pytest

from threefactor.experiment.settings.errors import SettingsError
from threefactor.pipeline.settings import load


@pytest.mark.parametrize(
    ("horizons", "place"), [([20, 40], "ablation.horizons.0 = 20"), ([40, 30], "ablation.horizons.1 = 30")]
)
def test_horizons_grow_beyond_the_warm_up(horizons, place):
    with pytest.raises(SettingsError, match=place):
        load.parse({"plasticity": {"warm_up_trials": 20}, "ablation": {"horizons": horizons}})
    load.parse({"plasticity": {"warm_up_trials": 20}, "ablation": {"horizons": [21, 30]}})
