"""Scans in recorded chunks: the places, the carry and the remainder, with a plain call in the place of a graph."""

import pytest
import torch

from kernels.arguments import close, double, draw, same
from threefactor.kernels.cuda import graphs, scans
from threefactor.kernels.torch import scans as reference

NAMES = ("scan", "tangent_scan", "adjoint_scan", "trace_scan")


@pytest.fixture
def recorded(monkeypatch):
    """Record by calling, replay by calling again and copying into the first results; count both."""
    counts = {"recorded": 0, "replayed": 0}

    def capture(run, device):
        outputs = run()
        counts["recorded"] += 1

        def replay():
            counts["replayed"] += 1
            for to, value in zip(outputs, run(), strict=True):
                to.copy_(value)

        return outputs, replay

    monkeypatch.setattr(graphs, "capture", capture)
    monkeypatch.setattr(graphs, "STEPS", 5)
    graphs._record.cache_clear()
    yield counts
    graphs._record.cache_clear()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("steps", [4, 5, 6, 10, 13])
def test_chunks_equal_the_whole_bit_for_bit(recorded, name, steps):
    arguments = double(draw(name, 4, 3, steps=steps))
    before = [x.clone() for x in arguments if isinstance(x, torch.Tensor)]
    found = getattr(graphs, name)(*arguments)
    assert same(found, getattr(reference, name)(*arguments))
    assert recorded == (
        {"recorded": 1, "replayed": -(-steps // 5)} if steps >= 5 else dict.fromkeys(recorded, 0)
    )
    assert same(tuple(x for x in arguments if isinstance(x, torch.Tensor)), tuple(before))


@pytest.mark.parametrize("name", NAMES)
def test_a_recording_serves_other_numbers_and_lengths(recorded, name):
    for seed, steps in enumerate((11, 7, 11)):
        arguments = double(draw(name, 4, 3, steps=steps, seed=seed))
        earlier = getattr(graphs, name)(*arguments)
        kept = tuple(x.clone() for x in (earlier if isinstance(earlier, tuple) else (earlier,)))
        getattr(graphs, name)(*double(draw(name, 4, 3, steps=steps, seed=seed + 10)))
        assert same(earlier, kept)  # a result is not one of the recording's places
        assert same(earlier, getattr(reference, name)(*arguments))
    assert recorded["recorded"] == 1


def test_each_shape_precision_and_leak_has_its_recording(recorded):
    weights, drive, start, clamped, leak = draw("scan", 4)
    for arguments in (
        (weights, drive, start, clamped, leak),
        (weights, drive, start, clamped, 2 * leak),
        double((weights, drive, start, clamped, leak)),
        draw("scan", 6),
        (weights, drive, start, clamped, leak),
    ):
        assert same(graphs.scan(*arguments), reference.scan(*arguments))
    assert recorded["recorded"] == 4


@pytest.mark.parametrize("name", NAMES)
def test_where_no_kernel_runs_the_graphs_do(recorded, monkeypatch, name):
    """In float64, with too many units, and where the bindings are missing."""
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device=None: (9, 0))
    monkeypatch.setattr(scans, "ready", lambda capability: units == 300)
    monkeypatch.setattr(scans, "launch", lambda *_: pytest.fail("launched"))
    for units, as_given in ((4, double), (4, tuple), (300, tuple)):
        if name == "trace_scan" and units == 300:
            continue  # a trace has room for any number
        arguments = as_given(draw(name, units, 3, batch=1))
        assert close(getattr(scans, name)(*arguments), getattr(reference, name)(*arguments), 1e-12)
    assert recorded["recorded"] == (2 if name == "trace_scan" else 3)
