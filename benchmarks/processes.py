"""Two processes on two cores against one: how much of the second core is gained."""

import json
import subprocess
import sys
import time
from statistics import median

from benchmarks.peers import ours
from benchmarks.problem import make
from benchmarks.settings import Case

Row = dict[str, object]


def measure(case: Case, cores: list[int], seconds: float, rounds: int) -> list[Row]:
    """Return for forward and tangents how many times the calls of one process two make."""
    if len(cores) < 2:
        print("\nTwo processes: there is only one core here")
        return []
    pieces = ("forward", "tangents") if rounds > 1 else ("forward",)
    return [_piece(piece, case, cores[:2], seconds, rounds) for piece in pieces]


def show(rows: list[Row]) -> None:
    """Print the ratios."""
    for row in rows:
        print(
            f"\nTwo processes, {row['piece']}: {row['ratio']:.2f} times the calls of one by the clock, "
            f"{row['cpu_ratio']:.2f} by CPU time (what two free cores give)"
        )


def _piece(piece: str, case: Case, cores: list[int], seconds: float, rounds: int) -> Row:
    """Run each worker alone and then both, over and over."""
    workers = [_start(piece, case, core) for core in cores]
    for worker in workers:
        _line(worker)  # it is ready
    clock, processor = [], []
    for _ in range(rounds):
        alone = [_rates([worker], seconds) for worker in workers]
        both = _rates(workers, seconds)
        for ratios, n in ((clock, 0), (processor, 1)):
            ratios.append(2 * both[n] / sum(rate[n] for rate in alone))
    for worker in workers:
        worker.communicate("stop\n")
    return {"piece": piece, "ratio": median(clock), "cpu_ratio": median(processor), "ratios": clock}


def work(piece: str, case: Case) -> None:
    """Make calls for as many seconds as each line of the standard input says; print calls per s of clock and of CPU."""
    run = ours.PEER.pieces[piece](make(case)).run
    run()
    print("ready", flush=True)
    for line in sys.stdin:
        if line.strip() == "stop":
            break
        calls, begin, used, seconds = 0, time.perf_counter(), time.process_time(), float(line)
        while time.perf_counter() - begin < seconds:
            run()
            calls += 1
        print(calls / (time.perf_counter() - begin), calls / (time.process_time() - used), flush=True)


def _start(piece: str, case: Case, core: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks", "work", json.dumps(case), piece]
    command += ["--core", str(core)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _rates(workers: list[subprocess.Popen[str]], seconds: float) -> list[float]:
    """Return calls per second of clock and of CPU, summed over workers that run at the same time."""
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write(f"{seconds}\n")
        worker.stdin.flush()
    rates = [[float(rate) for rate in _line(worker).split()] for worker in workers]
    return [sum(column) for column in zip(*rates, strict=True)]


def _line(worker: subprocess.Popen[str]) -> str:
    assert worker.stdout is not None
    line = worker.stdout.readline()
    if not line:
        raise RuntimeError(f"a worker of the benchmarks ended with code {worker.wait()}")
    return line
