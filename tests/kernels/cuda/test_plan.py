"""Plans, and the kernels compiled by NVRTC without a GPU: what is called supported fits the device and spills nothing."""

import subprocess
import sys

import pytest

from threefactor.kernels.cuda import build, plan, resources
from threefactor.kernels.cuda.launch import ready
from threefactor.kernels.cuda.plan import SHARED, Plan
from threefactor.kernels.cuda.resources import CAPABILITIES, fits, measure

needs_nvrtc = pytest.mark.skipif(
    not all(ready(capability) for capability in CAPABILITIES),
    reason="there is no NVRTC (cuda-bindings and nvidia-cuda-nvrtc): the kernels cannot be compiled here",
)
COUNTS = (1, 9, 16, 36, 81)


def largest(supports):
    """Return the largest number of units with support; all below have it too."""
    supported = [units for units in range(1, 400) if supports(units)]
    assert supported == list(range(1, len(supported) + 1))
    return len(supported)


@needs_nvrtc
@pytest.mark.parametrize("capability", CAPABILITIES)
def test_what_is_supported_fits_and_spills_nothing(capability):
    most = largest(lambda units: plan.scan(units, capability) is not None)
    assert most >= 200
    layouts = {plan.scan(units, capability) for units in (5, 64, 128, 200, most)}
    for count in (1, 16, 36):
        most = largest(lambda units, count=count: plan.tangent_scan(units, count, capability) is not None)
        layouts.add(plan.tangent_scan(most, count, capability))
    layouts |= {plan.tangent_scan(*size, capability) for size in ((37, 9), (128, 16), (160, 36))}
    layouts.add(plan.trace_scan(capability))
    layouts |= {plan.of_activation(plan.scan(200, capability), name) for name in ("relu", "softplus")}
    assert not [layout for layout in layouts if not fits(layout, capability)]


@needs_nvrtc
def test_what_is_not_supported_does_not_fit():
    """For one unit more: each layout of the state scan spills, the tangents find no room for the weights."""
    capability = (9, 0)
    most = largest(lambda units: plan.scan(units, capability) is not None)
    quads, tried = -(-(most + 1) // 4), []
    for columns in range(4, 61, 4):
        groups = max(4, -(-(most + 1) // columns))
        layout = Plan("scan", (("N", most + 1), ("K", columns), ("G", groups)), quads * groups, 0)
        if 4 * columns < plan.registers(layout.threads, capability):  # else the weights alone do not fit
            tried.append(layout)
    assert tried
    assert not [layout for layout in tried if fits(layout, capability)]


@pytest.mark.parametrize("capability", CAPABILITIES)
@pytest.mark.parametrize("count", COUNTS)
def test_tangents_are_supported_up_to_the_shared_memory(capability, count):
    room = SHARED[capability]
    most = largest(lambda units: plan.tangent_scan(units, count, capability) is not None)
    assert plan.tangent_scan(most, count, capability).shared <= room
    quads, tiles = -(-(most + 1) // 4), -(-count // 4)
    fewest = -(-tiles // max(1, min(plan.TANGENT_TILES, plan.TANGENT_THREADS // quads)))
    thinnest = -(-tiles // (2 * fewest))  # tiles of a slice where twice as many blocks share them
    assert 16 * (most + 1) * (quads + thinnest) > room  # weights and vectors, one group


@pytest.mark.parametrize("capability", CAPABILITIES)
def test_slices_cover_the_coefficients(capability):
    for units in (1, 37, 128, 180):
        for count in range(1, 130):
            layout = plan.tangent_scan(units, count, capability)
            room = 4 * dict(layout.defines)["S"]
            assert (layout.slices - 1) * room < count <= layout.slices * room


def test_what_devices_support():
    def supported(units, count, capability):
        return None not in (plan.scan(units, capability), plan.tangent_scan(units, count, capability))

    assert supported(200, 36, (9, 0))
    assert supported(200, 36, (10, 0))
    assert supported(200, 16, (8, 0))
    assert not supported(200, 36, (8, 0))  # 163 KB of shared memory
    assert not supported(228, 16, (9, 0))  # 65536 registers
    assert not supported(64, 16, (7, 5))  # too old
    assert plan.scan(200, (8, 0))


@needs_nvrtc
def test_the_table_of_resources_names_each_kernel():
    words = "\n".join(resources.table())
    assert all(name in words for name in ("adjoint_scan", "tangent_scan", "does not fit"))
    assert {kernel.kernel for kernel in measure(plan.scan(64, (9, 0)), (9, 0))} == {"scan", "adjoint_scan"}


@needs_nvrtc
def test_a_source_that_does_not_compile_says_why():
    with pytest.raises(RuntimeError, match=r"scan\.cu does not compile for \(9, 0\)(.|\n)*undefined"):
        build.compiled(Plan("scan", (), 32, 0), (9, 0))


LAZY = """
import sys
sys.modules["cuda"] = None  # importing it fails
import torch
from threefactor.kernels import scans
scans.tangent_scan(*(torch.zeros(s) for s in ((1, 3, 3), (1, 2, 3), (1, 2, 1, 3), (1, 1, 3))), torch.zeros(3) > 0, 0.1)
print(any(name.startswith("threefactor.kernels.cuda") for name in sys.modules))
from threefactor.kernels.cuda import launch, scans as _
print(launch.ready((9, 0)))
"""


def test_a_cpu_loads_nothing_of_the_gpu_and_the_gpu_code_loads_without_bindings():
    done = subprocess.run([sys.executable, "-c", LAZY], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["False", "False"], done.stderr


def test_bindings_without_their_library_are_not_ready(tmp_path):
    bindings = tmp_path / "cuda/bindings"
    bindings.mkdir(parents=True)
    (bindings / "__init__.py").touch()
    (bindings / "nvrtc.py").write_text(
        'def nvrtcGetSupportedArchs():\n    raise RuntimeError("no libnvrtc")\n'
    )
    script = f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n" + (
        "from threefactor.kernels.cuda import build, launch\nprint(build.available(), launch.ready((9, 0)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["True", "False"], done.stderr
