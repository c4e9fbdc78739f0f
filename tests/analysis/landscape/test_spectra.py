import torch

from random_numbers import noise
from threefactor.analysis.landscape.spectra import SPECTRUM, spectra, spectrum_table

CLAMPED = torch.tensor([False, False, True, False])


def test_spectra_leave_clamped_units_out_of_the_eigenvalues_only():
    initial, final = noise(2, 4, 4), noise(2, 4, 4, seed=1)
    found = spectra(initial, final, CLAMPED)
    assert (found.change.shape, found.initial.shape, found.final.shape) == ((2, 4), (2, 3), (2, 3))
    torch.testing.assert_close(found.change.square().sum(1), (final - initial).square().sum((1, 2)))
    table = spectrum_table([5, 9], found)
    assert table.network.tolist() == [5] * 4 + [9] * 4
    assert table.final_real.isna().tolist() == [False, False, False, True] * 2
    assert set(table.columns) == set(SPECTRUM.names()) - {"learning_rule", "level"}
