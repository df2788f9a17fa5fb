from __future__ import annotations

import ast
import json
import logging
import os
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import agencyportal.simulator
from agencyportal.simulator.command import main
from agencyportal.simulator.server import Simulator
from agencyportal.simulator.store import StateError
from tests.agencyportal.simulator.client import AGENCY, Client

PACKAGE = Path(agencyportal.simulator.__file__).parent
NORDICS = "7301846225110446081"


class TestStart:
    @pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "example.org"])
    def test_it_binds_loopback_only(self, host: str, capsys):
        with pytest.raises(ValueError, match="loopback"):
            Simulator(host=host)
        assert main(["--host", host]) == 2
        assert "loopback" in capsys.readouterr().err

    def test_it_says_which_port_is_taken(self, running: Simulator, capsys):
        port = int(running.base_url.rsplit(":", 1)[1])
        assert main(["--port", str(port)]) == 2
        assert f"Ports {port} and {port + 1}" in capsys.readouterr().err

    def test_it_says_when_the_second_port_is_taken(self, capsys):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1] - 1
            assert main(["--port", str(port)]) == 2

    @pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"name": "demo"}', "\0"])
    def test_it_refuses_a_state_file_it_cannot_read(
        self, tmp_path: Path, text: str, capsys
    ):
        path = tmp_path / "state.json"
        path.write_text(text)
        with pytest.raises(StateError):
            Simulator(state=path)
        assert main(["--port", "0", "--state", str(path)]) == 2
        assert "--fresh" in capsys.readouterr().err
        assert path.read_text() == text

    def test_it_imports_the_standard_library_and_itself_only(self):
        allowed = set(sys.stdlib_module_names) | {"__future__"}
        for path in PACKAGE.glob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                names = []
                if isinstance(node, ast.Import):
                    names = [alias.name for alias in node.names]
                elif isinstance(node, ast.ImportFrom):
                    assert node.level == 0
                    names = [node.module or ""]
                for name in names:
                    is_own = name.startswith("agencyportal.simulator")
                    assert is_own or name.split(".")[0] in allowed, (path, name)


class TestState:
    def test_it_keeps_tokens_and_shares_over_a_restart(self, tmp_path: Path):
        path = tmp_path / "deep" / "state.json"
        with Simulator(state=path) as simulator:
            tiktok = Client(simulator)
            sofia, priya = tiktok.token("sofia"), tiktok.token("priya")
            halden = tiktok.center("Halden Outdoor")
            tiktok.share(sofia, halden, [NORDICS])
            tiktok.switch(refusal_error=True)
            unused = tiktok.code("mira")
        with Simulator(state=path) as simulator:
            tiktok = Client(simulator)
            assert tiktok.shared(priya, halden) == {NORDICS: "OPERATOR"}
            assert tiktok.get("bc/get/", sofia).code == 0
            assert tiktok.see("switches")["refusal_error"]["value"] is True
            values = tiktok.app() | {"auth_code": unused}
            assert tiktok.post("oauth2/access_token/", **values).code == 0

    def test_it_forgets_all_when_fresh(self, tmp_path: Path):
        path = tmp_path / "state.json"
        with Simulator(state=path) as simulator:
            sofia = Client(simulator).token("sofia")
        with Simulator(state=path, fresh=True) as simulator:
            assert Client(simulator).get("bc/get/", sofia).code == 40105
        assert "sofia" in path.read_text()
        assert sofia not in path.read_text()

    def test_it_writes_before_it_answers(self, tmp_path: Path):
        path = tmp_path / "state.json"
        with Simulator(state=path) as simulator:
            sofia = Client(simulator).token("sofia")
            assert sofia in path.read_text()

    def test_it_keeps_the_file_to_its_owner(self, tmp_path: Path):
        path = tmp_path / "state.json"
        with Simulator(state=path) as simulator:
            Client(simulator).token("sofia")
        assert path.stat().st_mode & 0o777 == 0o600
        assert [one.name for one in tmp_path.iterdir()] == ["state.json"]

    def test_it_is_one_world_for_many_threads(self, tmp_path: Path):
        path = tmp_path / "state.json"
        with Simulator(state=path) as simulator:
            tiktok = Client(simulator)
            token, priya = tiktok.token("greta"), tiktok.token("priya")
            bc_id = tiktok.center("Vance Motors")
            ids = tiktok.owned(bc_id)[:40]
            with ThreadPoolExecutor(20) as pool:
                codes = pool.map(
                    lambda one: tiktok.share(token, bc_id, [one]).code, ids
                )
                assert set(codes) == {0}
            assert set(tiktok.shared(priya, bc_id)) == set(ids)
        assert len(json.loads(path.read_text())["shares"]) == 40 + 1

    def test_it_starts_in_a_named_world(self):
        with Simulator(world="agency") as simulator:
            assert Client(simulator).see("")["world"] == "agency"


class TestRequests:
    @pytest.mark.parametrize("host", ["evil.example", "evil.example:8100", ""])
    def test_it_refuses_other_host_names(self, tiktok: Client, host: str):
        answer = tiktok.send("GET", "/_control/app", headers={"Host": host})
        assert answer.status == 421
        assert "secret" not in answer.text

    def test_it_answers_to_localhost(self, tiktok: Client):
        headers = {"Host": "localhost:8100"}
        assert tiktok.send("GET", "/_control/app", headers=headers).status == 200

    @pytest.mark.parametrize(
        ("headers", "status"),
        [
            ({"Content-Length": "-1"}, 411),
            ({"Content-Length": "²"}, 411),
            ({"Content-Length": "2000000"}, 413),
            ({"Transfer-Encoding": "chunked"}, 411),
        ],
    )
    def test_it_refuses_bodies_it_cannot_measure(
        self, tiktok: Client, headers: dict[str, str], status: int
    ):
        address = tiktok.simulator.base_url.removeprefix("http://").split(":")
        lines = [f"{name}: {value}" for name, value in headers.items()]
        head = "\r\n".join(["POST / HTTP/1.1", "Host: 127.0.0.1", *lines, "", ""])
        with socket.create_connection((address[0], int(address[1])), 5) as connection:
            connection.sendall(head.encode("latin-1"))
            assert f" {status} ".encode() in connection.recv(100)

    def test_it_has_no_other_pages(self, tiktok: Client):
        assert tiktok.send("GET", "/nothing").status == 404
        assert tiktok.send("POST", "/").status == 405

    def test_it_serves_the_next_request_on_the_same_connection(self, tiktok: Client):
        address = tiktok.simulator.base_url.removeprefix("http://").split(":")
        request = b"GET /open_api/v1.3/bc/get/ HTTP/1.1\r\nHost: localhost\r\n\r\n"
        with socket.create_connection((address[0], int(address[1])), 5) as connection:
            for _ in range(3):
                connection.sendall(request)
                assert b"40104" in connection.recv(4000)

    def test_it_logs_one_line_without_secrets(self, tiktok: Client, sofia: str, caplog):
        app, code = tiktok.app(), tiktok.code("sofia")
        with caplog.at_level(logging.INFO, logger="agencyportal.simulator"):
            caplog.clear()
            tiktok.get("oauth2/advertiser/get/", sofia, **app)
            tiktok.post("oauth2/access_token/", **app, auth_code=code)
            tiktok.send("GET", f"/portal/finish?ticket={code}")
        assert len(caplog.messages) == 3
        assert caplog.messages[0].startswith(
            "GET /open_api/v1.3/oauth2/advertiser/get/ 200 (0) "
        )
        text = "\n".join(caplog.messages)
        assert not any(one in text for one in (sofia, code, app["secret"]))


def test_it_runs_as_a_command_and_stops_on_sigterm(tmp_path: Path):
    path = tmp_path / "state.json"
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "agencyportal.simulator", "--port", "0"),
            *("--state", str(path)),
        ],
        cwd=PACKAGE.parent.parent,
        env={"PATH": os.environ["PATH"]},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("Simulated TikTok on http://127.0.0.1:")
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 0
    finally:
        process.kill()
        process.wait()
    assert AGENCY in path.read_text()
