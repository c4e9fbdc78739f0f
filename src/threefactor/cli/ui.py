"""The record of runs in a browser: MLflow's own page, opened on this experiment."""

import argparse
import os
import signal
import subprocess
import sys
from pathlib import Path

from threefactor.config.load import load
from threefactor.tracking.store import open_store


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the file of settings, which names the store, and the port."""
    parser.add_argument("--config", type=Path, default=Path("config/config.yaml"), help="file of settings")
    parser.add_argument("--port", type=int, default=5000, help="port on 127.0.0.1")


def run(arguments: argparse.Namespace) -> int:
    """Print the address of the experiment and serve it until interrupted."""
    tracking = load(arguments.config).tracking
    if not tracking.uri:
        raise FileNotFoundError("tracking.uri is empty: nothing was recorded")
    _, experiment = open_store(tracking.uri, tracking.experiment)
    if not tracking.uri.startswith("sqlite:"):
        print(f"{tracking.uri}/#/experiments/{experiment}/runs")
        return 0
    address = f"http://127.0.0.1:{arguments.port}/#/experiments/{experiment}/runs"
    print(f"{address} (ready in about 15 s, Ctrl-C ends it)", flush=True)
    options = ["--backend-store-uri", tracking.uri, "--host", "127.0.0.1", "--port", str(arguments.port)]
    command = [sys.executable, "-m", "mlflow", "server", *options]
    # no workers for jobs of language models, which would fill the process table
    environment = {**os.environ, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    with subprocess.Popen(command, start_new_session=True, env=environment) as server:
        return _wait(server)


def _wait(server: "subprocess.Popen[bytes]") -> int:
    """Wait for the server; end it with all its children, which it can leave behind."""
    try:
        return server.wait()
    finally:
        if server.poll() is None:
            os.killpg(server.pid, signal.SIGTERM)
