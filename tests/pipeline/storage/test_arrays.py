"""Named arrays in safetensors files."""

import numpy as np
import pytest
import torch

from threefactor.pipeline.storage import arrays


def test_broken_arrays_are_an_error_of_the_system_that_names_the_file(tmp_path):
    (tmp_path / "a.safetensors").write_bytes(b"no arrays")
    with pytest.raises(OSError, match="safetensors: ") as raised:
        arrays.load(tmp_path / "a.safetensors")
    assert raised.value.filename == str(tmp_path / "a.safetensors")


def test_array_bytes_depend_on_the_arrays_alone(tmp_path):
    one, other = torch.arange(6.0).reshape(2, 3), torch.tensor([True, False])
    arrays.save(tmp_path / "a.safetensors", {"x": one, "y": other}, {"p": 1, "q": 2, "r": 3})
    arrays.save(tmp_path / "b.safetensors", {"y": other, "x": one}, {"r": 3, "q": 2, "p": 1})
    assert (tmp_path / "a.safetensors").read_bytes() == (tmp_path / "b.safetensors").read_bytes()
    assert arrays.metadata(tmp_path / "a.safetensors") == {"p": 1, "q": 2, "r": 3}


def test_arrays_come_back_as_they_were(tmp_path):
    square = torch.randn(3, 3, dtype=torch.float64)
    given = {"turned": square.T, "half": square[:2], "numpy": np.arange(4), "scalar": torch.tensor(2)}
    arrays.save(tmp_path / "a.safetensors", given)
    found = arrays.load(tmp_path / "a.safetensors")
    assert all(torch.equal(found[name], torch.as_tensor(value)) for name, value in given.items())
