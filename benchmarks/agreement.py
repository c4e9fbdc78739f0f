"""Whether a peer did the same work: its numbers against threefactor's in float64."""

from torch import Tensor

from benchmarks.peers import ours
from benchmarks.peers.contract import Work
from benchmarks.problem import Problem, precise
from threefactor.training.trial import learn

# Relative error that float32 may have. One trial rounds at 6e-8 a step, which its chaos (gain 1.5, up to 33 time
# constants) amplifies; a learning run amplifies it once more, and clips at other entries where rounding decides.
TOLERANCE = {"forward": 1e-3, "tangents": 1e-3, "reverse": 1e-2, "bptt": 1e-3, "learning_run": 1e-2}
EXACT = 1e-9  # of float64, over the same amplification
LEARNING_RUNS = ("reverse", "learning_run")

# A proposed update V this near to the clip is clipped or not by rounding: as shares of the clip, and of the root mean
# square of V, out of large terms of which a small V is left over.
NEAR_CLIP, NEAR_SIZE = 1e-3, 1e-4


class Reference:
    """The numbers of one piece in float64."""

    def __init__(self, piece: str, problem: Problem) -> None:
        self.piece, self.problem = piece, precise(problem)
        work: Work = ours.PEER.pieces[piece](self.problem)
        self.numbers = work.read(work.run())
        self.undecided = _undecided(self.problem) if piece == "tangents" else None

    def error(self, numbers: dict[str, Tensor]) -> float:
        """Return the largest relative error of a peer's numbers; NaN counts as infinite.

        Of a learning run it is the error in the median network: in some networks a rounding error grows without bound.
        """
        errors = [self._error(name, numbers[name].double()) for name in self.numbers]
        return max(x if x == x else float("inf") for x in errors)

    def _error(self, name: str, found: Tensor) -> float:
        """Return the relative error of one number, of its change where it is one that learning moves."""
        wanted, start = self.numbers[name], _start(self.problem, name)
        difference, change = found - wanted, wanted - start
        if name == "weight_tangent" and self.undecided is not None:
            difference = difference.masked_fill(self.undecided[:, None], 0)
        if self.piece in LEARNING_RUNS:
            sizes = [x.reshape(len(x), -1).norm(dim=1) for x in (difference, change)]
            return (sizes[0] / sizes[1]).median().item()
        return (difference.norm() / change.norm()).item()


def _start(problem: Problem, name: str) -> Tensor | float:
    """Return what stood there before the trial."""
    return {
        "weights": problem.before.network.weights,
        "weight_tangent": problem.tangents.weight,
    }.get(name, 0.0)


def _undecided(problem: Problem) -> Tensor:
    """Return the weights whose proposed update lies at the clip; b i j."""
    params = problem.rule.params
    free = problem.rule._replace(params=params._replace(clip=float("inf"), weight_decay=0.0))
    _, outcome = learn(free, problem.before, *problem.experiences[0])
    size = outcome.update.square().mean((1, 2), keepdim=True).sqrt()
    return (outcome.update.abs() - params.clip).abs() < NEAR_CLIP * params.clip + NEAR_SIZE * size
