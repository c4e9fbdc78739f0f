"""What is measured: presets of settings, grids of coefficients and sizes."""

from pathlib import Path
from typing import NamedTuple

import yaml

from threefactor.pipeline.settings.load import parse
from threefactor.pipeline.settings.model import Base

ROOT = Path(__file__).resolve().parent.parent
PIECES = ("forward", "tangents", "reverse", "bptt")
FILES = {"default": "config/config.yaml", "paper": "config/paper.yaml"}

# powers of rate and of deviation that make a grid of coefficients; all of them carry tangents
GRIDS = {
    "3x3": tuple(range(3)),
    "4x4": tuple(range(4)),
    "6x6": tuple(range(6)),
    "odd": (1, 3, 5),
    "33": (3,),
}


class Case(NamedTuple):
    """One size of the problem."""

    preset: str  # which settings file gives the constants
    grid: str  # a key of GRIDS
    networks: int  # B
    trials: int  # K, of a learning run that reverse goes back through
    units: int  # N
    steps: int  # T

    @property
    def powers(self) -> tuple[int, ...]:
        """Powers of rate and of deviation."""
        return GRIDS[self.grid]

    @property
    def coefficients(self) -> int:
        """Return P."""
        return len(self.powers) ** 2

    @property
    def label(self) -> str:
        """What a reader calls it."""
        return f"{self.preset}, N {self.units}, T {self.steps}, B {self.networks}, P {self.coefficients} ({self.grid})"


class Plan(NamedTuple):
    """The cases of a run and how long to look at each."""

    cases: tuple[Case, ...]
    rounds: int  # of the interleaved measurement
    budget: float  # CPU seconds of one entry after which no further round is begun
    slow: float  # CPU seconds of one call above which an entry is left out, with its reason


DEFAULT = Case("default", "4x4", 32, 8, 128, 100)
PAPER = Case("paper", "4x4", 1, 4, 200, 1000)
FULL = Plan(
    (
        *(DEFAULT._replace(grid=grid) for grid in ("odd", "3x3", "4x4", "6x6")),
        *(PAPER._replace(grid=grid) for grid in ("3x3", "4x4", "6x6")),
        PAPER._replace(networks=8),
    ),
    rounds=5,
    budget=3.0,
    slow=60.0,
)
QUICK = Plan(
    (
        Case("default", "odd", 2, 2, 32, 20),
        Case("paper", "3x3", 1, 2, 32, 50),
    ),
    rounds=1,
    budget=0.5,
    slow=10.0,
)


def config(case: Case) -> Base:
    """Return the settings of the preset with the sizes of the case."""
    raw = yaml.safe_load((ROOT / FILES[case.preset]).read_text(encoding="utf-8"))
    step = parse(raw, FILES[case.preset]).network.time_step_ms
    raw["network"] = raw.get("network", {}) | {"units": case.units}
    raw["task"] = raw.get("task", {}) | {"duration_ms": case.steps * step}
    return parse(raw, FILES[case.preset])
