"""Compare the results of two versions: ``python -m benchmarks.same_results OLD NEW``.

OLD is a folder of results of version 0.1, NEW one of the same settings today.  Files, columns and names that are called
otherwise now are mapped; every table and every array that both versions write is compared, number by number.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from safetensors.numpy import load_file

FILES = {
    r"metalearn/(\w+)/scalars\.csv": r"metalearn/\1/hyperparameters.csv",
    r"prune/(\w+)/worth\.csv": r"prune/\1/contributions.csv",
    r"families/members\.csv": "families/rules.csv",
    r"ablate/omissions\.csv": "ablation/ablation.csv",
    r"judge/(rules|pairs|waiting|published)\.csv": r"compare_conditions/\1.csv",
    r"found/savings\.csv": "metalearning_report/savings.csv",
    r"transfer/regime_a/(.*)": r"transfer/sparse_large/\1",
}
"""Old paths below the results, and what they are now."""

COLUMNS = {
    "soft_error": "smoothed_error_rate",
    "kicks_share": "perturbation_r2",
    "same_member": "same_class",
    "member": "rule_class",
    "omission": "ablation",
    "closed": "gap_closed",
    "regime": "plasticity_strength",
    "stabiliser": "baseline_exponent",
    "robust": "clipped",
    "way": "progress",
    "lifetime": "trials_per_network",
}
"""Parts of old names of columns, between underscores or dots, and what they are now."""

CELLS = {
    "plasticity.stabiliser": "plasticity.baseline_exponent",
    "regime_a": "sparse_large",
    "robust": "clipped",
    "with own weight": "weight-dependent",
    "own weight": "weight-dependent",
}
"""Old texts of cells, and what they are now."""

TIMED = ("seconds", "seconds_needed")
"""Columns that depend on the machine."""


def main(old: Path, new: Path) -> int:
    """Compare, print a line per file that differs, and return how many do."""
    differing = compared = numbers = 0
    for path in sorted([*old.rglob("*.csv"), *old.rglob("*.safetensors")]):
        relative = path.relative_to(old).as_posix()
        other = new / renamed(relative)
        if not other.exists():
            print(f"{relative}: no {other}")
            differing += 1
            continue
        count, problems = compare(path, other)
        compared, numbers, differing = compared + 1, numbers + count, differing + bool(problems)
        for problem in problems:
            print(f"{relative}: {problem}")
    print(f"{compared} files with {numbers} numbers compared, {differing} differ")
    return differing


def renamed(path: str) -> str:
    """Return what an old path is called now."""
    for pattern, now in FILES.items():
        path = re.sub(f"^{pattern}$", now, path)
    return path


def compare(old: Path, new: Path) -> tuple[int, list[str]]:
    """Return how many numbers were compared, and what differs."""
    if old.suffix == ".csv":
        return compare_tables(read(old), read(new))
    one, other = load_file(old), load_file(new)
    problems = [f"array {name} is missing" for name in one if name not in other]
    both = [(name, one[name], other[name]) for name in one if name in other]
    problems += [f"array {name} differs" for name, a, b in both if not same(a, b)]
    return sum(a.size for _, a, _ in both), problems


def compare_tables(one: pd.DataFrame, other: pd.DataFrame) -> tuple[int, list[str]]:
    """Compare column by column, under the names of today."""
    one = one.rename(columns={name: column(str(name), other) for name in one})
    problems = [f"column {name} is missing" for name in one if name not in other]
    if len(one) != len(other):
        return 0, [f"{len(one)} rows, now {len(other)}"]
    shared = [name for name in one if name in other and name not in TIMED]
    one, other = ordered(one, shared), ordered(other, shared)
    problems += [
        f"column {name} differs{by(one[name], other[name])}"
        for name in shared
        if not alike(one[name], other[name])
    ]
    return len(one) * len(shared), problems


def ordered(table: pd.DataFrame, shared: list[str]) -> pd.DataFrame:
    """Order rows by their texts, under the names of today; rows of equal texts stay as they are."""
    texts = [
        name for name in shared if table[name].dtype == object or str(table[name].dtype) in ("str", "string")
    ]
    named = table.assign(
        **{name: [CELLS.get(str(cell), str(cell)) for cell in table[name]] for name in texts}
    )
    return named.sort_values(texts, kind="stable", ignore_index=True) if texts else table


def column(name: str, other: pd.DataFrame) -> str:
    """Return what an old column is called now."""
    if name in other:
        return name
    for part, now in COLUMNS.items():
        name = re.sub(rf"(?<![a-z]){part}(?![a-z])", now, name)
    return name


def alike(a: "pd.Series[float]", b: "pd.Series[float]") -> bool:
    """Tell whether two columns have the same cells, texts under the names of today."""
    if a.dtype != object and b.dtype != object and a.dtype.kind in "fiub" and b.dtype.kind in "fiub":
        return same(a.to_numpy(float), b.to_numpy(float))
    return [CELLS.get(str(cell), str(cell)) for cell in a] == [str(cell) for cell in b]


def by(a: "pd.Series[float]", b: "pd.Series[float]") -> Iterator[str] | str:
    """Say by how much two columns of numbers differ."""
    try:
        return f" by up to {np.nanmax(np.abs(a.to_numpy(float) - b.to_numpy(float))):.3g}"
    except (TypeError, ValueError):
        pairs = [(x, y) for x, y in zip(a, b, strict=True) if str(x) != str(y)]
        return f": {pairs[0][0]!r}, now {pairs[0][1]!r}"


def same(a: np.ndarray, b: np.ndarray) -> bool:
    """Tell whether two arrays are equal to the last bit, NaN being equal to NaN."""
    return a.shape == b.shape and bool(np.array_equal(a, b, equal_nan=a.dtype.kind == "f"))


def read(path: Path) -> pd.DataFrame:
    """Read a table with every digit."""
    return pd.read_csv(path, keep_default_na=False, na_values=[""], float_precision="round_trip")


if __name__ == "__main__":
    sys.exit(bool(main(Path(sys.argv[1]), Path(sys.argv[2]))))
