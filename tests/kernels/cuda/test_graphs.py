"""Scans in recorded chunks: the places, the carry and the remainder, with a plain call in the place of a graph."""

import pytest
import torch

from kernels.arguments import close, double, draw, same
from threefactor.kernels.cuda import graphs, scans
from threefactor.kernels.cuda.device import GPU, current, on
from threefactor.kernels.torch import scans as reference

NAMES = ("scan", "tangent_scan", "adjoint_scan", "trace_scan")


class Recorder:
    """Records by calling, replays by calling again and copying into the first results; counts both."""

    def __init__(self) -> None:
        self.recorded = self.replayed = 0

    def __call__(self, run, device):
        """Take the place of a graph's capture."""
        outputs = run()
        self.recorded += 1

        def replay():
            self.replayed += 1
            for to, value in zip(outputs, run(), strict=True):
                to.copy_(value)

        return outputs, replay


@pytest.fixture
def recorder():
    """Let graphs of five steps be recorded without a GPU, for which no kernel can be compiled."""
    made = Recorder()
    with on(GPU._replace(capability=lambda device: None, capture=made, steps=5)):
        yield made


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("steps", [4, 5, 6, 10, 13])
def test_chunks_equal_the_whole_bit_for_bit(recorder, name, steps):
    arguments = double(draw(name, 4, 3, steps=steps))
    before = [x.clone() for x in arguments if isinstance(x, torch.Tensor)]
    found = getattr(graphs, name)(*arguments)
    assert same(found, getattr(reference, name)(*arguments))
    assert (recorder.recorded, recorder.replayed) == ((1, -(-steps // 5)) if steps >= 5 else (0, 0))
    assert same(tuple(x for x in arguments if isinstance(x, torch.Tensor)), tuple(before))


@pytest.mark.parametrize("name", NAMES)
def test_a_recording_serves_other_numbers_and_lengths(recorder, name):
    for seed, steps in enumerate((11, 7, 11)):
        arguments = double(draw(name, 4, 3, steps=steps, seed=seed))
        earlier = getattr(graphs, name)(*arguments)
        kept = tuple(x.clone() for x in (earlier if isinstance(earlier, tuple) else (earlier,)))
        getattr(graphs, name)(*double(draw(name, 4, 3, steps=steps, seed=seed + 10)))
        assert same(earlier, kept)  # a result is not one of the recording's places
        assert same(earlier, getattr(reference, name)(*arguments))
    assert recorder.recorded == 1


def test_each_shape_precision_and_leak_has_its_recording(recorder):
    weights, drive, start, clamped, leak = draw("scan", 4)
    for arguments in (
        (weights, drive, start, clamped, leak),
        (weights, drive, start, clamped, 2 * leak),
        double((weights, drive, start, clamped, leak)),
        draw("scan", 6),
        (weights, drive, start, clamped, leak),
    ):
        assert same(graphs.scan(*arguments), reference.scan(*arguments))
    assert recorder.recorded == 4


@pytest.mark.parametrize("name", NAMES)
def test_where_no_kernel_runs_the_graphs_do(recorder, name):
    """In float64, with too many units, and where no kernel can be compiled."""

    def launch(*arguments):
        pytest.fail("launched")

    for units, as_given, capability in ((4, double, None), (4, tuple, None), (300, tuple, (9, 0))):
        if name == "trace_scan" and units == 300:
            continue  # a trace has room for any number
        arguments = as_given(draw(name, units, 3, batch=1))
        with on(current()._replace(capability=lambda device, found=capability: found, launch=launch)):
            found = getattr(scans, name)(*arguments)
        assert close(found, getattr(reference, name)(*arguments), 1e-12)
    assert recorder.recorded == (2 if name == "trace_scan" else 3)
