"""docs/api.md: each of its commands is run as it stands, and every operation has one."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from alerts.models import Silence
from api.rest.document import document
from events import clock
from tests.api.support import all_is_fresh, manual_event

PAGE = Path(__file__).resolve().parents[2] / "docs" / "api.md"
# curl ends a stream by itself.
_ENDED_BY_TIME = 28


def commands() -> list[str]:
    blocks = re.findall(r"^```sh\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return [block.strip() for block in blocks if block.startswith("curl ")]


def test_every_operation_has_a_command() -> None:
    shown = set()
    for command in commands():
        method = re.search(r"-X (\w+)", command)
        path = re.search(r"\$EWS(/[^\"?]+)", command)
        assert path is not None, command
        default = "post" if " -d " in command else "get"
        shown.add((method[1].lower() if method else default, path[1]))
    lists = (Path(__file__).parents[2] / "docs/bots/lists.md").read_text(encoding="utf-8")
    for path, methods in document()["paths"].items():
        pattern = re.compile(re.sub(r"{\w+}", r"[^/]+", path))
        if path.startswith("/bots/"):
            assert path in lists
            continue
        for method in methods:
            if path not in ("/api/v1/ws", "/api/v1/message/ws"):
                assert any(verb == method and pattern.fullmatch(given) for verb, given in shown), (method, path)


@pytest.mark.long
@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl is here")
def test_every_command_works(api_url: str, token_of: Callable[..., str]) -> None:
    all_is_fresh()
    event = manual_event("FTM")
    silence = Silence.objects.create(
        token="FTM", until=clock.now() + timedelta(hours=1), reason="known", made_by="desk"
    )
    # The page asks for a moment in whole seconds, which must not lie before the first that is recorded.
    time.sleep(1.1)
    given = {"EWS": api_url, "TOKEN": token_of("read", "act"), "EVENT": str(event.pk), "SILENCE": str(silence.pk)}
    script = "\n".join(
        f"""{command.replace("curl -sS", "curl -sS --noproxy '*' -w '<<%{http_code}'", 1)}; echo " $?>>" """
        for command in commands()
    )
    ran = subprocess.run(
        ["bash", "-c", script], env={**os.environ, **given}, capture_output=True, text=True, timeout=60, check=True
    )
    endings = re.findall(r"<<(\d+) (\d+)>>", ran.stdout)
    for command, (status, ended) in zip(commands(), endings, strict=True):
        expected = _ENDED_BY_TIME if "--max-time" in command else 0
        assert status in ("200", "201") and int(ended) == expected, (command, ran.stdout[-3000:], ran.stderr)
