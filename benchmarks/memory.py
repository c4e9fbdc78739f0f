"""Peak memory of one call, of each peer in a process of its own."""

import ctypes
import gc
import json
import resource
import subprocess
import sys
from pathlib import Path

from benchmarks.peers import ours
from benchmarks.peers.table import peers
from benchmarks.problem import make
from benchmarks.settings import Case

Row = dict[str, object]
STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")
LARGEST = Case("paper", "6x6", 1, 1, 400, 1000)


def measure(case: Case) -> list[Row]:
    """Return peak memory of each piece and peer, of learning runs of two lengths, and of our largest tangents."""
    short, long = case._replace(trials=2), case._replace(trials=6)
    jobs = [(short, piece) for piece in ("forward", "tangents", "learning_run", "reverse", "bptt")]
    jobs += [(long, "learning_run"), (long, "reverse")]
    rows = [ask(which, piece, peer.name) for which, piece in jobs for peer in peers() if piece in peer.pieces]
    return [*rows, ask(LARGEST, "tangents", ours.PEER.name)]


def measure_quickly(case: Case) -> list[Row]:
    """Return peak memory of our tangents."""
    return [ask(case, "tangents", ours.PEER.name)]


def show(rows: list[Row]) -> None:
    """Print the table."""
    print("\nPeak memory of one call beyond what stood before it, and of the whole process, MB")
    for row in rows:
        size = f"N {row['units']}, T {row['steps']}, P {row['coefficients']}, {row['trials']} trials"
        what = f"{row['piece']:9} {row['peer']:25} {size:35}"
        print(f"{what} {row['call_mb']:9.1f} {row['process_mb']:9.0f}")


def answer(case: Case, piece: str, peer: str) -> None:
    """Print the memory of one call of a peer as JSON; runs in a process of its own."""
    (chosen,) = (x for x in peers() if x.name == peer)
    problem = make(case)
    work = chosen.pieces[piece](problem)
    for _ in range(1 if chosen.slow else 2):  # compiles, and fills what is kept from call to call
        work.run()
    gc.collect()
    _give_back()
    before = _reset_peak()
    result = work.run()
    peak = _peak()
    del result
    row = case._asdict() | {"coefficients": case.coefficients, "piece": piece, "peer": peer}
    print(json.dumps(row | {"call_mb": peak - before, "process_mb": peak}))


def ask(case: Case, piece: str, peer: str) -> Row:
    """Run `answer` in a new process."""
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks", "memory-of", json.dumps(case), piece, peer]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{peer}, {piece}: {done.stderr[-2000:]}")
    row: Row = json.loads(done.stdout.splitlines()[-1])
    return row


def _give_back() -> None:
    """Return free memory to the system, so that the next call has to ask for it again."""
    if sys.platform == "linux":
        ctypes.CDLL(None).malloc_trim(0)


def _reset_peak() -> float:
    """Start a new peak where the system can (Linux), and return the memory held now, MB."""
    if CLEAR.exists():
        CLEAR.write_text("5", encoding="ascii")
        return _status("VmRSS")
    return _peak()  # elsewhere only growth beyond the earlier peak is seen


def _peak() -> float:
    if STATUS.exists():
        return _status("VmHWM")
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20


def _status(field: str) -> float:
    lines = STATUS.read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(field))
