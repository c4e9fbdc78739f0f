"""Repeated draws of noise are fits to noise on every row."""

import torch

from designs import designs
from small_runs import DOUBLE
from threefactor import seeding
from threefactor.analysis.recovery.recording import Blocks
from threefactor.analysis.recovery.regression import fit
from threefactor.analysis.recovery.repeats import repeat


def test_repeats_are_fits_to_noise_on_every_row():
    X, rows = designs(6, 3, 20)
    true = torch.tensor([1.0, -2.0, 0.5], dtype=DOUBLE)
    exact = torch.linalg.qr(torch.cat([X, (X @ true)[..., None]], 2), mode="r").R
    clean = Blocks(exact, torch.ones(6, dtype=DOUBLE), rows, 0 * rows)
    found = repeat(clean, 0.3, 3000, generator=seeding.generator(5))
    flat = X.flatten(0, 1)
    wanted = 0.09 * torch.linalg.inv(flat.T @ flat)
    torch.testing.assert_close(found.value.T.cov(), wanted, rtol=0.1, atol=0.06 * float(wanted.diag().max()))
    assert (found.standard_error.square().mean(0) / wanted.diag() - 1).abs().max() < 0.1


def test_a_repeat_is_the_fit_of_its_noise():
    X, rows = designs(6, 3, 20)
    whole = torch.linalg.qr(torch.cat([X, X @ torch.ones(3, 1, dtype=DOUBLE)], 2), mode="r").R
    clean = Blocks(whole, torch.full((6,), 0.7, dtype=DOUBLE), rows, 0 * rows)
    found = repeat(clean, 0.2, 2, generator=seeding.generator(6))
    drawn = torch.randn(2, 6, 4, generator=seeding.generator(6), dtype=DOUBLE)
    for n in range(2):
        noisy = whole.clone()
        noisy[..., -1] += 0.2 * drawn[n]
        alone = fit(clean._replace(triangle=noisy))
        torch.testing.assert_close(found.value[n], alone.value, rtol=1e-12, atol=0)
        torch.testing.assert_close(found.standard_error[n], alone.standard_error, rtol=1e-10, atol=0)
