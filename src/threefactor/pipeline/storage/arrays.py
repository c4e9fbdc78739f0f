"""Named arrays in safetensors files whose bytes depend on the arrays alone."""

import contextlib
import errno
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from threefactor.pipeline.storage.whole import whole

Array = torch.Tensor | np.ndarray
"""What a named array may be when it is written; it is always read back as a tensor."""

METADATA = "json"
"""The one metadata key: safetensors keeps several in no fixed order, which would change the bytes."""


def save(path: Path, arrays: Mapping[str, Array], metadata: Mapping[str, object] | None = None) -> None:
    """Write named arrays, whole or not at all.

    Parameters
    ----------
    path : Path
        The file to write.
    arrays : mapping of str to Tensor or ndarray
        Any shapes and dtypes; tensors may lie on any device and are written contiguous.
    metadata : mapping, optional
        Whatever JSON can hold.
    """
    with whole([path]) as (partial,):
        write(partial, arrays, metadata)


def write(path: Path, arrays: Mapping[str, Array], metadata: Mapping[str, object] | None = None) -> None:
    """Write named arrays straight to `path`; see `save`."""
    tensors = {name: torch.as_tensor(array).detach().cpu().contiguous() for name, array in arrays.items()}
    # A copy for each name: safetensors refuses tensors that share memory.
    separate = {name: tensor.clone() for name, tensor in sorted(tensors.items())}
    with _system_errors(path):
        save_file(separate, path, metadata={METADATA: json.dumps(dict(metadata or {}), sort_keys=True)})


def load(path: Path, device: str | torch.device = "cpu") -> dict[str, torch.Tensor]:
    """Read all named arrays of a file to `device`."""
    with _system_errors(path), safe_open(path, framework="pt", device=str(device)) as file:
        return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a mapping)


def metadata(path: Path) -> dict[str, object]:
    """Read the metadata of a file without its arrays."""
    with _system_errors(path), safe_open(path, framework="pt") as file:
        found: dict[str, object] = json.loads((file.metadata() or {}).get(METADATA, "{}"))
    return found


@contextlib.contextmanager
def _system_errors(path: Path) -> Iterator[None]:
    """Turn what safetensors raises - of a full disk as of a broken file - into an error of the system."""
    try:
        yield
    except SafetensorError as problem:
        raise OSError(errno.EIO, f"safetensors: {problem}", str(path)) from problem
