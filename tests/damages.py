"""What befalls files: cut off, swapped, overwritten by something else, written by other code."""

import pickle

import numpy as np
import torch

from threefactor.pipeline.storage import arrays, outputs

PAGE = b"<!DOCTYPE html>\n<html><body>504 Gateway Time-out</body></html>\n"


def _changed(path, number):
    """Write a number in the place of another; in a file without numbers bytes."""
    if path.suffix == ".csv":
        table = outputs.read_table(path)
        outputs.save({path: table.astype(object).where(table != table.iloc[-1, -1], number)})
    elif path.suffix == ".safetensors":
        found = arrays.load(path)
        first = next(iter(found))
        arrays.save(path, found | {first: torch.full_like(found[first], float(number))})
    else:
        path.write_bytes(path.read_bytes() + str(number).encode())


def _without(path):
    """Leave out a column or an array; in another file the first half."""
    if path.suffix == ".csv":
        outputs.save({path: outputs.read_table(path).iloc[:, 1:]})
    elif path.suffix == ".safetensors":
        outputs.save({path: dict(list(arrays.load(path).items())[1:])})
    else:
        path.write_bytes(path.read_bytes()[len(path.read_bytes()) // 2 :])


def _turned(path):
    """Turn arrays; in other files lines."""
    if path.suffix == ".safetensors":
        arrays.save(
            path, {name: one.mT if one.ndim > 1 else one[:-1] for name, one in arrays.load(path).items()}
        )
    else:
        path.write_bytes(b"\n".join(path.read_bytes().splitlines()[::-1]) + b"\nmore")


DAMAGES = {
    "empty": lambda path: path.write_bytes(b""),
    "cut in half": lambda path: path.write_bytes(path.read_bytes()[: len(path.read_bytes()) // 2]),
    "without its last byte": lambda path: path.write_bytes(path.read_bytes()[:-1]),
    "without its last row": lambda path: path.write_bytes(b"".join(path.read_bytes().splitlines(True)[:-1])),
    "HTML": lambda path: path.write_bytes(PAGE),
    "a pickle": lambda path: path.write_bytes(pickle.dumps({"a": np.zeros(3)})),
    "UTF-16": lambda path: path.write_bytes(path.read_bytes().decode("latin-1").encode("utf-16")),
    "Latin-1": lambda path: path.write_bytes(path.read_bytes() + "é".encode("latin-1")),
    "bytes of zero": lambda path: path.write_bytes(bytes(len(path.read_bytes()))),
    "NaN": lambda path: _changed(path, "nan"),
    "infinity": lambda path: _changed(path, "inf"),
    "without a column": _without,
    "of another shape": _turned,
}
"""Each changes a file in its place."""
