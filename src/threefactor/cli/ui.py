"""MLflow's pages in a browser, opened on this experiment."""

import argparse
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from threefactor.cli.config_option import add_config, given
from threefactor.experiment.settings.addresses import shown
from threefactor.experiment.settings.errors import SettingsError
from threefactor.pipeline.progress import waiting
from threefactor.pipeline.tracking.courier import Courier
from threefactor.pipeline.tracking.pipeline import left
from threefactor.pipeline.tracking.store import reach

PAUSE = 0.2  # seconds between two looks whether the server answers

QUIET = {
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",  # workers for language models would fill the process table
    "PYTHONWARNINGS": "ignore",  # of libraries, about each other
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the file of settings, which names the store, and the port."""
    add_config(parser)
    parser.add_argument("--port", type=int, default=5000, help="port on 127.0.0.1")


def run(arguments: argparse.Namespace) -> int:
    """Serve the experiment until interrupted; print its address once it answers."""
    config = given(arguments)
    tracking = config.tracking
    if not tracking.uri:
        raise SettingsError("tracking.uri = '': must be the address of a store, to show its runs")
    is_served = tracking.uri.startswith(("http:", "https:"))
    if not is_served:
        _refuse_taken(arguments.port)
    with waiting("the store of runs opens"):
        _, experiment = reach(tracking.uri, tracking.experiment)
        courier = Courier(tracking.uri, tracking.experiment, left(Path(config.results)))
        courier.start()
        courier.stop()  # with what the store did not take before
    if is_served:
        print(f"{shown(tracking.uri).rstrip('/')}/#/experiments/{experiment}/runs")
        return 0
    place = f"http://127.0.0.1:{arguments.port}"
    print("MLflow opens in a few seconds …", flush=True)
    command = [sys.executable, "-m", "mlflow", "server", *_options(tracking.uri, arguments.port)]
    return serve(command, f"{place}/health", f"{place}/#/experiments/{experiment}/runs")


def _options(uri: str, port: int) -> list[str]:
    """Return the options of a server for one reader, which logs warnings only."""
    stores = ["--backend-store-uri", uri, "--registry-store-uri", uri]
    where = ["--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    return [*stores, *where, "--uvicorn-opts", "--log-level warning"]


def _refuse_taken(port: int) -> None:
    """Refuse a port on which another server answers, whose page would be shown instead."""
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            raise SettingsError(f"--port {port}: must be free; another server answers there")


def serve(command: list[str], health: str, address: str) -> int:
    """Run a server until it ends; print the address as soon as it answers."""
    environment = {**os.environ, **QUIET}
    with subprocess.Popen(command, start_new_session=True, env=environment) as server:
        try:
            while server.poll() is None:
                if _answers(health):
                    print(f"{address} (Ctrl-C ends it)", flush=True)
                    break
                time.sleep(PAUSE)
            return server.wait()
        finally:  # end it with all its children, which it can leave behind
            if server.poll() is None:
                os.killpg(server.pid, signal.SIGTERM)


def _answers(health: str) -> bool:
    """Tell whether a server is ready."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # no proxy knows of 127.0.0.1
    try:
        with direct.open(health, timeout=1):
            return True
    except OSError:  # URLError is one
        return False
