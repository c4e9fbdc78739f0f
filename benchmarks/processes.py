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
    """Return for forward and tangents the calls per second of one process, of two, and their ratio."""
    if len(cores) < 2:
        print("\nTwo processes: only one core is allowed here")
        return []
    pieces = ("forward", "tangents") if rounds > 1 else ("forward",)
    return [_piece(piece, case, cores[:2], seconds, rounds) for piece in pieces]


def _piece(piece: str, case: Case, cores: list[int], seconds: float, rounds: int) -> Row:
    workers = [_start(piece, case, core) for core in cores]
    for worker in workers:
        _line(worker)  # it is ready
    alone, both, ratios = [], [], []
    for _ in range(rounds):
        one = [_calls(workers[n : n + 1], seconds) for n in (0, 1)]
        alone.append(sum(one) / 2)
        both.append(_calls(workers, seconds))
        ratios.append(both[-1] / alone[-1])
    for worker in workers:
        worker.communicate("stop\n")
    row: Row = {"piece": piece, "one": median(alone), "two": median(both), "ratio": median(ratios)}
    print(
        f"\nTwo processes, {piece}, {case.label}: {row['ratio']:.2f} times the calls of one "
        f"({', '.join(f'{ratio:.2f}' for ratio in ratios)})"
    )
    return row


def work(piece: str, case: Case) -> None:
    """Make calls for as many seconds as each line of the standard input says, and print calls per second."""
    run = ours.PEER.pieces[piece](make(case)).run
    run()
    print("ready", flush=True)
    for line in sys.stdin:
        if line.strip() == "stop":
            break
        calls, begin, seconds = 0, time.perf_counter(), float(line)
        while time.perf_counter() - begin < seconds:
            run()
            calls += 1
        print(calls / (time.perf_counter() - begin), flush=True)


def _start(piece: str, case: Case, core: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks", "work", json.dumps(case), piece]
    command += ["--core", str(core)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _calls(workers: list[subprocess.Popen[str]], seconds: float) -> float:
    """Return the calls per second of all workers, running at the same time."""
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write(f"{seconds}\n")
        worker.stdin.flush()
    return sum(float(_line(worker)) for worker in workers)


def _line(worker: subprocess.Popen[str]) -> str:
    assert worker.stdout is not None
    line = worker.stdout.readline()
    if not line:
        raise RuntimeError(f"a worker of the benchmarks ended with code {worker.wait()}")
    return line
