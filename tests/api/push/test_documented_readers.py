"""The two readers of docs/contracts/stream.md, as they are printed there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from events import clock
from events.lifecycle import close_event
from tests.api.push.test_stream import beat
from tests.api.support import manual_event

PAGE = Path(__file__).parents[3] / "docs/contracts/stream.md"
# What a browser has and node has not; a page's address is relative to its host.
BROWSER = r"""
const url = process.env.EWS_URL;
async function getTicket() {
  const headers = {Authorization: "Bearer " + process.env.EWS_TOKEN};
  return (await (await fetch(url + "/api/v1/ticket", {method: "POST", headers})).json()).ticket;
}
function show(status, rows) { console.log(status, JSON.stringify([...rows.keys()].sort())); }
class EventSource {
  constructor(path) { this.read(url + path).catch(() => {}).then(() => this.open && this.onerror()); }
  open = true;
  close() { this.open = false; }
  async read(address) {
    const text = new TextDecoder(); let rest = "";
    for await (const bytes of (await fetch(address)).body) {
      const parts = (rest + text.decode(bytes, {stream: true})).split("\n\n");
      rest = parts.pop();
      for (const part of parts) {
        const data = part.split("\n").find((line) => line.startsWith("data: "));
        if (data && this.open) this.onmessage({data: data.slice(6)});
      }
    }
  }
}
"""


def printed(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert found
    return found[1]


@contextmanager
def running(command: list[str], url: str, token: str) -> Iterator[Callable[[str], None]]:
    """Runs a reader; gives a function that waits for a line."""
    environment = {**os.environ, "EWS_URL": url, "EWS_TOKEN": token, "PYTHONUNBUFFERED": "1", "NO_PROXY": "*"}
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, bufsize=1
    )
    assert process.stdout
    lines = process.stdout

    def wait_for(expected: str) -> None:
        seen = []
        for line in lines:
            seen.append(line)
            if line.strip().replace('"', "'").replace("','", "', '") == expected:
                return
        raise AssertionError(f"{expected} never came: {seen}")

    try:
        yield wait_for
    finally:
        process.kill()
        process.wait()
        lines.close()


def test_the_readers_of_the_page_hold_the_view(api_url: str, token_of: Callable[..., str]) -> None:
    node = shutil.which("node")
    commands = [[sys.executable, "-c", printed("python")]]
    if node:
        commands.append([node, "-e", BROWSER + printed("javascript")])
    beat()
    event = manual_event("DOGE")
    token = token_of()
    with ExitStack() as stack:
        readers = [stack.enter_context(running(command, api_url, token)) for command in commands]
        for wait_for in readers:
            wait_for("fresh ['DOGE']")
        manual_event("SHIB")
        for wait_for in readers:
            wait_for("fresh ['DOGE', 'SHIB']")
        close_event(event.pk, clock.database_now(), by="test", reason="over")
        for wait_for in readers:
            wait_for("fresh ['SHIB']")
    if not node:
        pytest.skip("there is no node here: the JavaScript reader was not run")
