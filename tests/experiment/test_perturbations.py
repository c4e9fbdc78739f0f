"""Perturbations of each kind, made from settings."""

from typing import get_args

import pytest

from threefactor.experiment import perturbations
from threefactor.experiment.settings.perturbation import Perturbation, strength
from threefactor.network.perturbation import Gaussian, Sparse
from threefactor.pipeline.settings import load

GIVEN = {"size": 0.4, "rate_per_ms": 0.002, "noise": 0.07}


def settings(kind):
    return load.parse({"perturbation": {"kind": kind, **GIVEN}, "network": {"time_step_ms": 5.0}})


def test_each_kind_is_made_from_its_own_settings():
    assert perturbations.make(settings("sparse")) == Sparse(0.4, 0.01)
    assert perturbations.make(settings("gaussian")) == Gaussian(0.07)
    assert perturbations.reach(settings("sparse")) == 0.4
    assert perturbations.reach(settings("gaussian")) == pytest.approx(0.21)


def test_every_kind_of_the_settings_can_be_made():
    kinds = get_args(Perturbation.model_fields["kind"].annotation)
    assert set(kinds) == set(perturbations.KINDS)
    for kind in kinds:
        assert strength(settings(kind).perturbation) > 0


@pytest.mark.parametrize(
    ("kind", "key"), [("sparse", "size"), ("sparse", "rate_per_ms"), ("gaussian", "noise")]
)
def test_nothing_is_perturbed_at_zero(kind, key):
    off = load.parse({"perturbation": {"kind": kind, **GIVEN, key: 0.0}})
    assert strength(off.perturbation) == 0
