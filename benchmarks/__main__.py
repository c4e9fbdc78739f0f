"""``python -m benchmarks``: see `benchmarks.command`."""

from benchmarks.command import main

main()
