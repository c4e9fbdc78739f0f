"""Figures are drawn without torch, unless they read arrays: importing it takes long."""

import subprocess
import sys

SCRIPT = """
import sys
import threefactor.pipeline.draw
import threefactor.stages.align.figures.descent
assert "torch" not in sys.modules
import threefactor.pipeline.job
assert "torch" in sys.modules  # so that the line above can fail
"""


def test_a_figure_of_tables_is_drawn_without_torch():
    subprocess.check_call([sys.executable, "-c", SCRIPT])
