"""`manage.py runapi` as a process: what it says without a schema, and that it ends when it is told to."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from api.tokens.secret import new_token
from tests.support.daemon_process import ROOT, clean_environment, eventually


@pytest.mark.long
def test_it_serves_without_a_schema_refuses_what_it_cannot_know_and_ends_in_time(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = clean_environment({"EWS_DATA_DIR": str(tmp_path), "DATABASE_URL": ""})
    command = [sys.executable, "manage.py", "runapi", "--serve", f"127.0.0.1:{port}"]
    with (
        (tmp_path / "log").open("w+") as log,
        subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        ) as process,
    ):

        def answer(path: str) -> httpx.Response:
            headers = {"Authorization": f"Bearer {new_token()}"}
            return httpx.get(f"http://127.0.0.1:{port}{path}", headers=headers, trust_env=False, timeout=20)

        def answers() -> bool:
            try:
                return answer("/healthz").status_code == 503
            except httpx.TransportError:
                return False

        eventually(answers, 60, "it serves")
        refused = answer("/api/v1/risk")
        assert refused.status_code == 503 and refused.json()["data_status"] == "unknown"
        other = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)
        assert other.returncode == 2 and "nothing can be served" in other.stderr
        began = time.monotonic()
        process.terminate()
        assert process.wait(10) == 0 and time.monotonic() - began < 8
        log.seek(0)
        text = log.read()
    assert "Traceback" not in text and "SIGTERM received" in text and "api_apitoken" in text
