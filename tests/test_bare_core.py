"""The core runs on a machine that has torch and numpy and nothing else."""

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = ROOT / "src/threefactor"

CONTRACT = next(
    one
    for one in tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    if one["name"] == "The core runs with torch and numpy alone"
)

ABSENT = [*{*CONTRACT["forbidden_modules"]} - {"jinja2"}, "numba"]  # torch imports Jinja

CORE = [name.removeprefix("threefactor.") for name in CONTRACT["source_modules"]]

PACKAGES = [name for name in CORE if (SOURCES / name).is_dir()]

PROGRAM = """
import importlib
import pkgutil
import sys
for name in {absent}:
    sys.modules[name] = None  # importing it fails
import torch
import threefactor
from threefactor import seeding
from threefactor.contract import Rule
from threefactor.kernels.backend import choose
from threefactor.learning_rules import polynomial
from threefactor.learning_rules.polynomial import Polynomial
from threefactor.metalearning.estimators import pathwise
from threefactor.metalearning.trial_record import Noise
from threefactor.network import initial
from threefactor.tasks import dnms
from threefactor.network.perturbation import Sparse
from threefactor.training.environment import Environment, experience
from threefactor.training.trial import start_learning

for name in {packages}:
    package = importlib.import_module("threefactor." + name)
    for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if not found.name.startswith("threefactor.kernels.cpu"):  # compiled with numba
            importlib.import_module(found.name)

assert choose(torch.zeros(1)) == "torch"
net = initial.draw(units=12, inputs=2, outputs=1, gain=1.5, input_scale=2.0, clamped={{1: 1.0}}, readout="unit",
                   leak=0.1, generators=[seeding.generator(1, n) for n in range(3)])
theta = torch.zeros(4, 4); theta[3, 3] = -1
params = Polynomial(theta, ((1, 1), (3, 3)), 0.01, 3e-3, 1.0, 0.05, False, 1.0, 0.0, 10.0, 3)
rule = Rule("polynomial", params, polynomial.init, polynomial.update, 0.7, 2)
environment = Environment(dnms.make(1000, 20, 0.98, "graded"), 0.1, Sparse(0.5, 0.02))
trials = [experience(environment, net, h, generator=seeding.generator(1, "h", h)) for h in range(8)]
found = pathwise.estimate(rule, start_learning(rule, net, 4), trials, noise=Noise(), generator=seeding.generator(0))
assert found.finite.all() and (found.gradient != 0).any()
print("bare")
"""


def test_the_core_needs_torch_and_numpy_alone():
    program = PROGRAM.format(absent=ABSENT, packages=PACKAGES)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "bare", done.stderr


def imported(path):
    """Name the packages that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module.partition(".")[0]


@pytest.mark.parametrize("name", CORE)
def test_the_core_imports_nothing_else(name):
    """Numba and CUDA are named in `kernels` alone; NeuroGym in the task that needs it; locks need filelock."""
    others = {
        "locks": {"filelock"},  # which torch needs, too
        "kernels/cpu": {"numba", "llvmlite"},
        "kernels/cuda": {"cuda"},
        "tasks/neurogym": {"neurogym", "gymnasium"},
    }
    for path in sorted((SOURCES / name).rglob("*.py")) or [SOURCES / f"{name}.py"]:
        place = path.relative_to(SOURCES).as_posix()
        allowed = {"torch", "numpy", "threefactor", *sys.stdlib_module_names}
        allowed |= {name for part, names in others.items() if place.startswith(part) for name in names}
        assert set(imported(path)) <= allowed, place
