"""Run a stage or a tool: ``python -m threefactor --help``."""

import sys

from threefactor.cli.main import catch_termination, main

catch_termination()
sys.exit(main())
