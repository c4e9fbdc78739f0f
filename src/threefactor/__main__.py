"""Run a stage or a tool: ``python -m threefactor --help``."""

import sys

from threefactor.cli.main import main

sys.exit(main())
