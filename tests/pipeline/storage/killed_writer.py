"""Write a file and be killed before it has its name; run as a script."""

import os
import signal
import sys
from pathlib import Path

from threefactor.pipeline.storage.whole import whole

if __name__ == "__main__":
    with whole([Path(sys.argv[1])]) as (partial,):
        partial.write_text("half")
        os.kill(os.getpid(), signal.SIGKILL)
