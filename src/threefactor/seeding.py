"""The only source of randomness: a seed and a purpose give a generator."""

from hashlib import sha256

from torch import Generator


def generator(seed: int, *purpose: str | int) -> Generator:
    """Return a CPU generator that depends on the seed and on each word of the purpose.

    Parameters
    ----------
    seed
        Any integer; the seed of the experiment.
    purpose
        What the numbers are for, e.g. ``"trial", 3, 120``; different words give independent streams.

    Notes
    -----
    Draws are made on the CPU and moved, so that every device sees the same numbers.
    """
    digest = sha256(repr((seed, *purpose)).encode()).digest()
    return Generator().manual_seed(int.from_bytes(digest[:8], "little") >> 1)
