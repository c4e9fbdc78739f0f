"""MLflow in a browser: the address is the last thing that is printed."""

import os
import signal
import socket
import subprocess
import sys
import time

import pytest

from threefactor.cli import ui
from threefactor.cli.main import main

SERVER = """
import sys, time, http.server
print("noise of a server that starts", flush=True)
time.sleep(0.5)
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
    def log_message(self, *_):
        pass
with http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler) as server:
    server.handle_request()
"""


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def test_the_address_comes_when_the_server_answers_and_after_its_noise(capfd):
    port = free_port()
    status = ui.serve([sys.executable, "-c", SERVER, str(port)], f"http://127.0.0.1:{port}/health", "ADDRESS")
    assert status == 0
    said = capfd.readouterr()
    assert said.out.splitlines() == ["noise of a server that starts", "ADDRESS (Ctrl-C ends it)"]


def test_a_server_that_fails_has_no_address(capfd):
    command = [sys.executable, "-c", "import sys; sys.exit(3)"]
    assert ui.serve(command, f"http://127.0.0.1:{free_port()}/health", "ADDRESS") == 3
    assert "ADDRESS" not in capfd.readouterr().out


def test_a_port_that_is_taken_is_refused(capsys, tmp_path):
    (tmp_path / "settings.yaml").write_text(f"tracking: {{uri: 'sqlite:///{tmp_path}/mlflow.db'}}")
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert main(["ui", "--config", str(tmp_path / "settings.yaml"), "--port", str(port)]) == 2
    assert f"--port {port}: must be free" in capsys.readouterr().err


def test_the_server_that_the_settings_name_is_shown_though_it_has_the_usual_port(tmp_path):
    database, port = f"sqlite:///{tmp_path}/mlflow.db", free_port()
    command = [sys.executable, "-m", "mlflow", "server", "--backend-store-uri", database, "--port", str(port)]
    (tmp_path / "settings.yaml").write_text(f"tracking: {{uri: 'http://127.0.0.1:{port}'}}")
    asked = [sys.executable, "-m", "threefactor", "ui", "--port", str(port), "--config"]
    with subprocess.Popen([*command, "--workers", "1"], cwd=tmp_path, start_new_session=True) as server:
        try:
            wait(port)
            done = subprocess.run([*asked, str(tmp_path / "settings.yaml")], capture_output=True, check=False)
        finally:
            os.killpg(server.pid, signal.SIGTERM)
    assert done.returncode == 0, done.stderr
    assert done.stdout.decode().startswith(f"http://127.0.0.1:{port}/#/experiments/")


def wait(port):
    """Wait until something answers on a port."""
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)


def test_without_a_store_there_is_nothing_to_show(capsys, tmp_path):
    (tmp_path / "settings.yaml").write_text("tracking: {uri: ''}")
    assert main(["ui", "--config", str(tmp_path / "settings.yaml")]) == 2
    assert capsys.readouterr().err.startswith("Error: tracking.uri = '': must be ")


@pytest.mark.parametrize("kind", ["a file that is no database", "a server that is dead"])
def test_a_store_that_cannot_be_opened_is_refused_in_one_line(capsys, tmp_path, kind):
    uri = f"http://somebody:secret@127.0.0.1:{free_port()}"
    if kind == "a file that is no database":
        (tmp_path / "mlflow.db").write_bytes(b"no database " * 1000)
        uri = f"sqlite:///{tmp_path}/mlflow.db"
    (tmp_path / "settings.yaml").write_text(f"tracking: {{uri: '{uri}'}}")
    assert main(["ui", "--config", str(tmp_path / "settings.yaml"), "--port", str(free_port())]) == 1
    line = capsys.readouterr().err.splitlines()[-1]
    assert line.startswith("Error: tracking.uri = ")
    assert "must be a store that can be opened: " in line
    assert "secret" not in line
