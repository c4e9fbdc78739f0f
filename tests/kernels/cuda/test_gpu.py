"""On a GPU itself: kernels, graphs, learning and its tangents against the CPU, and TF32."""

import pytest
import torch

from kernels.arguments import cast, close, double, draw, same
from kernels.learning import differentiated
from threefactor.derivatives import stepwise, two_pass
from threefactor.kernels import scans as chosen
from threefactor.kernels.cuda import graphs, plan, scans
from threefactor.kernels.cuda.device import GPU, on
from threefactor.kernels.precision import matmul
from threefactor.kernels.torch import scans as reference

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU is visible")

NAMES = ("scan", "tangent_scan", "adjoint_scan", "trace_scan")
SIZES = [(5, 1), (37, 9), (128, 16), (128, 81), (200, 9), (200, 16), (200, 36)]
STEPS = 120
ROUNDING = 5e-6  # float32, so many steps


@pytest.fixture
def launches():
    """List the names of the kernels that are launched."""
    names = []
    with on(GPU._replace(launch=lambda *a: (names.append(a[1]), GPU.launch(*a)))):
        yield names


def on_gpu(arguments):
    return tuple(cast(x, "cuda") for x in arguments)


def back(found):
    return tuple(x.cpu() for x in (found if isinstance(found, tuple) else (found,)))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("units", "count"), SIZES)
def test_kernels_equal_the_loop(launches, name, units, count):
    arguments = draw(name, units, count, steps=STEPS, batch=3)
    exact = getattr(reference, name)(*double(arguments))
    assert close(back(getattr(chosen, name)(*on_gpu(arguments))), exact, ROUNDING)
    fits = plan.tangent_scan(units, count, torch.cuda.get_device_capability())
    assert launches == [name] or (name == "tangent_scan" and fits is None)


@pytest.mark.parametrize("name", NAMES)
def test_kernels_give_the_same_bits_again(name):
    """A race would differ sooner or later; so many networks that the multiprocessors are shared."""
    arguments = on_gpu(draw(name, 64, 16, steps=STEPS, batch=300))
    first = getattr(scans, name)(*arguments)
    assert all(same(first, getattr(scans, name)(*arguments)) for _ in range(20))


@pytest.mark.parametrize("name", NAMES)
def test_kernels_run_on_the_current_stream_and_inside_a_graph(name):
    arguments = on_gpu(draw(name, 37, 9, steps=STEPS))
    expected = getattr(scans, name)(*arguments)
    torch.cuda.synchronize()
    stream = torch.cuda.Stream()
    with torch.cuda.stream(stream):
        aside = getattr(scans, name)(*arguments)
    stream.synchronize()
    assert same(aside, expected)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        recorded = getattr(scans, name)(*arguments)
    graph.replay()
    assert same(recorded, expected)


@pytest.mark.parametrize("name", NAMES)
def test_graphs_equal_the_loop(name):
    for seed in (0, 1):
        arguments = double(draw(name, 37, 9, steps=STEPS, seed=seed))
        found = getattr(graphs, name)(*on_gpu(arguments))
        assert close(back(found), getattr(reference, name)(*arguments), 1e-11)
    many = double(draw(name, 400, 2, steps=STEPS))
    assert close(back(getattr(chosen, name)(*on_gpu(many))), getattr(reference, name)(*many), 1e-11)


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-9), (torch.float32, 1e-3)])
def test_learning_and_its_tangents_equal_the_cpu(launches, dtype, tolerance):
    exact = differentiated(stepwise.jvp, "cpu", torch.float64)
    for x, y in zip(back(differentiated(two_pass.jvp, "cuda", dtype)), exact, strict=True):
        torch.testing.assert_close(x.double(), y, rtol=tolerance, atol=0.1 * tolerance * y.abs().max().item())
    if dtype == torch.float32:
        assert set(launches) == set(NAMES)


@pytest.mark.parametrize("activation", ["relu", "softplus"])
def test_other_activations_equal_the_loop(activation):
    """In a kernel, and as a graph where there are too many units for one."""
    for units in (37, 400):
        arguments = draw("scan", units, steps=STEPS, batch=3)
        exact = reference.scan(*double(arguments), activation)
        assert close(back(chosen.scan(*on_gpu(arguments), activation)), exact, 10 * ROUNDING)


def test_gradients_pass_through_a_scan_on_a_gpu():
    arguments = on_gpu(double(draw("scan", 4, steps=3)))
    weights = arguments[0].requires_grad_()
    assert torch.autograd.gradcheck(lambda w: chosen.scan(w, *arguments[1:]), weights)


def test_products_in_tf32_are_within_a_thousandth_and_scans_stay_exact():
    g = torch.Generator().manual_seed(0)
    x, y = (torch.randn(4, 500, 500, generator=g) for _ in range(2))
    exact = x.double() @ y.double()
    with matmul(tf32=True):
        assert close((x.cuda() @ y.cuda()).cpu(), exact, 1e-3)
        rough = (x.cuda() @ y.cuda()).cpu()
        many = draw("tangent_scan", 400, 16, steps=STEPS)  # too many units for a kernel
        found = chosen.tangent_scan(*on_gpu(many))
    assert close(found.cpu(), reference.tangent_scan(*double(many)), ROUNDING)
    fine = (x.cuda() @ y.cuda()).cpu()
    assert close(fine, exact, ROUNDING)
    assert torch.cuda.get_device_capability() < (8, 0) or not torch.equal(rough, fine)
